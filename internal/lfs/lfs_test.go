package lfs

import "testing"

// The pointer is from the specification (git-lfs/docs/spec.md).
func TestIs(t *testing.T) {
	pointer := "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 12345\n"
	if !Is([]byte(pointer)) || Is([]byte("version 3")) || Is(nil) {
		t.Error("a pointer is not told from other files")
	}
}
