package kernel

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"smoothlab/internal/nearest"
	"smoothlab/kernel/language"
	"smoothlab/kernel/report"

	"go.starlark.net/starlark"
)

// figuresValue is a report as a value of the language: it shows itself, and its numbers are attributes under the names of its
// JSON form.
type figuresValue struct {
	language.Base
	r     report.Report
	parts map[string]any // parts of it that have a name of their own; nil for none
}

func figures(r report.Report) *figuresValue { return &figuresValue{r: r} }

var _ starlark.HasAttrs = (*figuresValue)(nil)

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
	if part, ok := v.parts[name]; ok {
		return plain(reflect.ValueOf(part)), nil
	}
	return nil, errors.New(nearest.Sentence("attribute of "+v.Type(), name, v.AttrNames()))
}

func (v *figuresValue) AttrNames() []string {
	return append(fields(reflect.TypeOf(v.r)), slices.Sorted(maps.Keys(v.parts))...)
}

// recordValue is a struct within a report.
type recordValue struct {
	language.Base
	v reflect.Value
}

func (r *recordValue) Type() string        { return strings.ToLower(r.v.Type().Name()) }
func (r *recordValue) AttrNames() []string { return fields(r.v.Type()) }

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
	return nil, errors.New(nearest.Sentence("attribute of "+r.Type(), name, r.AttrNames()))
}

// fields are the JSON names of a struct's fields, those of embedded structs included; pictures have none: they are to
// be looked at.
func fields(t reflect.Type) []string {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	var names []string
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous && name == "":
			names = append(names, fields(f.Type)...)
		case name != "" && name != "-" && name != "pictures":
			names = append(names, name)
		}
	}
	return names
}

func field(v reflect.Value, name string) (starlark.Value, bool) {
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	for i := range v.NumField() {
		f := v.Type().Field(i)
		tag, _, _ := strings.Cut(f.Tag.Get("json"), ",")
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
