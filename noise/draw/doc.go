// Package draw builds the random numbers of package noise inside GoMLX graphs.
//
// A [Source] is the part of an address that a whole draw shares: key, purpose, item. [Normal] and [Uniform] take the
// sample numbers, one per row, and return one row of values for each. They are pure functions of their inputs: an
// executable holds no random state, and a seed or an update number can change without recompiling.
//
// Why not graph.RandomNormal: on XLA's CPU backend it returns NaN once in 2³² values (the floor under its logarithm is
// a denormal, which is flushed to zero), discards half of what it computes, and its stream depends on the backend.
//
// Trap: the logarithm is the backend's, and so is whether a product and a sum are rounded once or twice: values of
// different backends agree to about 1e-6, while the words under them are equal.
//
// Like all graph code it panics on misuse; graph.Exec turns that into an error.
package draw
