package pjrt

import (
	"fmt"
	"path/filepath"
	"strings"

	goxla "github.com/gomlx/go-xla/pjrt"
)

// Device is a kind of device that XLA computes on.
type Device string

// The kinds of device there are plugins for.
const (
	CPU  Device = "cpu"
	CUDA Device = "cuda" // written after go-xla's sources, never run
)

// Plugin is a shared library that compiles and runs XLA programs.
type Plugin struct {
	Path   string // absolute
	Device Device
	Source string // how it was found, for display
	API    string // version of the PJRT C API it speaks, such as "0.81"; "" until it is opened
	// Precision is the precision of float32 products on a GPU, float32 or tf32; empty on a CPU.
	Precision string
	// Faulty reports that the plugin computes wrong gradients; it was opened because [FaultyVariable] allows it.
	Faulty bool
	// Programs are the compiled programs that are kept on disk; nil if none are.
	Programs *Programs
	// NotKept is the reason why no programs are kept in the directory of [Options.Programs].
	NotKept error
}

func (p Plugin) String() string {
	if p.API == "" {
		return fmt.Sprintf("%s (%s, %s)", p.Path, p.Device, p.Source)
	}
	return fmt.Sprintf("%s (%s, PJRT API %s, %s%s)", p.Path, p.Device, p.API, p.Source, p.Warning())
}

// Rejected is a file that has the name of a plugin but cannot be one.
type Rejected struct {
	Path   string
	Reason string // a clause without its subject: "is cut off"
}

func (r Rejected) String() string { return r.Path + " " + r.Reason }

// deviceOf returns a plugin's device by its file name, as go-xla does by the whole path; "" if the name has none.
func deviceOf(path string) Device {
	name := filepath.Base(path)
	switch {
	case goxla.IsCUDAName(name):
		return CUDA
	case strings.Contains(strings.ToUpper(name), "CPU"):
		return CPU
	}
	return ""
}
