//go:build !linux

package pjrt

import (
	"errors"
	"os"
)

// identityOf returns an error: plugins are for Linux.
func identityOf(*os.File) (string, error) {
	return "", errors.New("compiled programs are kept on Linux only")
}
