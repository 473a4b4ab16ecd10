package report

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// JSON encodes a report for programs: "type", its versioned name, followed by its fields. Numbers that JSON cannot
// represent are the strings "NaN", "Infinity" and "-Infinity"; lists are never null; images hold their pixels in
// base64. Equal reports give equal bytes.
func JSON(r Report) ([]byte, error) {
	r, _ = Unwrapped(r)
	fields, err := json.Marshal(
		r,
		json.WithMarshalers(json.MarshalToFunc(marshalFloat)),
		json.Deterministic(true),
		jsontext.AllowInvalidUTF8(true),
	)
	if err != nil {
		return nil, fmt.Errorf("%s has no JSON form: %w", r.Type(), err)
	}
	head := `{"type":"` + r.Type() + `"`
	if len(fields) > len("{}") {
		head += ","
	}
	return append([]byte(head), fields[1:]...), nil
}

// Decode decodes the JSON form of a T. It returns an error for any other type or version. If T is Report, it decodes
// any type of [Types].
func Decode[T Report](data []byte) (T, error) {
	var none T
	var named struct {
		Type string `json:"type"`
	}
	if err := json.Unmarshal(data, &named); err != nil {
		return none, fmt.Errorf("this is not a report: %w", err)
	}
	if named.Type == "" {
		return none, errors.New("this is not a report: it has no type")
	}
	target := reflect.TypeFor[T]()
	if target.Kind() == reflect.Interface {
		if target = typeOf(named.Type); target == nil || !target.Implements(reflect.TypeFor[T]()) {
			return none, fmt.Errorf("unknown report type %s%s", named.Type, versionHint(named.Type, ""))
		}
	}
	value := reflect.New(target)
	if target.Kind() == reflect.Pointer {
		value.Elem().Set(reflect.New(target.Elem()))
	}
	wanted := value.Elem().Interface().(T)
	if want := wanted.Type(); want != named.Type {
		return none, fmt.Errorf("this is a %s; expected a %s%s", named.Type, want, versionHint(named.Type, want))
	}
	if err := json.Unmarshal(
		data,
		value.Interface(),
		json.WithUnmarshalers(json.UnmarshalFromFunc(unmarshalFloat)),
	); err != nil {
		return none, fmt.Errorf("damaged %s: %w", named.Type, err)
	}
	return value.Elem().Interface().(T), nil
}

// versionHint returns a hint about a known type of a different version.
func versionHint(have, want string) string {
	name, _, _ := strings.Cut(have, "/")
	if want == "" {
		for _, r := range Types() {
			if known, _, _ := strings.Cut(r.Type(), "/"); known == name {
				want = r.Type()
			}
		}
	}
	if known, _, _ := strings.Cut(want, "/"); known != name {
		return ""
	}
	return ": the session runs a different version of smoothlab"
}

func typeOf(name string) reflect.Type {
	for _, r := range Types() {
		if r.Type() == name {
			return reflect.TypeOf(r)
		}
	}
	return nil
}

func marshalFloat(e *jsontext.Encoder, x float64) error {
	switch {
	case math.IsNaN(x):
		return e.WriteToken(jsontext.String("NaN"))
	case math.IsInf(x, 1):
		return e.WriteToken(jsontext.String("Infinity"))
	case math.IsInf(x, -1):
		return e.WriteToken(jsontext.String("-Infinity"))
	}
	return errors.ErrUnsupported // as usual
}

func unmarshalFloat(d *jsontext.Decoder, x *float64) error {
	if d.PeekKind() != '"' {
		return errors.ErrUnsupported // as usual
	}
	token, err := d.ReadToken()
	if err != nil {
		return err
	}
	switch token.String() {
	case "NaN":
		*x = math.NaN()
	case "Infinity":
		*x = math.Inf(1)
	case "-Infinity":
		*x = math.Inf(-1)
	default:
		return fmt.Errorf("%q is not a number", token.String())
	}
	return nil
}
