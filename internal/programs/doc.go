// Package programs keeps compiled programs on disk between processes.
//
// A [Store] is a directory with one file per program, named after its [Key], which is a digest of everything that the
// compiled program depends on. Two processes may use one store: files are written under another name and then renamed.
// A store has a limit on its size; when it is exceeded, the programs that were not used for the longest time are
// removed.
//
// A compiled program is machine code that the process will execute. So a store is only used if its directory belongs to
// the user of the process and no one else may write to it, and so is each file. A file states its key, its length and a
// digest of its contents. One that disagrees, because it was cut off, damaged, renamed, or written by another version,
// is removed and reported as [ErrRefused].
//
// Losing a store costs time and nothing else: no error of it needs to stop a caller.
//
// Entry points: [Open], [Store.Get], [Store.Put], [Store.Usage].
package programs
