// Package wheel installs a shared library from a pinned wheel of the Python package index, which has builds of C++
// libraries that no Go module contains.
//
// A [Wheel] is a zip archive that the index lists, with its SHA-256; no Python is needed to use it. A [Library] is the
// one file in it that is needed. A [Source] combines both with a way to query the index.
//
// [Source.Install] downloads the wheel under a lock, compares its SHA-256, unpacks the library atomically, and removes
// the wheel. A wheel that was put next to the library by hand needs no network. [Library.Check] reads the headers of a
// file, without loading it: loading a bad one can end the process. A library whose header is whole but whose code is
// damaged passes it.
//
// Trap. The index is queried with go-xla's installer.GetPipInfo, but nothing is downloaded with its DownloadURLToTemp:
// that cannot be interrupted, waits for a silent server for ever, accepts an error page as the file, draws a spinner on
// standard output, and leaves an incomplete file after a failure. [smoothlab/internal/fetch] does none of this.
package wheel
