// Package zoo holds the classifiers of the paper's table that this program trained: for each row a card, the
// certification log, and for some rows the weights.
//
// A [Card] says everything about a row: method, settings, seed, training, what computed it, and what its certification
// came to. Package papertable writes cards; the rows that are embedded are in zoo/rows, one directory a data set and
// sigma.
//
// Lifecycle: [Embedded] or [Dir] opens a zoo. [Zoo.Find] chooses a row, [Row.Classifier] reads its weights and
// [Row.Certificates] its log. Both are checked against the SHA-256 in the card.
//
// Traps. A row whose card is not finished is in no list. Rows without stored weights still have a log.
//
// Entry points: [Embedded], [Pretrained].
package zoo
