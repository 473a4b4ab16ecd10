// Package capi calls functions of PJRT's C API that go-xla does not offer: they turn a compiled program into bytes and
// back.
//
// A [Library] is a plugin that has been loaded. Its table is what the plugin exports: pointers to all functions of the
// API. [Library.Table] returns it for go-xla, which accepts the table of a plugin that the program has loaded by
// itself. [Library.CachedTable] returns a copy in which one function is replaced: the one that compiles. The copy's
// function first looks for the program in a [Cache], and stores what it compiles there. For go-xla nothing changes.
//
// Traps. The C API passes its functions no context, so there is one copy of a table per process, for the first library
// that asks for it; another library gets its own table, without a cache. A plugin whose header is whole but whose code
// is damaged ends the process when it is loaded.
//
// Entry point: [Open].
package capi
