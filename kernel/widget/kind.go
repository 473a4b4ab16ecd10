package widget

import "maps"

// State holds the traits of a widget by name. Values have JSON forms; a []byte is sent as a binary buffer.
type State map[string]any

// Kind is a class of widgets in the front end.
type Kind struct {
	Name  string // "IntSlider"; the model is IntSliderModel
	Input string // trait that users change, or event that they cause; "" if there is none
	// Traits holds the initial state, without the names of classes and modules. Other traits of the class keep the
	// front end's defaults.
	Traits State

	module  string
	version string
	view    string // class of the view; "" for Name + "View"
	viewOf  string // module of the view; "" for module
	style   Class
}

// Modules of the front end and the versions of their models.
const (
	controls        = "@jupyter-widgets/controls"
	base            = "@jupyter-widgets/base"
	output          = "@jupyter-widgets/output"
	controlsVersion = "2.0.0"
	baseVersion     = "2.0.0"
	outputVersion   = "1.0.0"
)

// click is the input of a button: an event, not a trait.
const click = "click"

// Class is the position of a kind in [Kinds].
type Class int

// Classes of widgets.
const (
	FloatSlider Class = iota
	IntSlider
	SelectionSlider
	Dropdown
	Checkbox
	Button
	HTML
	Image
	Output
	VBox
	HBox
	layoutClass
	sliderStyle
	descriptionStyle
	checkboxStyle
	buttonStyle
	htmlStyle
	unstyled Class = -1
)

// Kinds returns the kinds of widgets, in the order of their classes.
func Kinds() []Kind {
	return append(inputs(), []Kind{
		{Name: "HTML", style: htmlStyle, Traits: State{"value": "", "description": "", "placeholder": "\u200b"}},
		{Name: "Image", style: unstyled, Traits: State{
			"value": []byte{}, "format": "png", "width": "", "height": ""}},
		{Name: "Output", style: unstyled, module: output, version: outputVersion, Traits: State{
			"outputs": []any{}, "msg_id": ""}},
		{Name: "VBox", style: unstyled, Traits: State{"children": []string{}, "box_style": ""}},
		{Name: "HBox", style: unstyled, Traits: State{"children": []string{}, "box_style": ""}},
		{Name: "Layout", style: unstyled, module: base, version: baseVersion, Traits: State{}},
		styleKind("SliderStyle", State{described: ""}),
		styleKind("DescriptionStyle", State{described: ""}),
		styleKind("CheckboxStyle", State{described: ""}),
		styleKind("ButtonStyle", State{}),
		styleKind("HTMLStyle", State{described: ""}),
	}...)
}

// inputs returns the kinds that users change.
func inputs() []Kind {
	with := func(a, b State) State {
		all := maps.Clone(a)
		maps.Copy(all, b)
		return all
	}
	labelled := State{"description": "", "disabled": false}
	slider := with(labelled, State{"continuous_update": true, "orientation": "horizontal", "readout": true})
	return []Kind{
		{Name: "FloatSlider", Input: "value", style: sliderStyle, Traits: with(slider, State{
			"value": 0.0, "min": 0.0, "max": 100.0, "step": 0.1, "readout_format": ".2f"})},
		{Name: "IntSlider", Input: "value", style: sliderStyle, Traits: with(slider, State{
			"value": 0, "min": 0, "max": 100, "step": 1, "readout_format": "d"})},
		{Name: "SelectionSlider", Input: "index", style: sliderStyle, Traits: with(slider, State{
			"index": 0, "_options_labels": []string{}})},
		{Name: "Dropdown", Input: "index", style: descriptionStyle, Traits: with(labelled, State{
			"index": nil, "_options_labels": []string{}})},
		{Name: "Checkbox", Input: "value", style: checkboxStyle, Traits: with(labelled, State{
			"value": false, "indent": true})},
		{Name: "Button", Input: click, style: buttonStyle, Traits: with(labelled, State{
			"button_style": "", "icon": ""})},
	}
}

// labelWidth is the width of labels, so that the controls of a panel are aligned.
const labelWidth = "6em"

// described is the trait of styles that holds the width of the label.
const described = "description_width"

func styleKind(name string, traits State) Kind {
	return Kind{Name: name, style: unstyled, view: "StyleView", viewOf: base, Traits: traits}
}

// State returns the complete initial state of the kind.
func (k Kind) State() State {
	s := maps.Clone(k.Traits)
	module, version := k.module, k.version
	if module == "" {
		module, version = controls, controlsVersion
	}
	s["_model_name"], s["_model_module"], s["_model_module_version"] = k.Name+"Model", module, version
	view, of, at := k.view, module, version
	if view == "" {
		view = k.Name + "View"
	}
	if k.viewOf != "" {
		of, at = k.viewOf, baseVersion
	}
	s["_view_name"], s["_view_module"], s["_view_module_version"] = view, of, at
	return s
}
