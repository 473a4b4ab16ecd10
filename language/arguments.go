package language

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"smoothlab/internal/humanize"
	"smoothlab/internal/suggest"
	"smoothlab/language/bounded"

	"go.starlark.net/starlark"
)

// rest is the name of a parameter that takes all remaining positional arguments.
const rest = "*"

// named is the prefix of a last parameter that takes all remaining keyword arguments as a dict: "**settings".
const named = "**"

// takesNamed reports whether the function has such a parameter.
func (f *Function) takesNamed() bool {
	return len(f.Params) > 0 && strings.HasPrefix(f.Params[len(f.Params)-1].Name, named)
}

// bind returns a call's arguments in the order of the parameters. An argument that is left out, or None for an optional
// parameter, is nil.
func (f *Function) bind(args starlark.Tuple, kwargs []starlark.Tuple) ([]starlark.Value, error) {
	values := make([]starlark.Value, len(f.Params))
	for n, v := range args {
		switch {
		case n < len(f.Params) && !strings.HasPrefix(f.Params[n].Name, rest):
			values[n] = v
		case len(f.Params) > 0 && f.Params[len(f.Params)-1].Name == rest:
			values[len(f.Params)-1] = args[len(f.Params)-1:]
		case len(f.Params) == 0:
			return nil, fmt.Errorf("%s takes no arguments, got %s", f.Name, abbreviate(v))
		default:
			most := len(f.Params)
			if f.takesNamed() {
				most--
			}
			return nil, fmt.Errorf(
				"%s takes at most %s, got %d: %s",
				f.Name,
				humanize.Count(most, "argument"),
				len(args),
				f.Signature(),
			)
		}
	}
	for _, pair := range kwargs {
		name := string(pair[0].(starlark.String))
		n := f.index(name)
		switch {
		case n < 0 && f.takesNamed():
			last := len(f.Params) - 1
			if values[last] == nil {
				values[last] = starlark.NewDict(len(kwargs))
			}
			if err := values[last].(*starlark.Dict).SetKey(pair[0], pair[1]); err != nil {
				return nil, err
			}
			continue
		case n < 0:
			return nil, errors.New(f.Name + ": " + suggest.Sentence("argument", name, f.names()))
		case values[n] != nil:
			return nil, fmt.Errorf("%s: %s is given twice", f.Name, name)
		}
		values[n] = pair[1]
	}
	for n, p := range f.Params {
		if p.Required && (values[n] == nil || values[n] == starlark.None) {
			return nil, fmt.Errorf("%s needs %s: %s", f.Name, p.Name, f.Signature())
		}
		switch {
		case values[n] == starlark.None && p.None != "":
			values[n] = starlark.String(p.None)
		case values[n] == starlark.None:
			values[n] = nil
		}
	}
	return values, nil
}

func (f *Function) index(name string) int {
	for n, p := range f.Params {
		if p.Name == name && !strings.HasPrefix(name, rest) {
			return n
		}
	}
	return -1
}

func (f *Function) names() []string {
	var names []string
	for _, p := range f.Params {
		if !strings.HasPrefix(p.Name, rest) {
			names = append(names, p.Name)
		}
	}
	return names
}

// params reads the parameters from the tags of an argument struct; defaults holds the default values.
func params(t reflect.Type, defaults reflect.Value) []Param {
	var list []Param
	for _, field := range argumentFields(t) {
		tag := field.Tag
		name, required, _ := strings.Cut(tag.Get("arg"), ",")
		p := Param{Name: name, Help: tag.Get("help"), Required: required == "required", Want: tag.Get("want"),
			Complete: tag.Get("complete"), None: tag.Get("none")}
		if p.Want == "" {
			p.Want = wanted(field.Type)
		}
		if !p.Required {
			p.Default = formatDefault(defaults.FieldByIndex(field.Index))
			if d, ok := tag.Lookup("default"); ok {
				p.Default = d
			}
		}
		list = append(list, p)
	}
	return list
}

// argumentFields returns the fields of an argument struct that are arguments, with those of structs embedded in it.
func argumentFields(t reflect.Type) []reflect.StructField {
	return slices.DeleteFunc(reflect.VisibleFields(t), func(f reflect.StructField) bool {
		return f.Anonymous || f.Type == givenType
	})
}

