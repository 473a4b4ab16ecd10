// Package evaluation looks at a classifier before anything is certified: its logits, its accuracy on the images as they
// are and under noise, and which classes it takes for which.
//
// Nouns. A [Job] names classifier and images. [Logits] returns the network's outputs. [Evaluate] returns an
// [Evaluation]: scores of the base classifier on the images (clean) and, with a noise, of the base classifier on
// noisy copies (noisy) and of the smoothed classifier (smoothed), each with its confusion matrix.
//
// Lifecycle. Both functions upload the weights, compute in calls of at most [Chunk] images, report progress, end
// promptly when their context does, and free the weights. They save nothing.
//
// Traps. The smoothed classifier is judged by PREDICT of Cohen et al. 2019: an image without a significant majority
// is an abstention, which is not correct. Its accuracy is an estimate and no certificate. Noise is drawn for
// [noise.Predict], so certify.Predict with the same seed, N and alpha returns the same predictions. Logits are computed
// in batches of one shape, so an image's logits do not depend on the other images; another batch shape, as training or
// votes use, may differ in the last bits.
//
// Entry points: [Logits], [Evaluate].
package evaluation
