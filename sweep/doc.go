// Package sweep makes many classifiers, one after the other: it trains and certifies each in files of its own, and
// resumes where it was stopped.
//
// A [Cell] is one classifier: what it is trained on and how, and how it is certified. [Make] makes the cells of a [Job]
// in a directory. It can be stopped at any moment: the same job resumes, takes finished cells as they are, and refuses
// cells that were made with other settings. A cell that fails does not end it. A [Result] is what is known of a cell.
// Package papertable makes its rows of cells, too.
//
// Each cell leaves four files: a checkpoint of the training, the weights, a certification log with its settings, and a
// record of what it was made with, which is written first and again at the end.
//
// Trap. A cell whose training failed is tried again by the next call.
//
// Entry points: [Make], [Cell.Train], [Cell.Certify], [Part].
package sweep
