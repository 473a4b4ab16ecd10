// Bench compares smoothlab with PyTorch, ONNX Runtime and OpenVINO on this machine: the same work on all sides of one
// run, alternating, several times, and the ratios with their spread.
//
//	go run ./bench                      # everything; the first time it installs them (3 GB)
//	go run ./bench --only smoothmix     # what has that in its name
//	go run ./bench --json               # a JSON line each
//	go run ./bench --compile            # what compiling costs, and a second session that finds everything compiled
//	go run ./bench --growth DIR         # time and memory against N, images, batch, m, T and cores, with figures
//
// A work is a number of equal units: optimizer steps, batches of 1000 votes, certified images. A side does a work; one
// is this module, the other torch/bench.py in a process of its own, which has several anchors: PyTorch eager,
// torch.compile, and for votes ONNX Runtime and OpenVINO. Each round times all of them, so that a machine that is busy
// for a while slows all; the ratio is taken round by round. Before anything is timed, PyTorch's losses are compared
// with the golden tensors that this module's own tests hold it to, and the anchors' logits with PyTorch's.
//
// Traps. On a machine that does other work the spread is wide, and the medians are only as good as the spread. Times of
// the first units, which compile, are not counted on either side.
package main
