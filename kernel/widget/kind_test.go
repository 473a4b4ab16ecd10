package widget

import "testing"

// Each class is the position of its kind, and styles are kinds too.
func TestClasses(t *testing.T) {
	kinds := Kinds()
	for class, name := range map[Class]string{
		FloatSlider: "FloatSlider", IntSlider: "IntSlider", SelectionSlider: "SelectionSlider", Dropdown: "Dropdown",
		Checkbox: "Checkbox", Button: "Button", HTML: "HTML", Image: "Image", Output: "Output", VBox: "VBox", HBox: "HBox",
		layoutClass: "Layout", sliderStyle: "SliderStyle", descriptionStyle: "DescriptionStyle",
		checkboxStyle: "CheckboxStyle", buttonStyle: "ButtonStyle", htmlStyle: "HTMLStyle",
	} {
		if kinds[class].Name != name {
			t.Errorf("class %d is %s, want %s", class, kinds[class].Name, name)
		}
	}
	for _, k := range kinds {
		_, isTrait := k.Traits[k.Input]
		if k.Input != "" && k.Input != click && !isTrait {
			t.Errorf("%s has no trait %s", k.Name, k.Input)
		}
		s := k.State()
		for _, name := range []string{"_model_name", "_model_module", "_model_module_version", "_view_name", "_view_module", "_view_module_version"} {
			if text, ok := s[name].(string); !ok || text == "" {
				t.Errorf("%s of %s is %v", name, k.Name, s[name])
			}
		}
	}
}
