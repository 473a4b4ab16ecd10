//go:build !linux

package main

import (
	"fmt"
	"os/exec"
	"runtime"
)

// startOn starts a command; on this system its cores cannot be limited.
func startOn(cmd *exec.Cmd, cores int) error {
	if cores != runtime.NumCPU() {
		return fmt.Errorf("the cores of a process can be limited on Linux only")
	}
	return cmd.Start()
}
