package pjrt

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"

	"smoothlab/internal/programs"
)

// processor returns what the compiler's choices depend on: the number of processors this process may use, and the first
// one's model and features.
func processor() (string, error) {
	info, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return "", err
	}
	first, _, _ := strings.Cut(string(info), "\n\n")
	facts := []string{fmt.Sprintf("%s/%s, %d processors", runtime.GOOS, runtime.GOARCH, runtime.NumCPU())}
	for line := range strings.Lines(first) {
		name, value, _ := strings.Cut(line, ":")
		if slices.Contains(processorFacts[:], strings.TrimSpace(name)) {
			facts = append(facts, strings.TrimSpace(name)+": "+strings.TrimSpace(value))
		}
	}
	if len(facts) == 1 {
		return "", errors.New("the features of the processor are not known")
	}
	return strings.Join(facts, "\n"), nil
}

// processorFacts are the lines of /proc/cpuinfo that name a processor's model and features, on x86-64 and on arm64. The
// other lines change while the machine runs.
var processorFacts = [...]string{
	"vendor_id", "cpu family", "model", "model name", "stepping", "flags",
	"CPU implementer", "CPU architecture", "CPU variant", "CPU part", "CPU revision", "Features",
}

// pluginDigest returns the SHA-256 of the plugin's file. It is kept in the store, under what the system tells about the
// file, so that 200 MB are read once per installation and not once per process.
func pluginDigest(store *programs.Store, path string) (sum [sha256.Size]byte, err error) {
	file, err := os.Open(path)
	if err != nil {
		return sum, err
	}
	defer file.Close()
	identity, err := identityOf(file)
	if err != nil {
		return sum, err
	}
	key := digest("plugin", identity)
	if kept, err := store.Get(key); err == nil && len(kept) == hex.EncodedLen(len(sum)) {
		if _, err := hex.Decode(sum[:], kept); err == nil {
			return sum, nil
		}
	}
	h := sha256.New()
	if _, err := io.Copy(h, file); err != nil {
		return sum, err
	}
	h.Sum(sum[:0])
	_ = store.Put(key, []byte(hex.EncodeToString(sum[:]))) // else the next process computes it
	return sum, nil
}
