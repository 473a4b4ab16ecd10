package onnx_test

import (
	"fmt"
	"os"

	"smoothlab/classifier/onnx"
)

// Read a network that PyTorch has exported, and look at it before anything is computed.
func ExampleRead() {
	data, err := os.ReadFile("testdata/tiny.onnx")
	if err != nil {
		fmt.Println(err)
		return
	}
	n, values, err := onnx.Read(data, onnx.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%d classes of images %d×%d×%d, %d multiply-adds\n",
		n.Classes, n.Input.Height, n.Input.Width, n.Input.Channels, n.MACs)
	for i, p := range n.Params[:3] {
		fmt.Println(p.Name, p.Dims, len(values[i]))
	}
	// Output:
	// 10 classes of images 28×28×1, 11080 multiply-adds
	// 0.weight [8 1 4 4] 128
	// 1.weight [8] 8
	// 1.bias [8] 8
}
