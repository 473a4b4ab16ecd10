// Package steptest helps tests of training steps: [Golden] compares with the authors' tensors, [Lab] runs a graph
// function of a step on real digits.
//
// Traps. Tolerances are of float32 results that were added up in another order; they are named and explained in
// golden.go.
//
// Entry points: [With], [NewLab].
package steptest
