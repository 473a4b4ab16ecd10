// Package quickstart is the project's main job on real digits: train classifiers with Gaussian noise and with
// SmoothMix, certify them on held-out images, and set them side by side.
//
// A [Plan] is everything that is fixed before the work begins; [Plans] lists those that come with the program. [Run]
// carries one out in a folder: checkpoints, certification logs, a plot and the table. It is repeatable: stopped at any
// moment and run again it goes on, and once finished it only reads and prints.
//
// Three classifiers are compared, because two would mix two causes: SmoothMix cuts each batch into m parts and so takes
// m times as many, smaller steps. The row in the middle is Gaussian training with just these steps.
//
// Trap: one run of each tells these three classifiers apart, not the methods; the output says so.
//
// Entry points: [Plans], [Run].
package quickstart
