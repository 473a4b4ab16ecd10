package language_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"smoothlab/language"
	"smoothlab/report"

	"go.starlark.net/starlark"
)

// toy is a live value with an attribute and a method.
type toy struct {
	language.Object[*toy]
	size int
}

// Describe lists the attributes and methods of toys.
func (*toy) Describe() *language.Kind {
	return &language.Kind{
		Name: "toy",
		Help: "A toy.",
		Hint: "It is to be played with",
		Attributes: []language.Attribute{
			language.Attr("size", "how big it is", func(t *toy) starlark.Value { return starlark.MakeInt(t.size) }),
		},
		Methods: []*language.Function{language.Method("grown", "a bigger one\nby so much", struct {
			By int `arg:"by" help:"how much bigger"`
		}{1}, func(_ *language.Call, t *toy, a *struct {
			By int `arg:"by" help:"how much bigger"`
		}) (starlark.Value, error) {
			return &toy{size: t.size + a.By}, nil
		})},
	}
}

func (t *toy) String() string                           { return "<toy>" }
func (t *toy) Attr(name string) (starlark.Value, error) { return t.Lookup(t, name) }

type makeArgs struct {
	Name   string    `arg:"name,required" complete:"toys" help:"its name"`
	Size   int       `arg:"size" help:"how big"`
	Weight float64   `arg:"weight" help:"how heavy"`
	Loud   bool      `arg:"loud" help:"whether it makes noise"`
	Seed   uint64    `arg:"seed" help:"of chance"`
	Beside *toy      `arg:"beside" help:"another toy"`
	Radii  []float64 `arg:"radii" help:"numbers"`
	Most   *int      `arg:"most" default:"no limit" help:"optional"`
}

// functions returns a small list, with one that waits for the interrupt and one that panics.
func functions() []*language.Function {
	return []*language.Function{
		language.Func("make", "Make a toy", makeArgs{Size: 3, Weight: 0.5}, func(c *language.Call, a *makeArgs) (starlark.Value, error) {
			if a.Size < 0 {
				return nil, errors.New("size must be 0 or more")
			}
			size := a.Size
			if a.Beside != nil {
				size += a.Beside.size
			}
			if a.Most != nil {
				size = min(size, *a.Most)
			}
			return &toy{size: size + len(a.Radii)}, nil
		}).
			InGroup("toys").
			WithExamples(`make("bear")`),
		language.Func("wait", "Wait for an interrupt", struct{}{},
			func(c *language.Call, _ *struct{}) (starlark.Value, error) {
				<-c.Ctx.Done()
				return nil, c.Ctx.Err()
			}).
			InGroup("time"),
		language.FuncWithParams("paint", "Paint in colours", []language.Param{
			{Name: "name", Required: true, Help: "of what", Want: "a string"},
			{
				Name: "**colours",
				Help: "how much of each",
				Want: "numbers",
			},
		}, func(c *language.Call, values []starlark.Value) (starlark.Value, error) {
			if values[1] == nil {
				return values[0], nil
			}
			return starlark.Tuple{values[0], values[1]}, nil
		}).
			InGroup("toys"),
		language.Func("explode", "Panic", struct{}{},
			func(*language.Call, *struct{}) (starlark.Value, error) { panic("boom") }).
			InGroup("time"),
		language.Func("say", "Print values", struct {
			Words []starlark.Value `arg:"*" help:"what is said"`
		}{}, func(c *language.Call, a *struct {
			Words []starlark.Value `arg:"*" help:"what is said"`
		}) (starlark.Value, error) {
			for _, w := range a.Words {
				c.Out.Print(w.String() + ";")
			}
			return nil, nil
		}).InGroup("time"),
	}
}

func names(kind, prefix string) []string {
	if kind == "toys" {
		return []string{"bear", "ball", "train"}
	}
	return nil
}

// output collects what was printed.
type output struct{ strings.Builder }

func (o *output) Print(text string)      { o.WriteString(text) }
func (o *output) Show(report.Report)     {}
func (*output) Progress(report.Progress) {}

// session runs items one after another.
type session struct {
	t *testing.T
	*language.Interp
}

func start(t *testing.T) session { return session{t, language.New(functions(), names)} }

// do runs an item and returns its output and the last value on separate lines, or the text of its error.
func (s session) do(source string) string {
	s.t.Helper()
	var out output
	v, err := s.Run(context.Background(), "item", source, &out)
	if err != nil {
		var e *report.Error
		if !errors.As(err, &e) {
			s.t.Fatalf("%q: an error of type %T", source, err)
		}
		return out.String() + e.Error()
	}
	if v != nil && v != starlark.None {
		out.WriteString(v.String())
	}
	return out.String()
}
