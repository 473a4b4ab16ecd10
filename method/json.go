package method

import (
	"encoding/json"
	"fmt"
)

// methodJSON is the form of a method in a checkpoint.
type methodJSON struct {
	Name     string          `json:"name"`
	Settings json.RawMessage `json:"settings"`
}

// Marshal encodes a method for a checkpoint.
func Marshal(m Method) (json.RawMessage, error) {
	var settings any = m
	if c, ok := m.(configured); ok {
		values := map[string]float64{}
		for _, f := range c.settings() {
			values[f.Name] = f.Value
		}
		settings = values
	}
	s, err := json.Marshal(settings)
	if err != nil {
		return nil, err
	}
	return json.Marshal(methodJSON{m.Name(), s})
}

// Unmarshal decodes the settings into a new method of like's type, which may be the caller's own.
func Unmarshal(data json.RawMessage, like Method) (Method, error) {
	var j methodJSON
	if err := json.Unmarshal(data, &j); err != nil {
		return nil, err
	}
	if j.Name != like.Name() {
		return nil, fmt.Errorf("the method is %q, not %q", j.Name, like.Name())
	}
	if c, ok := like.(configured); ok {
		return unmarshalConfigured(j, c)
	}
	m := withValues(like, make([]float64, len(Fields(like)))) // settings that the file has not are 0
	if err := json.Unmarshal(j.Settings, m); err != nil {
		return nil, fmt.Errorf("settings of %s: %w", j.Name, err)
	}
	return m, Check(m)
}

// unmarshalConfigured reads values by name; settings missing in the file keep their values.
func unmarshalConfigured(j methodJSON, like configured) (Method, error) {
	var values map[string]float64
	if err := json.Unmarshal(j.Settings, &values); err != nil {
		return nil, fmt.Errorf("settings of %s: %w", j.Name, err)
	}
	fields := like.settings()
	v := valuesOf(fields)
	for i, f := range fields {
		if value, ok := values[f.Name]; ok {
			v[i] = value
		}
	}
	m := like.replaced(v)
	return m, Check(m)
}
