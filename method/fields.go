package method

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"

	"smoothlab/internal/suggest"
)

// Field is one setting of a method.
type Field struct {
	Name, Help string
	Value      float64
	Compiled   bool // an int: changing it compiles another step
	Switch     bool // `zero:"off"`: the value 0 leaves a part out of the compiled step, so zero and nonzero values compile different steps
	Epochs     bool // `unit:"epochs"`: a positive number of epochs, which is scaled with the schedule
	Flag       bool // `kind:"flag"`: an int that is 0 or 1, for off and on
}

// Fields returns the settings of a method in order.
func Fields(m Method) []Field {
	if c, ok := m.(configured); ok {
		return c.settings()
	}
	var fields []Field
	eachSetting(reflect.ValueOf(m).Elem(), func(f reflect.StructField, v reflect.Value) {
		field := Field{Name: jsonName(f), Help: f.Tag.Get("help"), Compiled: v.Kind() == reflect.Int,
			Switch: f.Tag.Get("zero") == "off", Epochs: f.Tag.Get("unit") == "epochs",
			Flag: f.Tag.Get("kind") == "flag"}
		if field.Compiled {
			field.Value = float64(v.Int())
		} else {
			field.Value = v.Float()
		}
		fields = append(fields, field)
	})
	return fields
}

// Setting returns the value of the setting of that name, or 0 and false.
func Setting(m Method, name string) (value float64, ok bool) {
	for _, f := range Fields(m) {
		if f.Name == name {
			return f.Value, true
		}
	}
	return 0, false
}

// eachSetting visits the settings of a struct and of the structs embedded in it.
func eachSetting(v reflect.Value, visit func(reflect.StructField, reflect.Value)) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		switch {
		case embedded(f):
			eachSetting(v.Field(i), visit)
		case isSetting(f):
			visit(f, v.Field(i))
		}
	}
}

func embedded(f reflect.StructField) bool { return f.Anonymous && f.Type.Kind() == reflect.Struct }

func isSetting(f reflect.StructField) bool {
	kind := f.Type.Kind()
	return f.IsExported() && jsonName(f) != "" && (kind == reflect.Int || kind == reflect.Float64)
}

// jsonName returns the name of a field in a checkpoint, or "" if it has none.
func jsonName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	if name == "-" {
		return ""
	}
	return name
}

// CheckFields refuses fields that would be frozen into a compiled step, but are neither part of CompiledKey nor saved
// in checkpoints.
func CheckFields(m Method) error {
	v := reflect.ValueOf(m)
	if v.Kind() != reflect.Pointer || v.IsNil() || v.Elem().Kind() != reflect.Struct {
		return fmt.Errorf("a method is a pointer to a struct with its settings, got %T", m)
	}
	return checkStruct(m.Name(), v.Elem().Type())
}

func checkStruct(method string, t reflect.Type) error {
	for i := range t.NumField() {
		f := t.Field(i)
		switch {
		case embedded(f):
			if err := checkStruct(method, f.Type); err != nil {
				return err
			}
		case f.IsExported() && !isSetting(f):
			return fmt.Errorf(
				"%s: its field %s (%v) would be frozen into the compiled step unnoticed: exported fields are "+
					"settings, float64 or int with a name in a json tag",
				method,
				f.Name,
				f.Type,
			)
		}
	}
	return nil
}

// withValues returns a copy of the method with other values of its settings, in the order of Fields.
func withValues(m Method, values []float64) Method {
	if c, ok := m.(configured); ok {
		return c.replaced(values)
	}
	copied := reflect.New(reflect.TypeOf(m).Elem())
	copied.Elem().Set(reflect.ValueOf(m).Elem())
	i := 0
	eachSetting(copied.Elem(), func(_ reflect.StructField, v reflect.Value) {
		if v.Kind() == reflect.Int {
			v.SetInt(int64(values[i]))
		} else {
			v.SetFloat(values[i])
		}
		i++
	})
	return copied.Interface().(Method)
}

// With returns a copy of the method with one setting changed; the error names the nearest setting.
func With(m Method, name string, value float64) (Method, error) {
	fields := Fields(m)
	found := slices.IndexFunc(fields, func(f Field) bool { return f.Name == name })
	switch {
	case found < 0:
		var names []string
		for _, f := range fields {
			names = append(names, f.Name)
		}
		return nil, fmt.Errorf("%s", suggest.Sentence("setting of "+m.Name(), name, names))
	case !fields[found].Compiled:
	case value != math.Trunc(value):
		return nil, fmt.Errorf("%s: %s must be a whole number, got %g", m.Name(), name, value)
	case math.Abs(value) >= 1<<31:
		return nil, fmt.Errorf("%s: %s must be a whole number below 2³¹, got %g", m.Name(), name, value)
	}
	v := valuesOf(fields)
	v[found] = value
	changed := withValues(m, v)
	return changed, Check(changed)
}

func valuesOf(fields []Field) []float64 {
	v := make([]float64, len(fields))
	for i, f := range fields {
		v[i] = f.Value
	}
	return v
}

// Stretched returns a copy of the method whose settings in epochs are multiplied by ratio.
func Stretched(m Method, ratio float64) Method {
	fields := Fields(m)
	v := valuesOf(fields)
	for i, f := range fields {
		if f.Epochs && f.Value > 0 {
			v[i] *= ratio
		}
	}
	return withValues(m, v)
}

// CompiledKey names everything of a method that is frozen into a compiled step.
func CompiledKey(m Method) string {
	key := m.Name()
	if o, ok := m.(*Custom); ok {
		key += fmt.Sprintf(
			" %p %T",
			o.loss,
			o.base,
		) // the programs keep the function, so that no other one gets its address
	}
	for _, f := range Fields(m) {
		switch {
		case f.Compiled:
			key += fmt.Sprintf(" %s=%g", f.Name, f.Value)
		case f.Switch:
			key += fmt.Sprintf(" %s=%t", f.Name, f.Value != 0)
		}
	}
	return key
}
