package pjrt

import (
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
)

// entry is the function that a plugin exports.
const entry = "GetPjrtApi"

// check reports why the file at path cannot be a plugin for this machine, in a
// clause. It only reads headers: loading a bad file can end the process.
func check(path string) error {
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
	return checkELF(file, info.Size())
}

func checkELF(r io.ReaderAt, size int64) error {
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
		if s.Name == entry && s.Section != elf.SHN_UNDEF {
			return nil
		}
	}
	return fmt.Errorf("is not a PJRT plugin: it does not export %s", entry)
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
