package session

import (
	"errors"
	"fmt"
	"regexp"
	"slices"

	"smoothlab/language"
	"smoothlab/method"
	"smoothlab/session/losstape"
	"smoothlab/smoothmix"
	"smoothlab/train"

	"go.starlark.net/starlark"
)

// customName matches valid names of custom methods.
var customName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// methodFunction implements method().
func methodFunction(s *Session) *language.Function {
	const help = "Define a custom training objective: a function that builds the loss of a step\n" +
		"The function receives the step, whose verbs help(\"step\") lists, and the settings that it names as arguments. It returns a number, or a list of (name, weight, number). " +
		"It is called once, when the method is made; the recorded loss then trains and walks like a built-in method. Settings are numbers that can be changed at any time; " +
		"m, steps and mix_step are compiled in. steps, alpha, mix_step, maxnorm and warmup mean the same as in smoothmix()."
	return language.FuncWithParams("method", help, []language.Param{
		{Name: "name", Required: true, Want: "a string", Help: "name of the method, in lowercase"},
		{Name: "fn", Required: true, Want: "a function", Help: "a def or a lambda of the step"},
		{
			Name:    "sigma",
			Default: "0.5",
			Want:    "a number",
			Help:    "standard deviation of the noise, in [0,1] pixel units",
		},
		{
			Name:    "m",
			Default: "1",
			Want:    "a whole number",
			Help:    "noise samples per image; each batch is split into m optimizer steps",
		},
		{Name: "**settings", Want: "numbers", Help: "settings of the method, with their initial values"},
	}, s.makeMethod)
}

// makeMethod implements method().
func (s *Session) makeMethod(c *language.Call, values []starlark.Value) (starlark.Value, error) {
	name, ok := starlark.AsString(values[0])
	if !ok || !customName.MatchString(name) {
		return nil, fmt.Errorf("method: name must be a string of lowercase letters, digits and _, got %s", values[0])
	}
	if slices.ContainsFunc(
		train.Methods(),
		func(e train.MethodEntry) bool { return e.Name == name || identifier(e.Name) == name },
	) {
		return nil, fmt.Errorf("method: %s is a built-in method; choose another name", name)
	}
	fn, ok := values[1].(starlark.Callable)
	if !ok {
		return nil, fmt.Errorf("method: fn must be a function of a step, got %s", values[1])
	}
	settings, err := customSettings(name, values)
	if err != nil {
		return nil, err
	}
	tape := losstape.NewTape(method.Fields(settings))
	if err := write(c, tape, name, fn); err != nil {
		return nil, err
	}
	m := method.NewCustom(name, tape.Digest(), settings, tape.Loss)
	if err := m.Check(); err != nil {
		return nil, err
	}
	return &methodValue{session: s, m: m}, nil
}

// customSettings returns the settings in a call of method().
func customSettings(name string, values []starlark.Value) (*method.SettingsOnly, error) {
	names, numbers := []string{"sigma", "m"}, []float64{0.5, 1}
	for i, v := range values[2:4] {
		if v != nil {
			number, err := asNumber(name+": "+names[i], v)
			if err != nil {
				return nil, err
			}
			numbers[i] = number
		}
	}
	if more, ok := values[4].(*starlark.Dict); ok {
		for _, item := range more.Items() {
			key, _ := starlark.AsString(item[0])
			number, err := asNumber(name+": "+key, item[1])
			if err != nil {
				return nil, err
			}
			if slices.Contains([]string{"warm", "lr", "momentum", "weight_decay"}, key) {
				return nil, fmt.Errorf(
					"%s: every step already has a number %s; choose another name for the setting",
					name,
					key,
				)
			}
			names, numbers = append(names, key), append(numbers, number)
		}
	}
	settings := method.NewSettings(name, smoothmix.New(), names, numbers)
	if err := settings.Check(); err != nil {
		return nil, err
	}
	for i, f := range method.Fields(settings) {
		if f.Compiled {
			if _, err := method.With(settings, f.Name, numbers[i]); err != nil {
				return nil, err
			}
		}
	}
	return settings, nil
}

// write calls the function to record its loss on a tape.
func write(c *language.Call, tape *losstape.Tape, name string, fn starlark.Callable) error {
	settings := tape.Settings()
	var named []starlark.Tuple
	if f, ok := fn.(*starlark.Function); ok {
		if f.NumParams() == 0 && !f.HasVarargs() {
			return fmt.Errorf(
				"method: the function of %s takes no arguments: its first argument must be the step, def %s(s): …",
				name,
				name,
			)
		}
		for i := 1; i < f.NumParams(); i++ {
			param, _ := f.Param(i)
			switch x, isSetting := settings[param]; {
			case isSetting:
				named = append(named, starlark.Tuple{starlark.String(param), x})
			case param == "maxnorm":
				return errors.New("method: maxnorm is used by s.search only and cannot be an argument of the function")
			case i < f.NumParams()-boolInt(f.HasVarargs())-boolInt(f.HasKwargs()) && f.ParamDefault(i) == nil:
				return fmt.Errorf(
					"method: the function of %s has an argument %s that is not a setting: add it with method(%q, fn, %s=…)",
					name,
					param,
					name,
					param,
				)
			}
		}
	}
	result, err := c.Invoke(fn, []starlark.Value{tape.Step()}, named)
	if err != nil {
		return err
	}
	if err := tape.Finish(result); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}
