package session

import (
	"errors"
	"fmt"
	"strings"
	"sync"

	"smoothlab/internal/humanize"
	"smoothlab/internal/suggest"
	"smoothlab/language"
	"smoothlab/method"
	"smoothlab/report"
	"smoothlab/train"

	"go.starlark.net/starlark"
)

// methodValue is a training objective as a value of the language. Assigning to a setting replaces the method and passes
// the new one to the runs that use it.
type methodValue struct {
	language.Base
	session *Session

	mu   sync.Mutex
	m    method.Method // never changed
	runs []*run        // in progress
}

var (
	_ starlark.HasSetField = (*methodValue)(nil)
	_ reporter             = (*methodValue)(nil)
)

// now returns the method with its current settings.
func (v *methodValue) now() method.Method {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.m
}

// registerRun records that a run uses the method. The returned function undoes it.
func (v *methodValue) registerRun(r *run) (over func()) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.runs = append(v.runs, r)
	return func() {
		v.mu.Lock()
		defer v.mu.Unlock()
		for i, other := range v.runs {
			if other == r {
				v.runs = append(v.runs[:i:i], v.runs[i+1:]...)
				return
			}
		}
	}
}

// setMethod replaces the method with the one of a resumed run.
func (v *methodValue) setMethod(m method.Method) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.m = m
}

// Kind lists the settings of this method.
func (v *methodValue) Kind() *language.Kind {
	k := &language.Kind{
		Name: v.Type(),
		Help: "A training objective. Its settings can be assigned, also while a run uses it, except for sigma and the settings compiled into the run's steps.",
	}
	for _, f := range method.Fields(v.now()) {
		k.Attributes = append(k.Attributes, language.Attr(f.Name, f.Help, func(v *methodValue) starlark.Value {
			value, err := v.setting(f.Name)
			if err != nil {
				return starlark.None
			}
			return value
		}))
	}
	return k
}

func (v *methodValue) setting(name string) (starlark.Value, error) {
	var names []string
	for _, f := range method.Fields(v.now()) {
		switch {
		case f.Name == name && f.Flag:
			return starlark.Bool(f.Value != 0), nil
		case f.Name == name && f.Compiled:
			return starlark.MakeInt(int(f.Value)), nil
		case f.Name == name:
			return starlark.Float(f.Value), nil
		}
		names = append(names, f.Name)
	}
	return nil, fmt.Errorf("%s", suggest.Sentence("setting of "+v.now().Name(), name, names))
}

func (*methodValue) Type() string                               { return "method" }
func (v *methodValue) String() string                           { return formatCall(v.now()) }
func (v *methodValue) Attr(name string) (starlark.Value, error) { return v.setting(name) }
func (v *methodValue) AttrNames() []string                      { return v.Kind().Names() }

// formatCall formats a method as the call that makes it. It omits settings that are off.
func formatCall(m method.Method) string {
	var args []string
	for _, f := range method.Fields(m) {
		switch {
		case f.Value == 0 && f.Name != "sigma" && f.Name != "eta":
		case f.Flag:
			args = append(args, fmt.Sprintf("%s=%s", f.Name, string(formatFlag(f.Value))))
		case f.Compiled:
			args = append(args, fmt.Sprintf("%s=%d", f.Name, int(f.Value)))
		default:
			args = append(args, fmt.Sprintf("%s=%s", f.Name, starlark.Float(humanize.Round(f.Value, 4))))
		}
	}
	return identifier(m.Name()) + "(" + strings.Join(args, ", ") + ")"
}

// SetField changes a setting. Runs that use the method change it from their next step on.
func (v *methodValue) SetField(name string, value starlark.Value) error {
	c, err := v.session.current()
	if err != nil {
		return err
	}
	old := v.now()
	field := method.Field{}
	for _, f := range method.Fields(old) {
		if f.Name == name {
			field = f
		}
	}
	number, ok := settingOf(field, value)
	if !ok {
		return fmt.Errorf("%s must be a number, got %s", name, value)
	}
	before, err := v.setting(name)
	if err != nil {
		return err
	}
	changed, err := method.With(old, name, number)
	if err != nil {
		return err
	}
	v.mu.Lock()
	runs := append([]*run(nil), v.runs...)
	v.mu.Unlock()
	for _, r := range runs {
		if err := r.mayChange(old, changed, name); err != nil {
			return err
		}
	}
	for _, r := range runs {
		update, err := r.change(c.Ctx, changed)
		if errors.Is(err, errOver) {
			continue
		}
		if err != nil {
			return err
		}
		c.Out.Print(
			fmt.Sprintf(
				"%s: %s %s → %s from update %d on (kept in its history)\n",
				r.name(),
				name,
				before,
				starlark.Float(number),
				update,
			),
		)
	}
	v.mu.Lock()
	v.m = changed
	v.mu.Unlock()
	return nil
}

func (v *methodValue) Report() report.Report {
	m := v.now()
	r := report.Method{Name: m.Name(), Call: formatCall(m)}
	for _, f := range method.Fields(m) {
		r.Settings = append(
			r.Settings,
			report.Setting{Name: f.Name, Value: f.Value, Help: f.Help, Compiled: f.Compiled},
		)
	}
	return r
}

// identifier returns the name of the function that makes a method.
func identifier(name string) string { return strings.ReplaceAll(name, "+", "_") }

// listed returns a method's name in the list of methods, given the name of its function.
func listed(name string) string {
	for _, e := range train.Methods() {
		if identifier(e.Name) == name {
			return e.Name
		}
	}
	return name
}

// settingOf returns the number that a value gives a setting: 1 is True for one that is on or off.
func settingOf(f method.Field, v starlark.Value) (number float64, ok bool) {
	if on, isBool := v.(starlark.Bool); isBool {
		return float64(boolInt(bool(on))), f.Flag
	}
	number, ok = starlark.AsFloat(v)
	return number, ok && (!f.Flag || number == 0 || number == 1)
}

// formatFlag formats a setting that is on or off.
func formatFlag(value float64) starlark.String {
	return starlark.String(starlark.Bool(value != 0).String())
}

// methodFunctions returns the functions that make the listed methods.
func (s *Session) methodFunctions() []*language.Function {
	var list []*language.Function
	for _, e := range train.Methods() {
		name, defaults := identifier(e.Name), method.Fields(e.New())
		var params []language.Param
		for _, f := range defaults {
			p := language.Param{
				Name:    f.Name,
				Help:    f.Help,
				Default: humanize.Setting(f.Value),
				Want:    "a number",
			}
			switch {
			case f.Flag:
				p.Want, p.Default = "True or False", string(formatFlag(f.Value))
			case f.Compiled:
				p.Want = "a whole number"
			}
			params = append(params, p)
		}
		list = append(
			list,
			language.FuncWithParams(name, strings.ToUpper(e.Help[:1])+e.Help[1:]+"\n"+e.Source+".", params, func(_ *language.Call, values []starlark.Value) (starlark.Value, error) {
				m := e.New()
				for i, v := range values {
					if v == nil {
						continue
					}
					number, ok := settingOf(defaults[i], v)
					if !ok {
						return nil, fmt.Errorf("%s: %s must be %s, got %s", name, params[i].Name, params[i].Want, v)
					}
					changed, err := method.With(m, params[i].Name, number)
					if changed == nil {
						return nil, err
					}
					m = changed // checked below, once all settings are set
				}
				if err := m.Check(); err != nil {
					return nil, err
				}
				return &methodValue{session: s, m: m}, nil
			}).
				InGroup("methods"),
		)
	}
	return list
}
