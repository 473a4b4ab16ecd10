// Package memory returns the size of the memory, so that limits can be in proportion to it. Entry points:
// [Total], [Available].
package memory

import (
	"os"
	"path"
	"strconv"
	"strings"
)

// unknown is used if the system does not report its memory.
const unknown = 8 << 30

// Total returns the bytes of memory that this process may use: the memory of the machine, or the limit of the process's
// control group if that is lower, as in a container.
func Total() int64 {
	total := installed()
	if total <= 0 {
		total = unknown
	}
	groups, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return total
	}
	if limit, ok := limit("/sys/fs/cgroup", string(groups)); ok {
		total = min(total, limit)
	}
	return total
}

// limit returns the lowest limit of the control groups that a process is in, which are the lines of /proc/self/cgroup.
// Version 2 of the interface has memory.max; version 1 has memory.limit_in_bytes under memory/.
func limit(root, groups string) (int64, bool) {
	lowest, found := int64(0), false
	look := func(file string) {
		text, err := os.ReadFile(file)
		if err != nil {
			return
		}
		n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64) // "max" is none
		if err == nil && n > 0 && (!found || n < lowest) {
			lowest, found = n, true
		}
	}
	for line := range strings.Lines(groups) {
		fields := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(fields) != 3 {
			continue
		}
		dir, file := root, "memory.max"
		switch {
		case fields[1] == "memory":
			dir, file = path.Join(root, "memory"), "memory.limit_in_bytes"
		case fields[1] != "":
			continue
		}
		for group := path.Clean("/" + fields[2]); ; group = path.Dir(group) {
			look(path.Join(dir, group, file))
			if group == "/" {
				break
			}
		}
	}
	return lowest, found
}
