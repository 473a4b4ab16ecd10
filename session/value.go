package session

import (
	"strconv"
	"strings"

	"smoothlab/internal/humanize"
	"smoothlab/language"
	"smoothlab/language/bounded"
	"smoothlab/report"

	"go.starlark.net/starlark"
)

// reporter is a live value that can be shown as a report.
type reporter interface {
	starlark.Value
	Report() report.Report
}

// reported returns the report that shows a value; nil for None and for nil.
func reported(v starlark.Value) report.Report {
	switch v := v.(type) {
	case nil, starlark.NoneType:
		return nil
	case reporter:
		return v.Report()
	}
	r := &report.Value{Repr: shownValue(v)}
	d := &plainData{parts: maxParts, text: maxData}
	if data, ok := d.of(v, 0); ok {
		r.Data = data
	}
	return r
}

// Bounds on the JSON form of a value, which programs read.
const (
	maxParts = 1_000_000 // numbers, strings, lists
	maxData  = 64 << 20  // bytes of strings
	maxDepth = 50
)

// plainData builds the JSON form of values within bounds.
type plainData struct{ parts, text int }

// of returns the JSON form of a value, if it has one. Deeply nested values, such as a list that contains itself, have
// none.
func (d *plainData) of(v starlark.Value, depth int) (any, bool) {
	if d.parts--; d.parts < 0 || depth > maxDepth {
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
		d.text -= len(v)
		return string(v), d.text >= 0
	case *starlark.Dict:
		m := map[string]any{}
		for key, value := range v.Entries() {
			name, isString := starlark.AsString(key)
			data, ok := d.of(value, depth+1)
			if d.text -= len(name); !isString || !ok || d.text < 0 {
				return nil, false
			}
			m[name] = data
		}
		return m, true
	case *starlark.List, starlark.Tuple, *starlark.Set:
		list := []any{}
		for item := range starlark.Elements(v.(starlark.Iterable)) {
			data, ok := d.of(item, depth+1)
			if !ok {
				return nil, false
			}
			list = append(list, data)
		}
		return list, true
	}
	return nil, false
}

// plainText returns a report as print() writes it: without colours, images or line wrapping.
func plainText(r report.Report) string {
	return strings.TrimRight(report.Text(r, report.Style{Width: 10000}), "\n")
}

// maxLines is the maximum number of results in a list or dict that are shown, one line each.
const maxLines = 100

// shownValue returns how a plain value is shown: as a literal, or, for a list or dict of results, with one line each.
func shownValue(v starlark.Value) string {
	var lines []string
	add := func(key string, item starlark.Value) bool {
		if _, ok := item.(language.Described); !ok {
			return false
		}
		if len(lines) < maxLines {
			lines = append(lines, key+": "+firstLine(item.String()))
		}
		return true
	}
	n := 0
	switch v := v.(type) {
	case *starlark.Dict:
		for key, item := range v.Entries() {
			if !add(bounded.InError(key), item) {
				return bounded.Brief(v)
			}
		}
		n = v.Len()
	case *starlark.List:
		for i := range v.Len() {
			if !add(strconv.Itoa(i), v.Index(i)) {
				return bounded.Brief(v)
			}
		}
		n = v.Len()
	}
	if n == 0 {
		return bounded.Brief(v)
	}
	if rest := n - len(lines); rest > 0 {
		lines = append(lines, "… "+humanize.Grouped(rest)+" more")
	}
	return strings.Join(lines, "\n")
}

// firstLine returns the first line of a text, with an ellipsis if there are more.
func firstLine(text string) string {
	line, _, more := strings.Cut(text, "\n")
	if more {
		line += " …"
	}
	return line
}
