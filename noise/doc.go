// Package noise is the randomness of the laboratory: counter-based, explicit, the same on every machine and device.
//
// A word is a pure function of a seed and an address: a [Purpose], an item (an image's index in its split, or an
// update's number), a sample (which noisy copy) and a position. Nothing is drawn "next", so no result depends on
// sharding, order, restarts or on what else was drawn. Package noise/draw builds the same words inside GoMLX graphs;
// this one, free of GoMLX, serves the host: initial weights, shuffles, and the vocabulary of purposes that certify
// shares. A [Grid] is the table by which words become Gaussian noise on the grid of 8-bit pixels, at a known distance
// from the ideal.
//
// Traps. Two draws that share a whole address are equal, not merely alike: give every new use a Purpose of its own.
// Purposes are stored in certificates by what they produce, so their numbers never change.
//
// Entry points: [Purpose], [NewStream], [NewGrid], [Philox].
package noise
