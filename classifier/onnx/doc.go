// Package onnx reads classifiers from ONNX files, as PyTorch exports them, and builds them as GoMLX graphs with
// gradients.
//
// A file is parsed, checked, and planned before anything is computed. A plan holds every shape, every constant and
// how each value is computed, for one batch size. While it is made for a prime number of images it follows the axis
// on which they are kept apart, and refuses a network in which they meet: votes would not be independent, and a
// certificate would mean nothing. So every error comes before a graph is built.
//
// Nouns: a [Network] is a file's graph without values; a [Param] is one of its weights, under PyTorch's name, and its
// [Role] says who changes it.
//
// Traps. Compiled programs go by names: [Network.Name] holds a hash of the graph, so that two files of one name stay
// apart. What an exporter has folded cannot be trained, and [Network.Untrainable] says so; [Script] exports a network
// as it is. Several gradients of GoMLX v0.28.2 are wrong, slow or missing (strided convolutions with even kernels,
// grouped ones, sums over windows, Pad, Reverse), and are given here; each operation is compared with PyTorch in
// testdata/operations.py.
//
// Entry points: [Read], [Parse], [Network.Logits], [Script], [Operations].
package onnx
