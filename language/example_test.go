package language_test

import (
	"context"
	"fmt"

	"smoothlab/language"
	"smoothlab/report"

	"go.starlark.net/starlark"
)

type powerArgs struct {
	X float64 `arg:"x,required" help:"a number"`
	N int     `arg:"n" help:"how often it is multiplied"`
}

// stdout prints what cells print.
type stdout struct{}

func (stdout) Print(text string)        { fmt.Print(text) }
func (stdout) Show(r report.Report)     { fmt.Print(report.Text(r, report.Style{})) }
func (stdout) Progress(report.Progress) {}

// A function is described by the struct of its arguments: signature, checks, errors, help and completion follow.
func ExampleFunc() {
	power := language.Func("power", "Multiply a number with itself", powerArgs{N: 2},
		func(_ *language.Call, a *powerArgs) (starlark.Value, error) {
			y := 1.0
			for range a.N {
				y *= a.X
			}
			return starlark.Float(y), nil
		})
	fmt.Println(power.Signature())

	session := language.New([]*language.Function{power}, func(_, _ string) []string { return nil })
	for _, cell := range []string{"a = power(3)\nprint(a)", "power(a, n=3)", "power(y=1)"} {
		value, err := session.Run(context.Background(), "cell", cell, stdout{})
		fmt.Println(value, err)
	}
	for _, item := range session.Complete("pow", 3).Items {
		fmt.Println(item.Text, "·", item.Help)
	}
	// Output:
	// power(x, n=2)
	// 9.0
	// None <nil>
	// 729.0 <nil>
	// <nil> error: power: unknown argument "y"; known: x, n
	// power · Multiply a number with itself
}
