// Package smoothmix implements the paper's method, one short function per step of its algorithm.
//
// Jeong et al., "SmoothMix: Training Confidence-calibrated Smoothed Classifiers for Certified Robustness" (NeurIPS
// 2021), search adversarial points of the Gaussian-smoothed classifier and mix them with the clean images.
// [SmoothMix.Loss] is the whole training step. It calls, in this order:
//
//	method.Step.Search   T steps of SearchStep from the images: the far end
//	NearPoint            the near end: the image, or the point after mix_step steps
//	Mix                  self-mixup of both ends and of their labels
//	MaskedKL             the loss of the mixtures, for images that are predicted correctly
//
// [SearchStep] ascends on [LossAt], the loss of the smoothed prediction, by [Ascend]. All are functions of a step or of
// plain nodes, so a custom method may use any of them.
//
// Traps. m is not only the number of noise samples: it also splits each batch into m optimizer steps, as the authors
// do, so it changes the number of updates too.
//
// Comments cite the files and lines of the authors' code at commit cb1fd33. TestGolden compares each intermediate
// result with tensors computed by that code.
//
// Entry points: [New], [SmoothMix], [SearchStep], [NearPoint], [Mix], [MaskedKL].
package smoothmix
