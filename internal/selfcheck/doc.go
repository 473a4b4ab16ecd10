// Package selfcheck tests whether an XLA plugin computes correct results repeatedly.
//
// A [Case] is a computation of the product that gives the same numbers whenever it is repeated: training steps of a
// method, a search, an attack, votes. [Check] computes each once, then repeats it while busy loops compete for the
// processor, and compares. [Report] counts the wrong results. The gradients of one LeNet step are compared with another
// program, plain loops in float64; the other cases with their first run, which the golden tests compare with PyTorch.
//
// It exists because a plugin once multiplied by the weights of an earlier training when new ones were at the same
// address (docs/evidence.md). Whether they are depends on the allocator, hence on timing; it happened in one training
// of fifteen, on a busy processor. So the check forces it:
//
//   - All inputs of a program stay at one address, where their values are replaced ([engine.Engine.KeepAddresses]).
//   - Each case has two variants with different inputs, which alternate: data cached from the last call is then wrong.
//   - A result is wrong when it differs from the right one by more than [Tolerance] of its size. Differences in the
//     last bits are counted separately: they occur when threads sum in another order.
package selfcheck
