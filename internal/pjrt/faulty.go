package pjrt

import (
	"errors"
	"fmt"
	"os"
)

// FaultyVariable is the environment variable that allows a CPU plugin whose gradients are known to be wrong now and
// then: its value must be "allow".
const FaultyVariable = "SMOOTHLAB_FAULTY_PLUGIN"

// minAPI is the lowest minor version of the PJRT API at which a CPU plugin is used. XLA's CPU runtime of API 0.81
// computes wrong convolution gradients now and then when the processor is busy. Builds of API 0.106 and 0.115 passed
// the same test (docs/evidence.md); those in between were not tried.
const minAPI = 106

// faultyNote is what is said of a faulty plugin wherever it is named.
const faultyNote = "computes wrong gradients now and then on a busy CPU"

// errFaulty reports a plugin that is too old; the plugin is its subject.
var errFaulty = errors.New("is too old: XLA's CPU plugins before PJRT API 0.106 may compute wrong gradients when the " +
	"processor is busy; name a newer one by " + FileVariable + ", or set " + FaultyVariable + "=allow to use it all the same")

// faultyAllowed reports whether the user accepts a faulty plugin.
func faultyAllowed() bool { return os.Getenv(FaultyVariable) == "allow" }

// allowed reports why w must not be installed: the package index has no better one for the platform, and the user does
// not accept a faulty one.
func (w wheel) allowed(platform string) error {
	if !w.faulty || faultyAllowed() {
		return nil
	}
	return fmt.Errorf("no XLA plugin is installed: for %s the package index has only %s %s, which %s; "+
		"name a newer plugin by %s, or set %s=allow to install it all the same",
		platform, w.project, w.version, faultyNote, FileVariable, FaultyVariable)
}

// Warning is what must be said wherever the plugin is named, with a leading comma; empty if it is not faulty.
func (p Plugin) Warning() string {
	if !p.Faulty {
		return ""
	}
	return ", which " + faultyNote
}
