// Package notebooks holds the tutorials, and the test that executes them with Jupyter's own programs.
//
// Those of our own kernel: tour (from one digit to a certificate), calibration, ablations, paper_mnist and
// paper_cifar10 (the paper's tables, at a budget that the first cell chooses). Those of GoNB, in Go: gonb_walk (a
// training step verb by verb), gonb_method (a training method written in a cell), gonb_certification.
//
// They are committed with their outputs, at the smallest budget. Each notebook's metadata keeps a digest of its cells
// as they were executed: who changes a cell executes it again with
//
//	go test ./notebooks -update
//
// Traps. What is trained goes to runs, beside the notebook, and is loaded from there the next time; the test executes
// in a folder of its own.
package notebooks
