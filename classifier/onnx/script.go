package onnx

import (
	_ "embed"
	"maps"
	"slices"
)

//go:embed to_smoothlab.py
var script string

// Script returns to_smoothlab.py, the Python program that exports a PyTorch network with everything that training
// needs.
func Script() string { return script }

// Operations returns the names of the supported ONNX operations, sorted.
func Operations() []string { return slices.Sorted(maps.Keys(operations)) }
