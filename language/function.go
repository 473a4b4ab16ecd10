package language

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"smoothlab/internal/suggest"

	"go.starlark.net/starlark"
)

// Function is one function or method of the session.
type Function struct {
	Name     string
	Group    string // heading in help
	Help     string // a summary line and, after a newline, the details
	Params   []Param
	Examples []string

	run func(c *Call, recv any, args []starlark.Value) (starlark.Value, error) // args as in Params
}

// Param is one argument of a function.
type Param struct {
	Name, Help string
	Required   bool
	Default    string // as a Starlark literal; "" if required
	Want       string // accepted values, such as "a whole number"
	Complete   string // kind of names that complete a string, such as "dataset" or "file"; "" for none
	None       string // string that None means; "" for the default
}

// Func describes a function by the struct of its arguments, which holds the defaults. Field tags are
//
//	arg:"name"             or arg:"name,required"
//	help:"what it is"
//	want:"a data set"      accepted values, for errors; by default derived from the field's type
//	complete:"dataset"     kind of names that complete the argument
//	max:"1000"             maximum length of a list
//	default:"all of them"  text for the default if its value is not clear
//	none:"none"            string that None means; without it, None means the default
//
// Fields may be string, bool, int, uint64, float64, slices of float64, string or starlark.Value, pointers to numbers
// (nil: not given), and types or interfaces of live values (nil: not given). A field whose tag is arg:"*" takes all
// remaining positional arguments. Fields of an embedded struct are arguments like the others. A last field of type
// [Given] receives the names of the arguments that were given.
func Func[A any](name, help string, defaults A, run func(c *Call, args *A) (starlark.Value, error)) *Function {
	return &Function{Name: name, Help: help, Params: params(reflect.TypeFor[A](), reflect.ValueOf(defaults)),
		run: func(c *Call, _ any, values []starlark.Value) (starlark.Value, error) {
			args := defaults
			if err := fill(c.Ctx, name, reflect.ValueOf(&args).Elem(), values); err != nil {
				return nil, err
			}
			return run(c, &args)
		}}
}

// FillNamed sets the fields of an argument struct, described as for [Func], to the values of a dict by name, for a
// function that takes the arguments of another one in a dict. what names the dict in errors. Required arguments may be
// missing; None means the default.
func FillNamed[A any](ctx context.Context, what string, args *A, named *starlark.Dict) error {
	list := params(reflect.TypeFor[A](), reflect.ValueOf(*args))
	values := make([]starlark.Value, len(list))
	f := &Function{Name: what, Params: list}
	for _, item := range named.Items() {
		name, isString := starlark.AsString(item[0])
		n := f.index(name)
		switch {
		case !isString:
			return fmt.Errorf("%s: the name of an argument must be a string, got %s", what, abbreviate(item[0]))
		case n < 0:
			return errors.New(what + ": " + suggest.Sentence("argument", name, f.names()))
		case item[1] != starlark.None:
			values[n] = item[1]
		case list[n].None != "":
			values[n] = starlark.String(list[n].None)
		}
	}
	return fill(ctx, what, reflect.ValueOf(args).Elem(), values)
}

// Given holds the names of the arguments given in a call, with any value.
type Given map[string]bool

// Method is Func for a method of live values of type R.
func Method[R, A any](
	name, help string,
	defaults A,
	run func(c *Call, recv R, args *A) (starlark.Value, error),
) *Function {
	return &Function{Name: name, Help: help, Params: params(reflect.TypeFor[A](), reflect.ValueOf(defaults)),
		run: func(c *Call, recv any, values []starlark.Value) (starlark.Value, error) {
			args := defaults
			if err := fill(c.Ctx, name, reflect.ValueOf(&args).Elem(), values); err != nil {
				return nil, err
			}
			return run(c, recv.(R), &args)
		}}
}

// FuncWithParams describes a function by a list of parameters instead of a struct. Its values are in the order of
// params, nil where left out. A last parameter whose name begins with ** takes all other keyword arguments as a dict.
func FuncWithParams(
	name, help string,
	params []Param,
	run func(c *Call, values []starlark.Value) (starlark.Value, error),
) *Function {
	return &Function{
		Name:   name,
		Help:   help,
		Params: params,
		run: func(c *Call, _ any, values []starlark.Value) (starlark.Value, error) {
			return run(c, values)
		},
	}
}

// InGroup sets the heading under which help lists the function.
func (f *Function) InGroup(group string) *Function {
	f.Group = group
	return f
}

// WithExamples adds example calls.
func (f *Function) WithExamples(examples ...string) *Function {
	f.Examples = append(f.Examples, examples...)
	return f
}

// Summary returns the first line of the help.
func (f *Function) Summary() string {
	line, _, _ := strings.Cut(f.Help, "\n")
	return line
}

// Signature returns the form of a call, such as dataset(name, split="test").
func (f *Function) Signature() string {
	var args []string
	for _, p := range f.Params {
		switch {
		case strings.HasPrefix(p.Name, named):
			args = append(args, p.Name)
		case p.Required || p.Name == "*":
			args = append(args, strings.Replace(p.Name, "*", "…", 1))
		default:
			args = append(args, p.Name+"="+p.Default)
		}
	}
	return f.Name + "(" + strings.Join(args, ", ") + ")"
}

// Bound is a function of the session, or a method bound to a live value, as a value of the language.
type Bound struct {
	*Function
	recv any
}

func (f *Function) bound(recv any) *Bound { return &Bound{f, recv} }

var _ starlark.Callable = (*Bound)(nil)

func (b *Bound) Name() string          { return b.Function.Name }
func (b *Bound) String() string        { return "<function " + b.Signature() + ">" }
func (b *Bound) Type() string          { return "function" }
func (b *Bound) Freeze()               {}
func (b *Bound) Truth() starlark.Bool  { return true }
func (b *Bound) Hash() (uint32, error) { return 0, fmt.Errorf("a function cannot be a key") }

// CallInternal binds the arguments and runs the function.
func (b *Bound) CallInternal(
	thread *starlark.Thread,
	args starlark.Tuple,
	kwargs []starlark.Tuple,
) (starlark.Value, error) {
	call, err := callOf(thread)
	if err != nil {
		return nil, err
	}
	values, err := b.bind(args, kwargs)
	if err != nil {
		return nil, err
	}
	if err := call.Ctx.Err(); err != nil {
		return nil, err
	}
	v, err := call.runAside(b.Name(), func() (starlark.Value, error) { return b.run(call, b.recv, values) })
	if err != nil {
		return nil, err
	}
	if v == nil {
		v = starlark.None
	}
	return v, nil
}
