package onnx_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"smoothlab/classifier/onnx"
)

func TestZZ(t *testing.T) {
	all, _ := filepath.Glob(os.Getenv("BIG") + "/*.onnx")
	for _, f := range all {
		b, _ := os.ReadFile(f)
		s := time.Now()
		n, _, err := onnx.Read(b, onnx.Options{})
		if err != nil {
			t.Log(filepath.Base(f), err)
			continue
		}
		t.Log(filepath.Base(f), len(b), n.Name, n.MACs, len(n.Params), len(n.Graph()), time.Since(s), n.Untrainable)
	}
}
