// Package quickstart runs the project's main job on real digits: it trains classifiers with Gaussian noise and with
// SmoothMix, certifies them on held-out images, and compares them. A [Plan] holds all settings that are fixed before
// the work starts; [Plans] lists the plans of the program. [Run] runs a plan in a directory of checkpoints,
// certification logs, a plot and the table. A stopped run resumes when it is started again; a finished one only reads
// and prints its results. The comparison has three classifiers, because two would confound two causes: SmoothMix splits
// each batch into m parts and so takes m times as many, smaller steps. The middle row is Gaussian training with the
// same steps.
//
// Trap: one run of each compares these three classifiers, not the methods, as the output points out.
//
// Entry points: [Plans], [Run].
package quickstart
