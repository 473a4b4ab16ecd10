package jupyter

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"

	"smoothlab/kernel/report"
)

// toy is a language of a command and its argument.
type toy struct {
	ran atomic.Int32
}

func (t *toy) Evaluate(ctx context.Context, source string, out report.Output) (report.Report, error) {
	t.ran.Add(1)
	command, argument, _ := strings.Cut(source, " ")
	n, _ := strconv.Atoi(argument)
	switch command {
	case "":
		return nil, nil
	case "print":
		out.Print(argument + "\n")
	case "lines":
		for i := range n {
			out.Print(fmt.Sprintf("line %d\n", i))
		}
	case "value":
		return &report.Value{Repr: argument, Data: argument}, nil
	case "shown":
		out.Show(report.Message{Text: argument})
		return report.Shown{Report: report.Message{Text: argument}}, nil
	case "full":
		out.Show(report.InFull(report.Message{Text: argument}))
	case "figure":
		return report.Figure{Curves: report.Curves{Title: "a", Series: []report.Series{{Name: "b", X: []float64{0, 1}, Y: []float64{0, 1}}}}}, nil
	case "fail":
		return nil, &report.Error{Name: report.Failed, Message: argument, Trace: []string{"line 1"}}
	case "wait":
		out.Print("waiting\n")
		<-ctx.Done()
		return nil, &report.Error{Name: report.Interrupted, Message: "stopped"}
	case "spin": // what XLA does: nothing hears it
		for ctx.Err() == nil {
		}
		return nil, &report.Error{Name: report.Interrupted, Message: "stopped"}
	case "ask":
		answer, err := out.(report.Asker).Ask(ctx, argument, false)
		if err != nil {
			if ctx.Err() != nil {
				return nil, &report.Error{Name: report.Interrupted, Message: "stopped"}
			}
			return nil, err
		}
		return &report.Value{Repr: answer}, nil
	case "progress":
		for i := range n {
			out.Progress(report.Progress{ID: "p", Part: "working", Done: i, Total: n})
			select {
			case <-ctx.Done():
				return nil, &report.Error{Name: report.Interrupted, Message: "stopped"}
			case <-tick(ctx):
			}
		}
		out.Progress(report.Progress{ID: "p", End: true})
	case "clear":
		out.(report.Clearer).Clear()
	case "panic":
		panic(argument)
	default:
		return nil, errors.New("unknown command")
	}
	return nil, nil
}

func (*toy) Complete(source string, cursor int) report.Completion {
	if source == "panic" {
		panic("completion")
	}
	return report.Completion{Start: 0, End: cursor, Items: []report.Item{{Text: "print", Kind: "function", Help: "says something"}}}
}

func (*toy) Inspect(source string, _ int) (report.Report, bool) {
	return report.Help{Name: source, Text: "it is explained"}, source == "print"
}

func (*toy) IsComplete(source string) (report.Completeness, string) {
	if strings.HasSuffix(source, ":") {
		return report.Incomplete, "    "
	}
	return report.Complete, ""
}
