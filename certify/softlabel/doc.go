// Package softlabel makes soft labels of training images: how often a smoothed classifier votes for each class. Some
// training methods, such as CAT-RS, train on them in addition to the labels.
//
// [Labels] are the votes on some images with the [Settings] that they came from: noise, weights, seed, pixels. Their
// file is one text: a line of settings, a line of column names, and a line per image with its index, label, digest and
// votes. [Make] draws the votes, appending to the file. Killed at any moment and run again with the same arguments, it
// resumes, and ends with the same file. A shard has every n-th image; [Merge] joins shards. [Labels.On] attaches the
// votes, divided by their number, to images of a data set, for package train.
//
// Traps. Votes are hard: most entries are exactly 0. They are of the images as they are, not of augmented copies. The
// number of votes is a setting, because 10,000 votes on each of 60,000 images cost more than the training; the standard
// error of an entry is at most ½/√votes.
//
// Entry points: [Make], [Read], [Merge], [Labels.On].
package softlabel
