package session

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"smoothlab/certify"
	"smoothlab/internal/suggest"
	"smoothlab/language"
	"smoothlab/report"
	"smoothlab/robust"

	"go.starlark.net/starlark"
)

// reportValue is a report as a value of the language. Its attributes are the report's fields under their JSON names,
// with help from the fields' help tags.
type reportValue struct {
	language.Base
	r     report.Report
	parts []part // attributes in addition to the report's fields, or in place of them
	self  saver  // what save() writes: the value itself, or one that embeds it
}

// part is an attribute in addition to the fields of the report, or in place of one.
type part struct {
	name, help string
	value      func() starlark.Value
}

func newReportValue(r report.Report, parts ...part) *reportValue {
	v := &reportValue{r: r, parts: parts}
	v.self = v
	return v
}

var (
	_ language.Described = (*reportValue)(nil)
	_ language.Described = (*recordValue)(nil)
)

// documentedReports lists the reports documented by help and the reference page. Every field of these reports, and of
// the structs in them, has a help tag.
func documentedReports() []struct {
	help string
	of   *reportValue
} {
	return []struct {
		help string
		of   *reportValue
	}{
		{"One row of certificates, such as k[0].", newReportValue(report.Certificate{})},
		{"Result of predict() for an image.", newReportValue(report.Prediction{})},
		{"Result of compare().", comparison(certify.Comparison{})},
		{"Result of attack(). a[0] is its first image.", newAttackValue(report.Attack{}, robust.Job{}, nil).reportValue},
		{"Result of calibrate().", newReportValue(report.Calibration{})},
		{"Result of evaluate().", newReportValue(report.Evaluation{})},
		{"Result of logits(). l[0] is its first image.", newReportValue(report.Logits{})},
		{
			"The search paths of a walk, one per image: w.path[0] belongs to the first image, w.path[0][4] is a point of it.",
			newReportValue(report.WalkPath{}, part{"images", imagesOfPath, nil}),
		},
		{
			"The search path of one image, such as w.path[0]. Its elements are points.",
			newReportValue(report.SearchPath{}, part{"path", pointsOfPath, nil}),
		},
		{
			"One image of an attack, such as a[0]. Its elements are the points that were found.",
			anyAttacked().reportValue,
		},
		{
			"A point near an image, found by a search: a step of w.path[0], or a[0].point of an attack. predict(), certify(), " +
				"evaluate() and logits() take it like an image; showing it draws the image, the point, and their difference.",
			newReportValue(report.Point{}),
		},
		{"Result of a ladder's forecast().", newReportValue(report.Forecast{})},
	}
}

// comparison returns a comparison as a value of the language. Its first estimate is the difference of ACR.
func comparison(c certify.Comparison) *reportValue {
	return newReportValue(
		report.Comparison{Comparison: c},
		part{
			"acr",
			"the difference of ACR, with attributes difference, error, low and high, which the comparison has too",
			func() starlark.Value { return record(c.Estimate) },
		},
	)
}

// reportKinds returns the kinds of the documented reports and of the structs in them.
func reportKinds() []*language.Kind {
	var kinds []*language.Kind
	for _, e := range documentedReports() {
		kinds = append(kinds, e.of.Kind())
		walkRecords(reflect.TypeOf(e.of.r), e.of.replaces, func(t reflect.Type) {
			k := recordKind(t)
			if !slices.ContainsFunc(kinds, func(other *language.Kind) bool { return other.Name == k.Name }) {
				kinds = append(kinds, k)
			}
		})
	}
	return kinds
}

// replaces reports whether a part takes the place of the field of that name.
func (v *reportValue) replaces(name string) bool {
	return slices.ContainsFunc(v.parts, func(p part) bool { return p.name == name })
}

// walkRecords visits the structs in the fields of a struct, except in fields to skip, and except plans, which have
// their own kind.
func walkRecords(t reflect.Type, skip func(name string) bool, visit func(reflect.Type)) {
	for _, f := range fields(t) {
		if skip(jsonName(f)) {
			continue
		}
		elem := f.Type
		for elem.Kind() == reflect.Slice || elem.Kind() == reflect.Pointer {
			elem = elem.Elem()
		}
		if elem.Kind() == reflect.Struct && elem != reflect.TypeFor[certify.Plan]() {
			visit(elem)
			walkRecords(elem, func(string) bool { return false }, visit)
		}
	}
}

// kindOf returns the kind of a value whose attributes are the fields of a struct.
func kindOf(name string, t reflect.Type) *language.Kind {
	k := &language.Kind{Name: name}
	for _, f := range fields(t) {
		k.Attributes = append(k.Attributes, fieldAttribute(jsonName(f), f.Tag.Get("help")))
	}
	return k
}

// fieldAttribute describes an attribute that Attr of the value returns.
func fieldAttribute(name, help string) language.Attribute {
	return language.AttrErr(name, help, func(v starlark.HasAttrs) (starlark.Value, error) { return v.Attr(name) })
}

func (v *reportValue) Kind() *language.Kind {
	k := kindOf(v.Type(), reflect.TypeOf(v.r))
	for _, p := range v.parts {
		k.Attributes = slices.DeleteFunc(k.Attributes, func(a language.Attribute) bool { return a.Name == p.name })
		k.Attributes = append(k.Attributes, fieldAttribute(p.name, p.help))
	}
	if v.saves() {
		k.Methods = append(k.Methods, saveMethod())
	}
	for _, e := range documentedReports() {
		if e.of.r.Type() == v.r.Type() {
			k.Help = e.help
		}
	}
	return k
}

