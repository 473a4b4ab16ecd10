package columns

import (
	"fmt"
	"math"
	"reflect"
	"strings"
)

// Of returns the table of a slice of structs, one row each. Columns have the JSON names of the fields, those of
// embedded structs included. Fields may be numbers, strings, truth values, pointers to float64 (nil becomes NaN), and
// slices of numbers of equal length in all rows. Other fields are left out.
func Of(rows any) (Table, error) {
	v := reflect.ValueOf(rows)
	if v.Kind() != reflect.Slice || v.Type().Elem().Kind() != reflect.Struct {
		return Table{}, fmt.Errorf("a table is made from a slice of structs, got %T", rows)
	}
	var t Table
	t.fields(v.Type().Elem(), func(index []int, name string, of reflect.Type) {
		if c, ok := column(v, index, of); ok {
			c.Name = name
			t.Columns = append(t.Columns, c)
		}
	})
	return t, t.Check()
}

// fields visits the fields of a struct that have JSON names.
func (t *Table) fields(of reflect.Type, visit func(index []int, name string, of reflect.Type)) {
	for _, f := range reflect.VisibleFields(of) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if !f.IsExported() || name == "" || name == "-" {
			continue
		}
		visit(f.Index, name, f.Type)
	}
}

// column reads one field of all rows; false if no file takes it.
func column(rows reflect.Value, index []int, of reflect.Type) (Column, bool) {
	if of.Kind() == reflect.Slice {
		return cells(rows, index, of.Elem())
	}
	list, add := collector(of, rows.Len())
	if add == nil {
		return Column{}, false
	}
	for i := range rows.Len() {
		add(rows.Index(i).FieldByIndex(index))
	}
	return Column{Values: list()}, true
}

// cells reads a field that is a slice of numbers, of one length in all rows.
func cells(rows reflect.Value, index []int, of reflect.Type) (Column, bool) {
	list, add := collector(of, rows.Len())
	if add == nil || of.Kind() == reflect.String || rows.Len() == 0 {
		return Column{}, false
	}
	n := rows.Index(0).FieldByIndex(index).Len()
	for i := range rows.Len() {
		cell := rows.Index(i).FieldByIndex(index)
		if cell.Len() != n || n == 0 {
			return Column{}, false
		}
		for k := range n {
			add(cell.Index(k))
		}
	}
	return Column{Values: list(), Shape: []int{n}}, true
}

// collector returns how to collect values of a type; add is nil for a type that no file takes.
func collector(of reflect.Type, rows int) (list func() any, add func(reflect.Value)) {
	switch of.Kind() {
	case reflect.Int:
		return collect(rows, func(v reflect.Value) int { return int(v.Int()) })
	case reflect.Uint64:
		return collect(rows, reflect.Value.Uint)
	case reflect.Float64:
		return collect(rows, reflect.Value.Float)
	case reflect.Float32:
		return collect(rows, func(v reflect.Value) float32 { return float32(v.Float()) })
	case reflect.Bool:
		return collect(rows, reflect.Value.Bool)
	case reflect.String:
		return collect(rows, reflect.Value.String)
	case reflect.Pointer:
		if of.Elem().Kind() == reflect.Float64 {
			return collect(rows, func(v reflect.Value) float64 {
				if v.IsNil() {
					return math.NaN()
				}
				return v.Elem().Float()
			})
		}
	}
	return nil, nil
}

func collect[T any](rows int, of func(reflect.Value) T) (list func() any, add func(reflect.Value)) {
	values := make([]T, 0, rows)
	return func() any { return values }, func(v reflect.Value) { values = append(values, of(v)) }
}
