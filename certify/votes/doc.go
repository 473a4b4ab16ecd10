// Package votes lets a classifier vote under noise: it is the [certify.Voter] that runs on an engine, as one compiled
// graph that draws the noise, adds it, computes the logits and counts the classes.
//
// A vote is the class with the largest logit for one noisy copy of one image. A [Voter] holds one classifier's weights
// on the device, one data set, a noise level sigma and a seed. A chunk is the number of copies that one call of the graph
// computes; a Voter has two, one for choosing a class ([SelectChunk]) and one for everything else ([DefaultChunk]).
//
// Lifecycle: [New] uploads the weights, [Voter.Vote] counts votes, usually called by certify.Run, [Voter.Close] frees the
// weights. The first votes of a chunk's size compile its graph; other classifiers, images, seeds and sigmas use the same.
// Memory is that of one chunk, whatever the number of votes or images.
//
// Traps. A vote depends on the seed, the purpose, the image's index in its original split and the number of the copy:
// not on its position in a slice of the data set, on how copies are grouped into calls, or on restarts. But logits of
// one noisy image differ in their last bits between batch shapes, backends and processors, so that equality is promised
// for one chunk only, and a vote between two nearly equal logits may fall the other way in another; certificates record
// [Voter.Chunks]. Calls are therefore aligned to multiples of the chunk: a range that begins or ends inside one costs a
// whole call, so ask for votes in multiples. sigma is used as the float32 not below it, and noisy images are not clipped to [0,1].
//
// Entry points: [New], [Voter.Vote], [Voter.Close].
package votes
