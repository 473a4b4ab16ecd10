// Package onnxruntime computes networks with ONNX Runtime, whose convolutions on a CPU are faster than XLA's. It has no
// gradients here: it is for votes.
//
// A [Library] is ONNX Runtime, loaded. A [Network] is one ONNX file in it, such as classifier.ToONNX writes.
//
// Lifecycle: [Open] finds the library, or installs it, and loads it; [Library.Load] prepares a network;
// [Network.Classify] computes logits; [Network.Close] frees it. The library is taken from the first of
//
//   - the file that SMOOTHLAB_ONNXRUNTIME names, version 1.24 or newer;
//   - our own directory, $XDG_DATA_HOME/smoothlab/onnxruntime/onnxruntime-VERSION, by default under ~/.local/share;
//   - the pinned wheel of the package index, compared with its SHA-256, and unpacked into our own directory under a
//     lock. It may be put there by hand.
//
// [Find] does only the first two, and loads nothing.
//
// Traps. A process loads one library, and keeps it: every Open returns the same one, and another file is refused. A
// file is checked before it is loaded, but one whose header is whole and whose code is damaged ends the process. Logits
// differ from XLA's in their last bits, and between versions of the library. Those of one image depend neither on the
// other images of its batch nor on the number of threads for the networks that this was tried with (docs/evidence.md).
//
// Entry points: [Open], [Find], [Library.Load], [Network.Classify].
package onnxruntime
