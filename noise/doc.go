// Package noise provides the random numbers of the laboratory: counter-based, explicit, the same on every machine and
// device.
//
// A word is a pure function of a seed and an address: a [Purpose], an item (an image's index in its split, or an
// update's number), a sample (which noisy copy) and a position. Nothing is drawn "next", so no result depends on
// sharding, order, restarts or on what else was drawn. Package noise/draw builds the same words inside GoMLX graphs;
// this one needs no GoMLX and is for the host: initial weights, shuffles, and the purposes, which certify shares. A
// [Grid] is the table that converts words to Gaussian noise on the grid of 8-bit pixels, at a known distance from the
// ideal.
//
// Traps. Two draws that share a whole address are equal, not merely alike: give every new use its own Purpose.
// Certificates depend on the numbers of purposes, so these never change.
//
// Entry points: [Purpose], [NewStream], [NewGrid], [Philox].
package noise
