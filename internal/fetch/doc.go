// Package fetch downloads one file whose SHA-256 is known beforehand, and puts
// files in place whole or not at all.
//
// # Nouns
//
// A file is named by its destination, the addresses it can be had from, and the
// SHA-256 of its bytes as they travel (a .gz stays packed).
//
// # Lifecycle
//
// [File] locks the destination, so that of several processes one downloads and
// the others find the finished file; then it tries the addresses in order,
// writes beside the destination, compares the hash, and renames. The
// destination therefore never holds anything but the published bytes, and
// whatever fails leaves nothing behind.
//
// # Traps
//
//   - A destination that already holds the right bytes costs one hash and no
//     network. One that holds other bytes is replaced, but only by a good file.
//   - Each failure wraps one of the Err values, so that callers test with
//     errors.Is; after several addresses it wraps one for each of them.
//   - An interrupted download starts anew: with pinned hashes and files of at
//     most a few hundred megabytes, resuming is not worth its faults.
//
// # Entry points
//
// [File] downloads; [Lock] and [Place] serve those who make a file of it, such as
// what is unpacked from an archive.
package fetch
