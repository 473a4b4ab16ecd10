package language

import (
	"fmt"
	"reflect"
	"strings"

	"go.starlark.net/starlark"
)

// Function is one function or method of the session.
type Function struct {
	Name     string
	Group    string // under which help lists it
	Help     string // first a line, then, after a newline, what else is to be said
	Params   []Param
	Examples []string

	run func(c *Call, recv any, args []starlark.Value) (starlark.Value, error) // args as in Params; nil where left out
}

// Param is one argument of a function.
type Param struct {
	Name, Help string
	Required   bool
	Default    string // as the language writes it; "" if required
	Want       string // what is accepted, such as "a whole number"
	Complete   string // the kind of names that complete a string given here, such as "dataset" or "file"; "" for none
	None       string // the string that None means; "" means the default
}

// Func describes a function by the struct of its arguments, whose values are the defaults. Fields are tagged
//
//	arg:"name"             or arg:"name,required"
//	help:"what it is"
//	want:"a data set"      what the error asks for; by default it follows from the field's type
//	complete:"dataset"     the kind of names that complete it
//	max:"1000"             how many values a list may have
//	default:"all of them"  how the default is told where the value does not tell it
//	none:"none"            the string that None means; without it, None means the default
//
// Fields may be string, bool, int, uint64, float64, slices of float64, string or starlark.Value, pointers to numbers
// (nil: not given), and types or interfaces of live values (nil: not given). A field whose tag is arg:"*" takes all
// further positional arguments. A last field of type [Given] is told which arguments were given.
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

// Given holds the names of the arguments that a call gave, whatever their values.
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

// Dynamic is a function whose arguments no struct describes; values are as in params, nil where left out. A last
// parameter whose name begins with ** takes all arguments that the others do not name, as a dict.
func Dynamic(
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

// In puts a function into a group of help.
func (f *Function) In(group string) *Function {
	f.Group = group
	return f
}

// Like adds examples of a call.
func (f *Function) Like(examples ...string) *Function {
	f.Examples = append(f.Examples, examples...)
	return f
}

// Summary is the first line of the help.
func (f *Function) Summary() string {
	line, _, _ := strings.Cut(f.Help, "\n")
	return line
}

// Signature is how the function is called, such as dataset(name, split="test").
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

// Bound is a function as a value of the language: of the session, or of a live value that it is a method of.
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

// CallInternal sorts the arguments into their places and runs the function.
func (b *Bound) CallInternal(
	thread *starlark.Thread,
	args starlark.Tuple,
	kwargs []starlark.Tuple,
) (starlark.Value, error) {
	call, err := callOf(thread)
	if err != nil {
		return nil, err
	}
	values, err := b.place(args, kwargs)
	if err != nil {
		return nil, err
	}
	if err := call.Ctx.Err(); err != nil {
		return nil, err
	}
	v, err := call.aside(b.Name(), func() (starlark.Value, error) { return b.run(call, b.recv, values) })
	if err != nil {
		return nil, err
	}
	if v == nil {
		v = starlark.None
	}
	return v, nil
}
