package onnx

import (
	_ "embed"
	"maps"
	"slices"
)

//go:embed to_smoothlab.py
var script string

// Script is the Python program that exports a PyTorch network with what training needs, to_smoothlab.py.
func Script() string { return script }

// Operations are the names of ONNX's operations that are supported, sorted.
func Operations() []string { return slices.Sorted(maps.Keys(operations)) }
