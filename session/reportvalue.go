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

	"go.starlark.net/starlark"
)

// figuresValue is a report as a value of the language: it shows itself, and its numbers are attributes under the names
// of its JSON form, explained by the tag help of its fields.
type figuresValue struct {
	language.Base
	r     report.Report
	parts []part // that have a name of their own
}

// part is an attribute that is no field of the report.
type part struct {
	name, help string
	value      any
}

func figures(r report.Report, parts ...part) *figuresValue { return &figuresValue{r: r, parts: parts} }

var (
	_ language.Described = (*figuresValue)(nil)
	_ language.Described = (*recordValue)(nil)
)

// explained are the reports that help and the reference page explain, and with them what they are made of. In them, and
// in all that they hold, every field has its help.
func explained() []struct {
	help string
	of   *figuresValue
} {
	return []struct {
		help string
		of   *figuresValue
	}{
		{"One row of certificates, k[0].", figures(report.Certificate{})},
		{"What predict() says of an image.", figures(report.Prediction{})},
		{"What compare() gives.", comparison(certify.Comparison{})},
		{"What attack() gives.", figures(report.Attack{})},
		{"What calibrate() gives.", figures(report.Calibration{})},
		{"What a ladder's forecast() gives.", figures(report.Forecast{})},
	}
}

// comparison is a comparison, whose first estimate is that of the ACR.
func comparison(c certify.Comparison) *figuresValue {
	return figures(
		report.Comparison{Comparison: c},
		part{
			"acr",
			"the difference of ACR: difference, error, low and high, which are the comparison's own too",
			c.Estimate,
		},
	)
}

// figureKinds are the kinds of what is explained.
func figureKinds() []*language.Kind {
	var kinds []*language.Kind
	for _, e := range explained() {
		kinds = append(kinds, e.of.Kind())
		walkRecords(reflect.TypeOf(e.of.r), func(t reflect.Type) {
			k := recordKind(t)
			if !slices.ContainsFunc(kinds, func(other *language.Kind) bool { return other.Name == k.Name }) {
				kinds = append(kinds, k)
			}
		})
	}
	return kinds
}

// walkRecords visits the structs that the fields of a struct hold. A plan is none of them: it has a kind of its own.
func walkRecords(t reflect.Type, visit func(reflect.Type)) {
	for _, f := range fields(t) {
		held := f.Type
		for held.Kind() == reflect.Slice || held.Kind() == reflect.Pointer {
			held = held.Elem()
		}
		if held.Kind() == reflect.Struct && held != reflect.TypeFor[certify.Plan]() {
			visit(held)
			walkRecords(held, visit)
		}
	}
}

// kindOf is the kind of a value whose attributes are the fields of a struct.
func kindOf(name string, t reflect.Type) *language.Kind {
	k := &language.Kind{Name: name}
	for _, f := range fields(t) {
		k.Attributes = append(k.Attributes, fieldAttribute(jsonName(f), f.Tag.Get("help")))
	}
	return k
}

func fieldAttribute(name, help string) language.Attribute {
	return language.AttrErr(name, help, func(v starlark.HasAttrs) (starlark.Value, error) { return v.Attr(name) })
}

func (v *figuresValue) Kind() *language.Kind {
	k := kindOf(v.Type(), reflect.TypeOf(v.r))
	for _, p := range v.parts {
		k.Attributes = append(k.Attributes, fieldAttribute(p.name, p.help))
	}
	for _, e := range explained() {
		if e.of.r.Type() == v.r.Type() {
			k.Help = e.help
		}
	}
	return k
}

func (v *figuresValue) Report() report.Report { return v.r }
func (v *figuresValue) String() string        { return plainText(v.r) }

// Type is the name of the report without its version: "walk_loss".
func (v *figuresValue) Type() string {
	name := strings.TrimPrefix(v.r.Type(), "smoothlab.")
	name, _, _ = strings.Cut(name, "/")
	return name
}

func (v *figuresValue) Attr(name string) (starlark.Value, error) {
	if x, ok := field(reflect.ValueOf(v.r), name); ok {
		return x, nil
	}
	for _, p := range v.parts {
		if p.name == name {
			return plain(reflect.ValueOf(p.value)), nil
		}
	}
	return nil, errors.New(suggest.Sentence("attribute of "+v.Type(), name, v.AttrNames()))
}

func (v *figuresValue) AttrNames() []string {
	names := fieldNames(reflect.TypeOf(v.r))
	for _, p := range v.parts {
		names = append(names, p.name)
	}
	return names
}

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
	k.Help = "A part of other values."
	return k
}

// String is how the struct writes itself, if it does.
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

// fields are a struct's fields that have JSON names, those of embedded structs included; not pictures: they are to be
// looked at.
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

func fieldNames(t reflect.Type) []string {
	var names []string
	for _, f := range fields(t) {
		names = append(names, jsonName(f))
	}
	return names
}

func jsonName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name
}

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
			return plain(v.Field(i)), true
		}
	}
	return nil, false
}

// plain turns Go data into values of the language.
func plain(v reflect.Value) starlark.Value {
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
			elems[i] = plain(v.Index(i))
		}
		return starlark.NewList(elems)
	case reflect.Map:
		d := starlark.NewDict(v.Len())
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
		for _, key := range keys {
			if err := d.SetKey(plain(key), plain(v.MapIndex(key))); err != nil {
				return starlark.None
			}
		}
		return d
	case reflect.Struct:
		return &recordValue{v: v}
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			return plain(v.Elem())
		}
	}
	return starlark.None
}
