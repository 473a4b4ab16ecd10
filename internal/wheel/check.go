package wheel

import (
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
)

// Library describes a shared library, and how messages name it.
type Library struct {
	Name      string // at the beginning of a sentence: "the XLA plugin"
	Kind      string // "a PJRT plugin"
	Member    string // its file name in the wheel, as a pattern of path.Match
	Symbol    string // function that it exports
	Variable  string // environment variable that can name a file of it
	Megabytes int    // space that the installation needs
}

// Check reports why the file at path cannot be the library on this machine, in a clause without its subject: "is cut
// off". It only reads headers: loading a bad file can end the process.
func (l Library) Check(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		if pe, ok := errors.AsType[*fs.PathError](err); ok {
			err = pe.Err
		}
		return fmt.Errorf("cannot be read (%w)", err)
	}
	if !info.Mode().IsRegular() {
		return errors.New("is not a file")
	}
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("cannot be read (%w)", errors.Unwrap(err))
	}
	defer file.Close()
	return l.checkELF(file, info.Size())
}

func (l Library) checkELF(r io.ReaderAt, size int64) error {
	f, err := elf.NewFile(r)
	if err != nil {
		return fmt.Errorf("is not a shared library, or is cut off after %d bytes (%w)", size, err)
	}
	defer f.Close()
	if machine, ok := machineOf(runtime.GOARCH); !ok || f.Machine != machine || f.Class != elf.ELFCLASS64 {
		return fmt.Errorf("is built for %v, this machine is %s", f.Machine, runtime.GOARCH)
	}
	if f.Type != elf.ET_DYN {
		return fmt.Errorf("is of type %v, not a shared library", f.Type)
	}
	if end := extent(f); end > uint64(size) {
		return fmt.Errorf("is cut off: %d of at least %d bytes are there", size, end)
	}
	symbols, err := f.DynamicSymbols()
	if err != nil {
		return fmt.Errorf("lists no symbols (%w)", err)
	}
	for _, s := range symbols {
		if s.Name == l.Symbol && s.Section != elf.SHN_UNDEF {
			return nil
		}
	}
	return fmt.Errorf("is not %s: it does not export %s", l.Kind, l.Symbol)
}

func machineOf(goarch string) (elf.Machine, bool) {
	switch goarch {
	case "amd64":
		return elf.EM_X86_64, true
	case "arm64":
		return elf.EM_AARCH64, true
	}
	return elf.EM_NONE, false
}

// extent returns the size that a file needs for its segments and sections.
func extent(f *elf.File) uint64 {
	end := uint64(0)
	for _, p := range f.Progs {
		end = max(end, p.Off+p.Filesz)
	}
	for _, s := range f.Sections {
		if s.Type != elf.SHT_NOBITS {
			end = max(end, s.Offset+s.FileSize)
		}
	}
	return end
}
