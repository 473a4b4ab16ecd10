// Package walk takes a single training step apart: noise, loss, search, mix and update, one verb at a time.
//
// [New] begins a [Walk] of a method from given weights and a batch of images. Each verb takes the method, whose
// settings may have changed since the last verb, and returns what it computed: [Noise], [Look], [Point], [Mixture],
// [Update].
//
// A walk builds the same Loss as training, with points found by earlier calls in place of the search, so every method
// that can be trained can be walked. Followed to the end, with the method's own number of search steps, it is update 0
// of a training with its seed, batch and epoch, up to the last bit of a weight: XLA fuses one long program differently
// from several short ones. A method's search step is the Advance of its Traits. Walk.Mix shows what its Loss passes to
// Step.Show.
//
// Lifecycle: a walk serves one goroutine at a time and must be closed. A verb that fails, or whose ctx ends, leaves the
// walk unchanged.
//
// Entry points: [New], [Walk.Noise], [Walk.Loss], [Walk.Search], [Walk.Mix], [Walk.Update].
package walk
