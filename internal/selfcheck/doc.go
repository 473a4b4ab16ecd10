// Package selfcheck finds out whether XLA computes right numbers on a busy processor.
//
// A [Case] is a computation of the product that gives the same numbers whenever it is repeated: some training steps of
// a method, a search, an attack, votes. [Check] repeats cases while busy loops compete for the processor, and compares
// every result with the others and, where there is one, with a [Reference] that another program computed. [Report]
// says how often results were wrong.
//
// It exists because a plugin's convolution gradients were once off by more than their own size in one training step
// of 200, and only when the processor had other work (docs/evidence.md). Two facts about that fault shape the check:
//
//   - Work memory that is read too early still holds what the last call left there, so a program that is repeated
//     with the same inputs hides the fault. Each case has two variants, which take turns.
//   - A result is wrong when it differs from the right one by more than [Tolerance] of its size. Last bits are counted
//     apart: some differ when threads add up in another order.
package selfcheck
