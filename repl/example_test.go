package repl_test

import (
	"context"
	"os"
	"strings"

	"smoothlab/repl"
	"smoothlab/report"
)

// shout is a language in which every item is a text, whose value is the text in capitals.
type shout struct{}

func (shout) Evaluate(_ context.Context, source string, out report.Output) (report.Report, error) {
	if strings.TrimSpace(source) == "" {
		return nil, &report.Error{Name: report.Failed, Message: "there is nothing to shout: write a text"}
	}
	out.Print(strings.ToUpper(source) + "!\n")
	return nil, nil
}
func (shout) Complete(string, int) report.Completion               { return report.Completion{} }
func (shout) Inspect(string, int) (report.Report, bool)            { return nil, false }
func (shout) IsComplete(string) (c report.Completeness, in string) { return report.Complete, "" }
func (shout) Unsaved() []string                                    { return nil }

// Run a program in a language. Run, with the same options and a terminal, is its prompt.
func ExampleRunSource() {
	console := repl.NewConsole(os.Stdout, os.Stdout, os.Getenv)
	o := repl.Options{Evaluator: shout{}, Console: console, In: os.Stdin}
	_ = repl.RunSource(context.Background(), o, "greeting.txt", "hello") // an error is shown by the console
	_ = repl.RunSource(context.Background(), o, "nothing.txt", "")
	// Output:
	// HELLO!
	// error: there is nothing to shout: write a text
}
