package language

import (
	"strings"

	"smoothlab/report"

	"go.starlark.net/starlark"
)

// Report returns the help on the function.
func (f *Function) Report() report.Report {
	h := report.Help{
		Name:      f.Name,
		Signature: f.Signature(),
		Text:      strings.ReplaceAll(f.Help, "\n", "\n\n"),
		Examples:  f.Examples,
	}
	for _, p := range f.Params {
		name := p.Name
		if name == rest {
			name = "…"
		}
		h.Arguments = append(h.Arguments, report.Argument{Name: name, Default: p.Default, Help: p.Help})
	}
	return h
}

// Report returns the help on the kind.
func (k *Kind) Report() report.Report {
	h := report.Help{Name: k.Name, Text: k.Help, Examples: k.Examples}
	for _, a := range k.Attributes {
		h.Attributes = append(h.Attributes, report.Entry{Name: a.Name, Help: a.Help})
	}
	for _, f := range k.Methods {
		h.Attributes = append(h.Attributes, report.Entry{Name: f.Signature(), Help: f.Summary()})
	}
	return h
}

// Index lists the functions by group, in the order in which groups first appear.
func (i *Interp) Index(text string) report.HelpIndex {
	index := report.HelpIndex{Text: text}
	at := map[string]int{}
	for _, f := range i.functions {
		n, ok := at[f.Group]
		if !ok {
			n = len(index.Groups)
			at[f.Group] = n
			index.Groups = append(index.Groups, report.HelpGroup{Name: f.Group})
		}
		index.Groups[n].Entries = append(index.Groups[n].Entries, report.Entry{Name: f.Name, Help: f.Summary()})
	}
	return index
}

// Explain returns the help on a value, with its arguments or attributes. It returns false for values that have neither.
func Explain(v starlark.Value) (report.Report, bool) {
	switch v := v.(type) {
	case *Bound:
		return v.Report(), true
	case Described:
		return v.Kind().Report(), true
	case *starlark.Function:
		return userFunction(v), true
	}
	return nil, false
}

// userFunction returns the help on a function defined by the user: its parameters and docstring.
func userFunction(f *starlark.Function) report.Report {
	h := report.Help{Name: f.Name(), Text: strings.TrimSpace(f.Doc())}
	var names []string
	for n := range f.NumParams() {
		name, _ := f.Param(n)
		a := report.Argument{Name: name}
		if d := f.ParamDefault(n); d != nil {
			a.Default = abbreviate(d)
			name += "=" + a.Default
		}
		h.Arguments, names = append(h.Arguments, a), append(names, name)
	}
	h.Signature = f.Name() + "(" + strings.Join(names, ", ") + ")"
	return h
}

// Inspect returns the help on the name at the cursor, which counts code points, or else on the function whose arguments
// the cursor is in.
func (i *Interp) Inspect(source string, at int) (report.Report, bool) {
	runes := []rune(source)
	at = min(max(at, 0), len(runes))
	end := at
	for end < len(runes) && name(runes[end]) { // the rest of the word
		end++
	}
	env := i.look()
	c := before(string(runes[:end]))
	if !c.quoted && !c.comment && c.word != "" && c.word != "." {
		if v := value(env, c.word); v != nil {
			if r, ok := Explain(v); ok {
				return r, true
			}
			if base, part, ok := cutLast(c.word, "."); ok {
				if d, ok := value(env, base).(Described); ok {
					for _, a := range d.Kind().Attributes {
						if a.Name == part {
							return report.Help{Name: part, Signature: part, Text: a.Help}, true
						}
					}
				}
			}
			return report.Help{Name: c.word, Signature: c.word, Text: article(v.Type()) + ": " + abbreviate(v)}, true
		}
	}
	for n := len(c.calls) - 1; n >= 0; n-- {
		if v := value(env, c.calls[n].callee); v != nil && c.calls[n].callee != "" {
			return Explain(v)
		}
	}
	return nil, false
}
