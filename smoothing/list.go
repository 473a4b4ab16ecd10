package smoothing

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// noises lists every smoothing: its name, the names of its parameters, and a function that makes it from their values.
func noises() []noise {
	return []noise{
		{"gaussian", []string{"sigma"}, func(v []float64) Smoothing { return Gaussian{Sigma: v[0]} }},
		{"laplace", []string{"scale"}, func(v []float64) Smoothing { return Laplace{Scale: v[0]} }},
		{"uniform", []string{"scale"}, func(v []float64) Smoothing { return Uniform{Scale: v[0]} }},
	}
}

type noise struct {
	name       string
	parameters []string
	make       func(values []float64) Smoothing
}

// Names returns the names of all smoothings.
func Names() []string {
	var names []string
	for _, n := range noises() {
		names = append(names, n.name)
	}
	return names
}

// Find returns the smoothing with a name and parameters. It returns an error if the name is unknown, the parameters are
// not those of the noise, or their values are invalid.
func Find(name string, parameters map[string]float64) (Smoothing, error) {
	all := noises()
	i := slices.IndexFunc(all, func(n noise) bool { return n.name == name })
	if i < 0 {
		return nil, fmt.Errorf(
			"%q is not a noise; the known ones are %s",
			name,
			strings.Join(Names(), ", "),
		)
	}
	var values []float64
	for _, p := range all[i].parameters {
		v, found := parameters[p]
		if !found {
			return nil, fmt.Errorf("%s noise needs the parameter %s", name, p)
		}
		values = append(values, v)
	}
	for _, p := range slices.Sorted(maps.Keys(parameters)) {
		if !slices.Contains(all[i].parameters, p) {
			return nil, fmt.Errorf("%s noise has no parameter %s", name, p)
		}
	}
	s := all[i].make(values)
	return s, s.Check()
}

// Record is a smoothing in JSON, with its noise, its norm and its parameters:
//
//	{"noise": "gaussian", "norm": "L2", "sigma": 0.5}
//
// The zero value, null in JSON, records that the smoothing is unknown.
type Record struct{ Smoothing }

// MarshalJSON writes the record.
func (r Record) MarshalJSON() ([]byte, error) {
	if r.Smoothing == nil {
		return []byte("null"), nil
	}
	fields := map[string]any{"noise": r.Name(), "norm": r.Norm()}
	for _, p := range r.Parameters() {
		fields[p.Name] = p.Value
	}
	return json.Marshal(fields)
}

// UnmarshalJSON reads a record, and refuses a norm that does not belong to the noise.
func (r *Record) UnmarshalJSON(data []byte) error {
	r.Smoothing = nil
	var fields map[string]any
	if err := json.Unmarshal(data, &fields); err != nil {
		return err
	}
	if fields == nil {
		return nil
	}
	name, _ := fields["noise"].(string)
	norm, _ := fields["norm"].(string)
	delete(fields, "noise")
	delete(fields, "norm")
	parameters := map[string]float64{}
	for p, v := range fields {
		x, ok := v.(float64)
		if !ok {
			return fmt.Errorf("the parameter %s of the noise is not a number", p)
		}
		parameters[p] = x
	}
	s, err := Find(name, parameters)
	if err != nil {
		return err
	}
	if norm != s.Norm() {
		return errors.New(name + " noise certifies radii in " + s.Norm() + ", not in " + fmt.Sprintf("%q", norm))
	}
	r.Smoothing = s
	return nil
}
