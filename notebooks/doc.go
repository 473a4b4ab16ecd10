// Package notebooks holds the tutorials, and the test that executes them with Jupyter's own programs.
//
// Notebooks for this project's kernel: tour (from one digit to a certificate), network (a network from PyTorch,
// certified and fine-tuned), own_method (SmoothMix written out, and changed), calibration, ablations, paper_mnist and
// paper_cifar10 (the paper's tables, at a budget that the first cell chooses). Notebooks for GoNB, in Go: gonb_walk (a
// training step verb by verb), gonb_method (a training method written in a cell), gonb_certification.
//
// They are committed with their outputs, at the smallest budget. Each notebook's metadata holds a digest of its cells
// as they were executed. After changing a cell, execute it again with
//
//	go test ./notebooks -update
//
// Traps. Trained models are written to runs, next to the notebook, and loaded from there the next time. The test
// executes in a separate directory.
package notebooks
