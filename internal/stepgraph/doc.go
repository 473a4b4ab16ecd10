// Package stepgraph holds what training and walks share: a method's step bound to the inputs of a compiled program, the
// optimizer's update, the noise of an update, and the copying of its inputs and outputs.
//
// Programs of a step take P parameters first, then the [Images]: pixels [B, H, W, C] uint8, labels [B] int32, for some
// methods targets [B, K] float32, and noise [m, B, H, W, C] float32. [Batch] makes the first of them. [ScalarNames] is
// the order of the numbers in their scalars input, [ScalarInputs] are the values.
package stepgraph
