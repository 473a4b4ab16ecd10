package main

import (
	"errors"
	"fmt"
	"os/exec"
	"runtime"

	"golang.org/x/sys/unix"
)

// startOn starts a command that may use the first cores of this process only, as taskset does.
func startOn(cmd *exec.Cmd, cores int) error {
	runtime.LockOSThread() // a process inherits the cores of the thread that starts it
	defer runtime.UnlockOSThread()
	var all, some unix.CPUSet
	if err := unix.SchedGetaffinity(0, &all); err != nil {
		return err
	}
	for i := 0; some.Count() < cores && i < 8*len(all)*8; i++ {
		if all.IsSet(i) {
			some.Set(i)
		}
	}
	if some.Count() < cores {
		return fmt.Errorf("this process may use %d cores, not %d", all.Count(), cores)
	}
	if err := unix.SchedSetaffinity(0, &some); err != nil {
		return err
	}
	return errors.Join(cmd.Start(), unix.SchedSetaffinity(0, &all))
}
