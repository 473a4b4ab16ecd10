// Package baseline holds the training methods that the paper compares SmoothMix with, one file per method.
//
// [Gaussian] is Cohen et al. 2019, [Stability] Li et al. 2019, [SmoothAdv] and [SmoothAdvDDN] Salman et al. 2019,
// [MACER] Zhai et al. 2020, [Consistency] Jeong and Shin 2020; [SmoothAdvConsistency] is the combination in the
// authors' code. [CATRS], Jeong, Kim and Shin 2023, came after the paper. Each type holds the method's settings, and
// its Loss is the training step in the authors' repository (commit cb1fd33, of CATRS its own), whose files and lines
// the comments cite. The tests compare losses and gradients with tensors computed by that code.
//
// To add a method, write one file here and one entry in train/methods.go; the contract tests of package train then
// cover it.
//
// Entry points: [NewGaussian], [NewStability], [NewSmoothAdv], [NewSmoothAdvDDN], [NewMACER], [NewConsistency],
// [NewSmoothAdvConsistency], [NewCATRS].
package baseline
