package memory

import (
	"math"
	"os"
	"strconv"
	"strings"
)

// Available returns the bytes of memory that the machine could provide now without swapping; if unknown, the largest
// number.
func Available() int64 {
	if n, ok := available("/proc/meminfo"); ok {
		return n
	}
	return math.MaxInt64
}

// available reads the line MemAvailable of Linux's summary, which is in kB.
func available(file string) (int64, bool) {
	text, err := os.ReadFile(file)
	if err != nil {
		return 0, false
	}
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); len(fields) >= 2 && fields[0] == "MemAvailable:" {
			kilobytes, err := strconv.ParseInt(fields[1], 10, 64)
			return kilobytes << 10, err == nil
		}
	}
	return 0, false
}
