// Bench compares smoothlab with PyTorch on this machine: the same work on both sides of one run, alternating, several
// times, and the ratios with their spread.
//
//	go run ./bench                      # everything; the first time it makes a virtual environment with PyTorch (3 GB)
//	go run ./bench --only smoothmix     # what has that in its name
//	go run ./bench --json               # a JSON line each
//
// A work is a number of equal units: optimizer steps, batches of 1000 votes, certified images. A side does a work; one
// is this module, the other torch/bench.py in a process of its own. Each round times both sides, so that a machine that
// is busy for a while slows both; the ratio is taken round by round. Before anything is timed, PyTorch's losses are
// compared with the golden tensors that this module's own tests hold it to.
//
// Traps. On a machine that does other work the spread is wide, and the medians are only as good as the spread. Times of
// the first units, which compile, are not counted on either side.
package main
