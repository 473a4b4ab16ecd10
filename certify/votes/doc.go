// Package votes lets a classifier vote under noise: it is the [certify.Voter] that runs on an engine, as one compiled
// graph that draws the noise, adds it and computes the logits.
//
// A vote is the class with the largest logit for one noisy copy of one image. A [Voter] holds one classifier's weights
// on the device, one data set, a noise (package smoothing) and a seed, and reports them ([Voter.Source]), so that a
// certificate is for these and no others. A chunk is the number of copies that one call of the graph computes; a Voter
// has two, one for choosing a class ([SelectChunk]) and one for everything else ([DefaultChunk]). [Voter.VoteAll] fills
// chunks with copies of several images. [Voter.Predictions] returns the mean softmax in addition to the votes.
//
// Lifecycle: [New] uploads the weights, [Voter.Vote] counts votes, usually called by certify.Run, [Voter.Close] frees
// the weights. The first votes of a chunk's size compile its graph; other classifiers, images, seeds and scales use the
// same. It needs memory for one chunk per device, for any number of votes or images. All devices that compute in
// parallel are used, with one goroutine each, and a device is held for one call at a time.
//
// Two kinds of sampling. [New] adds any noise of package smoothing in float32, as is usual; its floating-point error is
// not bounded. [NewSound] draws Gaussian noise on the grid of 8-bit pixels with whole numbers alone, and [Voter.Slack]
// bounds how far all probabilities are from those of the theory (docs/sound-sampling.md).
//
// Traps. A vote depends on the seed, the purpose, the image's index in its original split and the number of the copy:
// not on its position in a slice of the data set, on how copies are grouped into calls, on what else is in the chunk,
// on the device of a kind that computes it, or on restarts. But logits of one noisy image differ in their last bits
// between batch shapes, backends and processors, so equality is guaranteed for one chunk only, and a vote between two
// nearly equal logits may differ in another; certificates record [Voter.Chunks]. Within a chunk all rows are computed
// alike only where their number is even: XLA's CPU backend multiplies a single last row by another routine. Chunks are
// therefore rounded up to multiples of four, and a test checks that a vote is the same in every row. A call costs a
// whole chunk, however few votes are requested. The scale is used as the float32 not below it (by NewSound exactly),
// and noisy images are not clipped to [0,1].
//
// Entry points: [Certify] for a whole data set; [New], [NewSound], [Voter.Vote], [Voter.VoteAll], [Voter.Predictions],
// [Voter.Close].
package votes
