package memory

import "golang.org/x/sys/unix"

// installed returns the bytes of the machine's memory, 0 where that is unknown.
func installed() int64 {
	var info unix.Sysinfo_t
	if err := unix.Sysinfo(&info); err != nil {
		return 0
	}
	return int64(uint64(info.Totalram) * uint64(info.Unit)) //nolint:unconvert // 32-bit machines need it
}
