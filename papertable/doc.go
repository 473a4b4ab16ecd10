// Package papertable makes the paper's tables with this program: it trains each row, certifies it, and sets it next to
// the authors' runs.
//
// A [Row] is a method with its settings; [Rows] lists the rows of a data set. A [Plan] chooses rows, noise levels and
// seeds, and how they are trained and certified; a [Task] is one of its classifiers. [Make] carries a plan out in a
// directory. It can be stopped at any moment: the same call resumes, takes finished rows as they are, and refuses what
// was made with other settings. [Compare] sets finished rows next to the authors' runs.
//
// Each task leaves four files: a checkpoint of the training, the weights, a certification log with its settings, and a
// card (package zoo), which is written last.
//
// Trap. One run of a row compares classifiers, not methods. The intervals of [Compare] contain the spread of the
// authors' runs, not the spread of ours.
//
// Entry points: [Rows], [Make], [Compare].
package papertable
