package smoothmix

import (
	"fmt"
	"math"
	"reflect"
	"strings"

	"smoothlab/internal/nearest"
)

// Field is one setting of a method.
type Field struct {
	Name, Help string
	Value      float64
	Compiled   bool // an int: changing it compiles another step
	Switch     bool // `zero:"off"`: at 0 what it sets is not compiled in at all, so only 0 and not 0 are different steps
	Epochs     bool // `unit:"epochs"`: a positive number of epochs, which shrinks with the schedule
}

// Fields are the settings of a method in their order.
func Fields(m Method) []Field {
	var fields []Field
	eachSetting(reflect.ValueOf(m).Elem(), func(f reflect.StructField, v reflect.Value) {
		field := Field{Name: jsonName(f), Help: f.Tag.Get("help"), Compiled: v.Kind() == reflect.Int,
			Switch: f.Tag.Get("zero") == "off", Epochs: f.Tag.Get("unit") == "epochs"}
		if field.Compiled {
			field.Value = float64(v.Int())
		} else {
			field.Value = v.Float()
		}
		fields = append(fields, field)
	})
	return fields
}

// setting is the value of the setting of that name, or 0.
func setting(m Method, name string) (value float64, ok bool) {
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

// jsonName is the name of a field in a checkpoint, or empty if it has none there.
func jsonName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	if name == "-" {
		return ""
	}
	return name
}

// checkFields refuses what would be frozen into a compiled step without being known by compiledKey or kept in checkpoints.
func checkFields(m Method) error {
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
			return fmt.Errorf("%s: its field %s (%v) would be frozen into the compiled step unnoticed: exported fields are "+
				"settings, float64 or int with a name in a json tag", method, f.Name, f.Type)
		}
	}
	return nil
}

// With returns a copy of the method with one setting changed; the error names the nearest setting.
func With(m Method, name string, value float64) (Method, error) {
	changed := clone(m)
	var names []string
	var found *reflect.Value
	eachSetting(reflect.ValueOf(changed).Elem(), func(f reflect.StructField, v reflect.Value) {
		names = append(names, jsonName(f))
		if jsonName(f) == name {
			found = &v
		}
	})
	switch {
	case found == nil:
		return nil, fmt.Errorf("%s", nearest.Sentence("setting of "+m.Name(), name, names))
	case found.Kind() == reflect.Float64:
		found.SetFloat(value)
	case value != math.Trunc(value):
		return nil, fmt.Errorf("%s: %s must be a whole number, got %g", m.Name(), name, value)
	case math.Abs(value) >= 1<<31:
		return nil, fmt.Errorf("%s: %s must be a whole number below 2³¹, got %g", m.Name(), name, value)
	default:
		found.SetInt(int64(value))
	}
	return changed, checkMethod(changed)
}

// stretched is a copy of the method whose settings in epochs are multiplied by ratio.
func stretched(m Method, ratio float64) Method {
	m = clone(m)
	eachSetting(reflect.ValueOf(m).Elem(), func(f reflect.StructField, v reflect.Value) {
		if f.Tag.Get("unit") == "epochs" && v.Kind() == reflect.Float64 && v.Float() > 0 {
			v.SetFloat(v.Float() * ratio)
		}
	})
	return m
}

// compiledKey names everything of a method that is frozen into a compiled step.
func compiledKey(m Method) string {
	key := m.Name()
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
