// Package lfs recognises the pointers that Git LFS leaves in place of large files that were not fetched.
package lfs

import (
	"bytes"
	"errors"
)

// ErrPointer is the error for a file that begins like a pointer.
var ErrPointer = errors.New("it is a pointer of Git LFS in place of the file: git lfs pull fetches that")

// Is reports whether a file that begins with these bytes is a pointer.
func Is(head []byte) bool {
	return bytes.HasPrefix(head, []byte("version https://git-lfs.github.com/spec/"))
}