func (v *reportValue) Report() report.Report { return v.r }
func (v *reportValue) String() string        { return plainText(v.r) }

// Type returns the name of the report without its version: "walk_loss".
func (v *reportValue) Type() string {
	name := strings.TrimPrefix(v.r.Type(), "smoothlab.")
	name, _, _ = strings.Cut(name, "/")
	return name
}

func (v *reportValue) Attr(name string) (starlark.Value, error) {
	for _, p := range v.parts {
		if p.name == name {
			return p.value(), nil
		}
	}
	if name == "save" && v.saves() {
		return (&language.Kind{Methods: []*language.Function{saveMethod()}}).Get(v.self, name)
	}
	if x, ok := field(reflect.ValueOf(v.r), name); ok {
		return x, nil
	}
	if name == "save" {
		switch v.r.(type) {
		case report.CertifyTable, report.Figure:
			return nil, fmt.Errorf("a %s is written by the function that makes it: add save=\"FILE\" to its arguments",
				v.Type())
		}
	}
	return nil, errors.New(suggest.Sentence("attribute of "+v.Type(), name, v.AttrNames()))
}

func (v *reportValue) AttrNames() []string {
	names := fieldNames(reflect.TypeOf(v.r))
	for _, p := range v.parts {
		if !slices.Contains(names, p.name) {
			names = append(names, p.name)
		}
	}
	if v.saves() {
		names = append(names, "save")
	}
	return names
}

// record returns a struct as a value of the language.
func record(x any) *recordValue { return &recordValue{v: reflect.ValueOf(x)} }

// recordValue is a struct within a report.
type recordValue struct {
	language.Base
	v reflect.Value
}

func (r *recordValue) Type() string         { return strings.ToLower(r.v.Type().Name()) }
func (r *recordValue) AttrNames() []string  { return fieldNames(r.v.Type()) }
func (r *recordValue) Kind() *language.Kind { return recordKind(r.v.Type()) }

func recordKind(t reflect.Type) *language.Kind {
	k := kindOf(strings.ToLower(t.Name()), t)
	k.Help = "A part of another value."
	return k
}

// String uses the struct's own String method, if it has one.
func (r *recordValue) String() string {
	if s, ok := r.v.Interface().(fmt.Stringer); ok {
		return s.String()
	}
	var parts []string
	for _, name := range r.AttrNames() {
		x, _ := field(r.v, name)
		parts = append(parts, name+"="+x.String())
	}
	return r.Type() + "(" + strings.Join(parts, ", ") + ")"
}

func (r *recordValue) Attr(name string) (starlark.Value, error) {
	if x, ok := field(r.v, name); ok {
		return x, nil
	}
	return nil, errors.New(suggest.Sentence("attribute of "+r.Type(), name, r.AttrNames()))
}

// fields returns the fields of a struct that have JSON names, including those of embedded structs. Fields named
// pictures are skipped.
func fields(t reflect.Type) []reflect.StructField {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	var list []reflect.StructField
	for i := range t.NumField() {
		f := t.Field(i)
		switch name := jsonName(f); {
		case f.Anonymous && name == "":
			list = append(list, fields(f.Type)...)
		case name != "" && name != "-" && name != "pictures":
			list = append(list, f)
		}
	}
	return list
}

// fieldNames returns the JSON names of fields.
func fieldNames(t reflect.Type) []string {
	var names []string
	for _, f := range fields(t) {
		names = append(names, jsonName(f))
	}
	return names
}

// jsonName returns the JSON name of a field, or "".
func jsonName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name
}

// field returns the field with a JSON name, as a value of the language.
func field(v reflect.Value, name string) (starlark.Value, bool) {
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	for i := range v.NumField() {
		f := v.Type().Field(i)
		tag := jsonName(f)
		if f.Anonymous && tag == "" {
			if x, ok := field(v.Field(i), name); ok {
				return x, true
			}
		} else if tag == name && name != "" && name != "pictures" {
			return toStarlark(v.Field(i)), true
		}
	}
	return nil, false
}

// toStarlark converts Go data to a value of the language.
func toStarlark(v reflect.Value) starlark.Value {
	switch v.Kind() {
	case reflect.String:
		return starlark.String(v.String())
	case reflect.Bool:
		return starlark.Bool(v.Bool())
	case reflect.Int:
		return starlark.MakeInt(int(v.Int()))
	case reflect.Uint64:
		return starlark.MakeUint64(v.Uint())
	case reflect.Uint8:
		return starlark.MakeInt(int(v.Uint()))
	case reflect.Float64:
		return starlark.Float(v.Float())
	case reflect.Slice, reflect.Array:
		elems := make([]starlark.Value, v.Len())
		for i := range elems {
			elems[i] = toStarlark(v.Index(i))
		}
		return starlark.NewList(elems)
	case reflect.Map:
		d := starlark.NewDict(v.Len())
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
		for _, key := range keys {
			if err := d.SetKey(toStarlark(key), toStarlark(v.MapIndex(key))); err != nil {
				return starlark.None
			}
		}
		return d
	case reflect.Struct:
		return &recordValue{v: v}
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			return toStarlark(v.Elem())
		}
	}
	return starlark.None
}
