package memory

import "golang.org/x/sys/unix"

// installed returns the bytes of the machine's memory, 0 where that is unknown.
func installed() int64 {
	n, err := unix.SysctlUint64("hw.memsize")
	if err != nil {
		return 0
	}
	return int64(n)
}
