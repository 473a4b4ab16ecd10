package session

import (
	"strings"

	"smoothlab/report"

	"go.starlark.net/starlark"
)

// reporter is a live value that has a form to be shown in.
type reporter interface {
	starlark.Value
	Report() report.Report
}

// reported is how a value is shown; nil for None and for nothing.
func reported(v starlark.Value) report.Report {
	switch v := v.(type) {
	case nil, starlark.NoneType:
		return nil
	case reporter:
		return v.Report()
	}
	r := &report.Value{Repr: v.String()}
	if data, ok := plainData(v, 0); ok {
		r.Data = data
	}
	return r
}

// plainData is a value as JSON has it, if it has such a form; what is nested deeply, as a list in itself is, has none.
func plainData(v starlark.Value, depth int) (any, bool) {
	if depth > 50 {
		return nil, false
	}
	switch v := v.(type) {
	case starlark.NoneType:
		return nil, true
	case starlark.Bool:
		return bool(v), true
	case starlark.Int:
		if n, ok := v.Int64(); ok {
			return n, true
		}
		return v.String(), true
	case starlark.Float:
		return float64(v), true
	case starlark.String:
		return string(v), true
	case *starlark.Dict:
		m := map[string]any{}
		for _, item := range v.Items() {
			key, isString := starlark.AsString(item[0])
			data, ok := plainData(item[1], depth+1)
			if !isString || !ok {
				return nil, false
			}
			m[key] = data
		}
		return m, true
	case *starlark.List, starlark.Tuple, *starlark.Set:
		list := []any{}
		for item := range starlark.Elements(v.(starlark.Iterable)) {
			data, ok := plainData(item, depth+1)
			if !ok {
				return nil, false
			}
			list = append(list, data)
		}
		return list, true
	}
	return nil, false
}

// plainText is a report as print() writes it: no colours, no pictures, unwrapped.
func plainText(r report.Report) string {
	return strings.TrimRight(report.Text(r, report.Style{Width: 10000}), "\n")
}
