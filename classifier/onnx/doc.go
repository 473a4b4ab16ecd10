// Package onnx reads classifiers from ONNX files, as PyTorch exports them, and builds them as GoMLX graphs with
// gradients.
//
// A file is parsed, checked, and planned before anything is computed. A plan holds every shape, every constant and how
// each value is computed, for one batch size. The first plan is for a prime number of images. It records for each value
// which axis separates the images, and refuses a network that mixes them: votes would not be independent, and a
// certificate would be wrong. So every error is found before a graph is built.
//
// Nouns: a [Network] is a file's graph without values; a [Param] is one of its weights, under PyTorch's name, and its
// [Role] says who changes it.
//
// Traps. Compiled programs are cached by the network's name, so [Network.Name] contains a hash of the graph: two files
// of the same name do not share programs. Weights that an exporter has folded cannot be trained, and
// [Network.Untrainable] gives that as the reason; [Script] exports a network without folding. Several gradients of
// GoMLX v0.28.2 are wrong, slow or missing (strided convolutions with even kernels, grouped ones, sums over windows,
// Pad, Reverse), and are replaced here; each operation is compared with PyTorch in testdata/operations.py.
//
// Entry points: [Read], [Parse], [Network.Logits], [Script], [Operations].
package onnx