var (
	valuesType = reflect.TypeFor[[]starlark.Value]()
	givenType  = reflect.TypeFor[Given]()
)

// wanted describes the values that a field of a type accepts.
func wanted(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "True or False"
	case reflect.Int:
		return "a whole number"
	case reflect.Uint64:
		return "a whole number of 0 or more"
	case reflect.Float64:
		return "a number"
	case reflect.Slice:
		switch t.Elem().Kind() {
		case reflect.Float64:
			return "a list of numbers"
		case reflect.String:
			return "a list of strings"
		}
		return "a list"
	case reflect.Pointer:
		switch none := reflect.Zero(t).Interface().(type) {
		case Describer:
			return article(none.Describe().Name)
		case starlark.Value:
			return article(none.Type())
		}
		return wanted(t.Elem())
	}
	return "a value"
}

// article puts "a" or "an" before a noun.
func article(noun string) string {
	if strings.HasSuffix(noun, "s") { // certificates
		return noun
	}
	if noun != "" && strings.ContainsRune("aeiou", rune(noun[0])) {
		return "an " + noun
	}
	return "a " + noun
}

// formatDefault formats a default value as a Starlark literal.
func formatDefault(v reflect.Value) string {
	switch v.Kind() {
	case reflect.String:
		return strconv.Quote(v.String())
	case reflect.Bool:
		if v.Bool() {
			return "True"
		}
		return "False"
	case reflect.Int:
		return strconv.FormatInt(v.Int(), 10)
	case reflect.Uint64:
		return strconv.FormatUint(v.Uint(), 10)
	case reflect.Float64:
		return strconv.FormatFloat(v.Float(), 'g', -1, 64)
	case reflect.Slice:
		if v.Len() > 0 {
			var items []string
			for i := range v.Len() {
				items = append(items, formatDefault(v.Index(i)))
			}
			return "[" + strings.Join(items, ", ") + "]"
		}
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			return formatDefault(v.Elem())
		}
	}
	return "None"
}

// fill sets the fields of an argument struct to the values from bind.
func fill(ctx context.Context, function string, args reflect.Value, values []starlark.Value) error {
	given := Given{}
	if last := args.NumField() - 1; last >= 0 && args.Field(last).Type() == givenType {
		args.Field(last).Set(reflect.ValueOf(given))
	}
	fields := argumentFields(args.Type())
	for i, v := range values {
		if v == nil {
			continue
		}
		field, tag := args.FieldByIndex(fields[i].Index), fields[i].Tag
		name, _, _ := strings.Cut(tag.Get("arg"), ",")
		given[name] = true
		want := tag.Get("want")
		if want == "" {
			want = wanted(field.Type())
		}
		if n, bound := starlark.Len(v), maxElements(tag); field.Kind() == reflect.Slice && n > bound {
			return fmt.Errorf(
				"%s: %s takes at most %s values, got %s",
				function,
				name,
				humanize.Grouped(bound),
				humanize.Grouped(n),
			)
		}
		var most largeError
		switch err := assign(ctx, field, v); {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.As(err, &most):
			return fmt.Errorf("%s: %s %w, got %s", function, name, most, abbreviate(v))
		case errors.Is(err, errLong):
			return fmt.Errorf("%s: %s takes texts of at most %s bytes", function, name, humanize.Grouped(maxText))
		case err != nil:
			return fmt.Errorf("%s: %s must be %s, got %s%s", function, name, want, abbreviate(v), Reason(v))
		}
		if field.Kind() == reflect.String && field.Len() == 0 && tag.Get("complete") == completeFile {
			return emptyPath(function, name, fields[i])
		}
	}
	return nil
}

// completeFile is the tag complete of arguments that name a file or a directory.
const completeFile = "file"

// emptyPath returns the error for a path without characters, which often comes from a variable that was not set.
func emptyPath(function, name string, field reflect.StructField) error {
	remedy := "give a path"
	if _, kind, _ := strings.Cut(field.Tag.Get("arg"), ","); kind != "required" {
		remedy += ", or leave it out"
	}
	return fmt.Errorf("%s: %s is empty: %s", function, name, remedy)
}

