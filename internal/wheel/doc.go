// Package wheel installs a shared library from a pinned wheel of the Python package index, where builds of C++
// libraries are kept that no Go module has.
//
// A [Wheel] is a zip archive that the index lists, with its SHA-256; no Python is needed to use it. A [Library] is the
// one file of it that is wanted. A [Source] has both, and how the index is asked.
//
// [Source.Install] downloads the wheel under a lock, compares its SHA-256, unpacks the library atomically, and removes
// the wheel. A wheel that was put next to the library by hand needs no network. [Library.Check] reads the headers of a
// file, without loading it: loading a bad one can end the process. A library whose header is whole but whose code is
// damaged passes it.
//
// Trap. The index is asked with go-xla's installer.GetPipInfo, but nothing is fetched with its DownloadURLToTemp: that
// cannot be interrupted, waits for a silent server for ever, accepts an error page as the file, draws a spinner on
// standard output, and leaves an incomplete file after a failure. [smoothlab/internal/fetch] does none of this.
package wheel
