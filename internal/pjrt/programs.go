package pjrt

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"

	"smoothlab/internal/programs"
)

// ProgramsVariable names the directory in which compiled programs are kept; "off" keeps none.
const ProgramsVariable = "SMOOTHLAB_PROGRAMS"

// ProgramsLimit is the number of bytes that the compiled programs of a directory may have.
const ProgramsLimit = 256_000_000

// keptSince is the minor version of the API from which programs are kept: that of the plugin with which it was tried.
const keptSince = 115

// ProgramsDir returns the directory for compiled programs: the one that the environment names, by default
// smoothlab/programs in the user's cache directory. It is empty if none are to be kept.
func ProgramsDir() string {
	switch dir := os.Getenv(ProgramsVariable); {
	case dir == "off":
		return ""
	case dir != "":
		return dir
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(cache, "smoothlab", "programs")
}

// Programs keeps the compiled programs of this process on disk, and counts them. It implements capi.Cache.
type Programs struct {
	store *programs.Store
	facts [sha256.Size]byte // what compiled programs depend on besides their text

	compiled, loaded, refused atomic.Int64
}

// openPrograms returns the store in dir for the plugin, or the reason why none is used.
func openPrograms(dir string, p Plugin, options string) (*Programs, error) {
	if err := keepable(p, os.Getenv(flagsVariable)); err != nil {
		return nil, err
	}
	cpu, err := processor()
	if err != nil {
		return nil, err
	}
	store, err := programs.Open(dir, ProgramsLimit)
	if err != nil {
		return nil, err
	}
	plugin, err := pluginDigest(store, p.Path)
	if err != nil {
		return nil, errors.Join(err, store.Close())
	}
	flags := strings.Join(settings(os.Environ()), "\n")
	facts := digest(string(plugin[:]), p.API, string(p.Device), options, cpu, flags)
	return &Programs{store: store, facts: facts}, nil
}

// keepable returns why the programs of a plugin cannot be kept.
func keepable(p Plugin, flags string) error {
	var major, minor int
	if _, err := fmt.Sscanf(p.API, "%d.%d", &major, &minor); err != nil {
		return err
	}
	switch {
	case p.Device != CPU:
		return fmt.Errorf("programs are not kept for the device %s", p.Device)
	case major != 0 || minor < keptSince:
		return fmt.Errorf("programs are kept from PJRT API 0.%d on, the plugin has %s", keptSince, p.API)
	case strings.Contains(flags, "dump"):
		return fmt.Errorf("%s asks for dumps, which only the compiler writes", flagsVariable)
	case flags != "" && !strings.HasPrefix(strings.TrimSpace(flags), "-"):
		return fmt.Errorf("%s names a file of flags, which may change", flagsVariable)
	}
	return nil
}

// settings returns the environment's variables that XLA and the libraries within it may read, sorted.
func settings(environ []string) []string {
	prefixes := []string{"XLA_", "TF_", "TSL_", "PJRT_", "NPROC", "OMP_", "KMP_", "MKL_", "DNNL_", "ONEDNN_"}
	var all []string
	for _, variable := range environ {
		if slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(variable, p) }) {
			all = append(all, variable)
		}
	}
	slices.Sort(all)
	return all
}

// digest returns the SHA-256 of texts, which it tells apart by their lengths.
func digest(texts ...string) (sum [sha256.Size]byte) {
	h := sha256.New()
	for _, text := range texts {
		_ = binary.Write(h, binary.LittleEndian, uint64(len(text))) // a hash takes all
		h.Write([]byte(text))
	}
	h.Sum(sum[:0])
	return sum
}

// Key implements capi.Cache.
func (p *Programs) Key(format string, program, options []byte) [32]byte {
	return digest(string(p.facts[:]), format, string(options), string(program))
}

// Get implements capi.Cache.
func (p *Programs) Get(key [32]byte) []byte {
	compiled, err := p.store.Get(key)
	if err != nil {
		p.refused.Add(1)
	}
	return compiled
}

// Put implements capi.Cache. A program that cannot be stored is compiled again by the next process.
func (p *Programs) Put(key [32]byte, compiled []byte) {
	p.compiled.Add(1)
	if compiled != nil {
		_ = p.store.Put(key, compiled)
	}
}

// Loaded implements capi.Cache.
func (p *Programs) Loaded(key [32]byte, accepted bool) {
	if accepted {
		p.loaded.Add(1)
		return
	}
	p.refused.Add(1)
	_ = p.store.Remove(key) // Put replaces it
}

// Counts returns how many programs of this process were compiled, loaded from disk, and refused on disk. A refused one
// was then compiled. They are 0 if no programs are kept.
func (p *Programs) Counts() (compiled, loaded, refused int) {
	if p == nil {
		return 0, 0, 0
	}
	return int(p.compiled.Load()), int(p.loaded.Load()), int(p.refused.Load())
}

// Usage returns the number of files in the directory and their bytes, those of other processes included.
func (p *Programs) Usage() (files int, bytes int64, err error) { return p.store.Usage() }
