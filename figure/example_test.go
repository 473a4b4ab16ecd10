package figure_test

import (
	"bytes"
	"fmt"

	"smoothlab/figure"
)

func ExampleFigure_Draw() {
	f := figure.Figure{
		X:     figure.Axis{Name: "σ", Scale: figure.Log},
		Y:     figure.Axis{Name: "ACR"},
		Lines: []figure.Line{{Name: "SmoothMix", X: []float64{0.25, 0.5, 1}, Y: []float64{0.77, 1.45, 1.71}}},
		Style: figure.Style{Width: 3.25, FontSize: 8, Dashes: true, Markers: true},
	}
	pdf, err := f.Draw("pdf")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s, 3.25 × 2.44 inches: %t\n", pdf[:5], bytes.Contains(pdf, []byte("/MediaBox [0 0 234.00 175.50]")))
	// Output: %PDF-, 3.25 × 2.44 inches: true
}

func ExampleScale_Marks() {
	for _, m := range figure.Tail.Marks(figure.Tail.Place(0.5), figure.Tail.Place(0.999), 6) {
		fmt.Printf("%s at %.2f\n", m.Label, m.At)
	}
	// Output:
	// 0.5 at 0.30
	// 0.9 at 1.00
	// 0.99 at 2.00
	// 0.999 at 3.00
}
