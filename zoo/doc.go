// Package zoo holds the classifiers of the paper's table that this program trained: for each row a card, the
// certification log, and for some rows the weights.
//
// A [Card] describes a row: method, settings, seed, training, machine, and the results of its certification. Package
// papertable writes cards; the embedded rows are in zoo/rows, one directory per data set and sigma.
//
// Lifecycle: [Embedded] or [Dir] opens a zoo. [Zoo.Find] chooses a row, [Row.Classifier] reads its weights and
// [Row.Certificates] its log. Both are checked against the SHA-256 in the card.
//
// Traps. A row whose card is not finished is not listed. Rows without weights still have a log.
//
// Entry points: [Embedded], [Pretrained].
package zoo
