package pjrt

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// identityOf returns what changes when a file or its content is replaced. The time of the last change of a file's state
// cannot be set by programs.
func identityOf(file *os.File) (string, error) {
	info, err := file.Stat()
	if err != nil {
		return "", err
	}
	s, known := info.Sys().(*syscall.Stat_t)
	if !known {
		return "", errors.New("the system tells too little about the plugin's file")
	}
	return fmt.Sprint(s.Dev, s.Ino, s.Size, s.Mtim, s.Ctim), nil
}
