package report_test

import (
	"fmt"
	"os"

	"smoothlab/report"
)

func ExampleText() {
	curves := report.Curves{
		X:      "epoch",
		Y:      "loss",
		Series: []report.Series{{X: []float64{0, 1}, Y: []float64{0.93, 0.41}}},
	}
	fmt.Print(report.Text(report.Figure{Curves: curves}, report.Style{Width: 40}))
	// Output:
	// loss
	//   1 ┤
	//     │⠉⠒⠤⢄⡀
	// 0.8 ┤    ⠈⠉⠒⠤⢄⡀
	//     │         ⠈⠑⠒⠤⣀⡀
	//     │              ⠈⠑⠒⠤⣀⡀
	// 0.6 ┤                   ⠈⠑⠒⠤⣀⡀
	//     │                        ⠈⠑⠢⠤⣀
	//     │                             ⠉⠑⠢⠤⣀
	// 0.4 ┤                                  ⠉
	//     │
	//     │
	// 0.2 ┤
	//     │
	//   0 ┤
	//     └┬─────────────────────────────────┬
	//      0                                 1
	//                     epoch
}

func ExampleStyleFor() {
	// A terminal gets colours and its own width, a pipe plain lines as long as they are.
	style := report.StyleFor(os.Stdout, os.Getenv)
	os.Stdout.WriteString(report.Text(report.Message{Text: "saved → mine.safetensors"}, style))
	// Output: saved → mine.safetensors
}

func ExampleDecode() {
	data, err := report.JSON(report.Classifier{Architecture: "lenet", Parameters: 431_080, State: "untrained, seed 1"})
	if err != nil {
		fmt.Println(err)
		return
	}
	c, err := report.Decode[report.Classifier](data)
	fmt.Println(c.Architecture, c.Parameters, err)
	_, err = report.Decode[report.Run](data)
	fmt.Println(err)
	// Output:
	// lenet 431080 <nil>
	// this is a smoothlab.classifier/1; expected a smoothlab.run/1
}

func ExampleInFull() {
	m := report.Method{
		Call:     "gaussian(sigma=0.5)",
		Settings: []report.Setting{{Name: "sigma", Value: 0.5, Help: "standard deviation of the noise"}},
	}
	fmt.Print(report.Text(m, report.Style{}))
	fmt.Println("show(m):")
	fmt.Print(report.Text(report.InFull(m), report.Style{}))
	// Output:
	// gaussian(sigma=0.5)
	// show(m):
	// gaussian(sigma=0.5)
	// setting  value                                   changing it
	// sigma    0.5    standard deviation of the noise  costs nothing
}
