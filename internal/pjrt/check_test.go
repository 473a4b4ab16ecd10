package pjrt

import (
	"debug/elf"
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestCheck(t *testing.T) {
	good := hollow(t)
	patch := func(offset int, value uint16) []byte {
		bad := slices.Clone(good)
		binary.LittleEndian.PutUint16(bad[offset:], value)
		return bad
	}
	// Offsets of e_type and e_machine in the ELF header (System V ABI, chapter 4).
	const typeAt, machineAt = 16, 18
	tests := []struct {
		name    string
		content []byte
		word    string // of the error; "" for none
	}{
		{"good", good, ""},
		{"empty", nil, "not a shared library"},
		{"text", []byte("<html>404</html>"), "not a shared library"},
		{"half", good[:len(good)/2], "cut off"},
		{"header only", good[:64], "cut off"},
		{"last byte missing", good[:len(good)-1], "cut off"},
		{"other machine", patch(machineAt, uint16(elf.EM_S390)), "built for EM_S390"},
		{"program", patch(typeAt, uint16(elf.ET_EXEC)), "not a shared library"},
		{"no entry", library(t, "int other;"), "does not export GetPjrtApi"},
		{
			"entry wanted, not given",
			library(t, "void *GetPjrtApi(void); void *f(void) { return GetPjrtApi(); }"),
			"does not export GetPjrtApi",
		},
	}
	for _, test := range tests {
		path := filepath.Join(t.TempDir(), "p.so")
		write(t, path, test.content)
		err := cpuLibrary.Check(path)
		if (err == nil) != (test.word == "") || err != nil && !strings.Contains(err.Error(), test.word) {
			t.Errorf("%s: error %v, want one with %q", test.name, err, test.word)
		}
	}
	for path, word := range map[string]string{
		filepath.Join(t.TempDir(), "none.so"): "no such file",
		t.TempDir():                           "not a file",
		os.DevNull:                            "not a file",
	} {
		if err := cpuLibrary.Check(path); err == nil || !strings.Contains(err.Error(), word) {
			t.Errorf("%s: error %v, want one with %q", path, err, word)
		}
	}
}
