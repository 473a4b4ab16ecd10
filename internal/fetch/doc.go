// Package fetch downloads a file whose SHA-256 is known in advance, and writes files atomically.
//
// # Nouns
//
// A file is described by its destination, its download addresses, and the SHA-256 of the bytes as downloaded (a .gz
// stays packed).
//
// # Lifecycle
//
// [File] locks the destination, so that of several processes one downloads and the others find the finished file; then
// it tries the addresses in order, writes to a file next to the destination, compares the hash, and renames. The
// destination therefore only ever has the published bytes, and a failure leaves no files.
//
// # Traps
//
//   - A destination that already has the right bytes costs one hash and no network. One that has other bytes is
//     replaced, but only by a good file.
//   - Each failure wraps one of the Err values, so that callers test with errors.Is; with several addresses it wraps
//     one for each.
//   - An interrupted download starts anew: for files of at most a few hundred megabytes, resuming is not worth its
//     complexity.
//
// # Entry points
//
// [File] downloads; [Lock] and [Place] are for derived files, such as those unpacked from an archive.
package fetch