// Reason returns what a value says about why it is not suited, for the end of an error; "" if it says nothing.
func Reason(v starlark.Value) string {
	if u, ok := v.(Unsuited); ok {
		return ": " + u.Unsuited()
	}
	return ""
}

// defaultElements is the maximum length of a list argument without the tag max.
const defaultElements = 10_000_000

func maxElements(tag reflect.StructTag) int {
	if n, err := strconv.Atoi(tag.Get("max")); err == nil {
		return n
	}
	return defaultElements
}

// maxText is the maximum length of a string argument in bytes. Longer texts are mistakes, and functions would work on
// them for minutes.
const maxText = 1 << 16

var (
	errOther = errors.New("wrong type")
	errLong  = errors.New("too long")
)

// largeError is the error of a whole number above a type's largest.
type largeError string

func (e largeError) Error() string { return "must be at most " + string(e) }

const (
	errAboveInt    largeError = "9,223,372,036,854,775,807"
	errAboveUint64 largeError = "18,446,744,073,709,551,615"
)

// assign converts a value to the type of a field.
func assign(ctx context.Context, field reflect.Value, v starlark.Value) error {
	t := field.Type()
	if t == valuesType {
		return assignList(ctx, field, v)
	}
	if rv := reflect.ValueOf(v); rv.Type().AssignableTo(t) {
		field.Set(rv)
		return nil
	}
	switch t.Kind() {
	case reflect.String:
		s, ok := starlark.AsString(v)
		if len(s) > maxText {
			return errLong
		}
		field.SetString(s)
		return check(ok)
	case reflect.Bool:
		b, ok := v.(starlark.Bool)
		field.SetBool(bool(b))
		return check(ok)
	case reflect.Int:
		n, ok := integer(v)
		if ok && n.Sign() > 0 && !n.IsInt64() {
			return errAboveInt
		}
		ok = ok && n.IsInt64()
		if ok {
			field.SetInt(n.Int64())
		}
		return check(ok)
	case reflect.Uint64:
		n, ok := integer(v)
		if ok && n.Sign() > 0 && !n.IsUint64() {
			return errAboveUint64
		}
		ok = ok && n.IsUint64()
		if ok {
			field.SetUint(n.Uint64())
		}
		return check(ok)
	case reflect.Float64:
		if _, isBool := v.(starlark.Bool); isBool {
			return errOther
		}
		f, ok := starlark.AsFloat(v)
		field.SetFloat(f)
		return check(ok)
	case reflect.Slice:
		return assignList(ctx, field, v)
	case reflect.Pointer:
		p := reflect.New(t.Elem())
		if err := assign(ctx, p.Elem(), v); err != nil {
			return err
		}
		field.Set(p)
		return nil
	}
	return errOther
}

func check(ok bool) error {
	if !ok {
		return errOther
	}
	return nil
}

// integer accepts whole numbers, including 1e5.
func integer(v starlark.Value) (*big.Int, bool) {
	switch v := v.(type) {
	case starlark.Int:
		return v.BigInt(), true
	case starlark.Float:
		n, err := starlark.NumberToInt(v)
		if err != nil || starlark.Float(n.Float()) != v {
			return nil, false
		}
		return n.BigInt(), true
	}
	return nil, false
}

func assignList(ctx context.Context, field reflect.Value, v starlark.Value) error {
	items, ok := v.(starlark.Iterable)
	if !ok {
		return errOther
	}
	list := reflect.MakeSlice(field.Type(), 0, max(0, starlark.Len(v)))
	for item := range starlark.Elements(items) {
		if list.Len()%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if list.Len() >= defaultElements {
			return errOther
		}
		e := reflect.New(field.Type().Elem()).Elem()
		if err := assign(ctx, e, item); err != nil {
			return err
		}
		list = reflect.Append(list, e)
	}
	field.Set(list)
	return nil
}

// abbreviate formats a value for an error message.
func abbreviate(v starlark.Value) string { return bounded.InError(v) }
