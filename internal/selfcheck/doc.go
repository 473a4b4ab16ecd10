// Package selfcheck finds out whether an XLA plugin computes right numbers again and again.
//
// A [Case] is a computation of the product that gives the same numbers whenever it is repeated: training steps of a
// method, a search, an attack, votes. [Check] computes each once, then repeats it while busy loops compete for the
// processor, and compares. [Report] says how often results were wrong. That the first result is right is for the golden
// tests to show, which compare the same programs with PyTorch's tensors.
//
// It exists because a plugin once multiplied by the weights of an earlier training when new ones came to the same
// address (docs/evidence.md). Whether they do depends on the allocator, hence on timing, and it happened in one
// training of fifteen, on a busy processor. So the check does not leave it to chance:
//
//   - All inputs of a program stay at one address, where their values are replaced ([engine.Engine.KeepAddresses]).
//   - Each case has two variants with different inputs, which take turns: what is left of the last call is then wrong.
//   - A result is wrong when it differs from the right one by more than [Tolerance] of its size. Last bits are counted
//     apart: some differ when threads add up in another order.
package selfcheck
