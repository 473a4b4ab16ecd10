package losstape_test

import (
	"context"
	"fmt"

	"smoothlab/language"
	"smoothlab/method"
	"smoothlab/session/losstape"
	"smoothlab/smoothmix"

	"go.starlark.net/starlark"
)

// A user's loss is called once, with a step whose verbs are recorded. The tape then builds the graph.
func ExampleTape() {
	const source = `
def loss(step):
    far = step.search(step.x)
    return step.cross_entropy(step.logits(far))
`
	ctx := context.Background()
	session := language.New(nil, func(_, _ string) []string { return nil })
	if _, err := session.Run(ctx, "cell 1", source, nil); err != nil {
		fmt.Println(err)
		return
	}
	tape := losstape.NewTape(method.Fields(smoothmix.New()))
	loss := session.Variables()["loss"].(starlark.Callable)
	step := starlark.Tuple{starlark.String("step"), tape.Step()}
	result, err := session.Invoke(ctx, "loss", loss, []starlark.Tuple{step}, nil)
	if err == nil {
		err = tape.Finish(result)
	}
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(tape.Text())
	// Output:
	// t0 = x("")
	// t1 = search("", t0)
	// t2 = logits("", t1)
	// t3 = cross_entropy("", t2)
	// "loss" 1 t3
}
