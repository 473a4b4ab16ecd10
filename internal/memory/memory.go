// Package memory tells how much memory a process can have, so that bounds can be in proportion to it.
//
// Traps. A container's limit may be far below what the machine has; the smaller of the two counts.
//
// Entry points: [Total], [Available].
package memory

import (
	"bytes"
	"os"
	"strconv"
	"strings"
)

// Unknown is what Total and Available return where the system does not tell.
const Unknown = 8 << 30

// Total is the memory of the machine, or of the container if that has less, in bytes.
func Total() uint64 {
	total := meminfo("MemTotal")
	if limit := container(); limit > 0 {
		total = min(total, limit)
	}
	return total
}

// Available is the memory that could be taken now without swapping, in bytes.
func Available() uint64 { return meminfo("MemAvailable") }

// meminfo reads one line of Linux's summary.
func meminfo(name string) uint64 {
	data, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return Unknown
	}
	for line := range bytes.Lines(data) {
		fields := strings.Fields(string(line))
		if len(fields) < 2 || fields[0] != name+":" {
			continue
		}
		if kilobytes, err := strconv.ParseUint(fields[1], 10, 64); err == nil {
			return kilobytes << 10
		}
	}
	return Unknown
}

// container is the limit of the control group, 0 if it has none.
func container() uint64 {
	for _, path := range []string{"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"} {
		data, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		if limit, err := strconv.ParseUint(strings.TrimSpace(string(data)), 10, 64); err == nil {
			return limit
		}
	}
	return 0
}
