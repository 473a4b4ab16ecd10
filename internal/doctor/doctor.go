// Package doctor checks this machine for what smoothlab needs, and reports what is missing and how to fix it.
//
// A [Line] is one check, a [Report] all of them. [Examine] makes the report; it installs nothing and uses no network.
// Main adds lines about packages that this one must not import, such as the data directories, and sets the exit status
// by [Report.Complete].
//
// Listing the devices loads the plugin: a damaged one can end the process.
package doctor

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"

	"smoothlab/internal/pjrt"
	"smoothlab/internal/texttable"

	"github.com/gomlx/compute"
)

// Line is the result of one check.
type Line struct {
	Topic string // one word: "plugin"
	Found string // what was found
	Fix   string // what is wrong and how to fix it; "" if nothing is
	Later bool   // it is not there yet: it comes with the first use, or by doctor --fix
}

// Report lists the checks, in the order in which they are shown.
type Report []Line

// Complete reports whether nothing needs fixing.
func (r Report) Complete() bool {
	return !slices.ContainsFunc(r, func(l Line) bool { return l.Fix != "" })
}

// WriteTo writes the lines, then the fixes.
func (r Report) WriteTo(w io.Writer) (int64, error) {
	n, err := io.WriteString(w, r.String())
	return int64(n), err
}

// String returns the text of WriteTo.
func (r Report) String() string {
	var text strings.Builder
	var rows [][]string
	for _, l := range r {
		rows = append(rows, []string{l.Topic, l.Found})
	}
	text.WriteString(texttable.New(rows, 2).Text(rows))
	if r.Complete() {
		if slices.ContainsFunc(r, func(l Line) bool { return l.Later }) {
			return text.String() + "\nNothing is wrong. smoothlab doctor --fix installs what is not there yet.\n"
		}
		return text.String() + "\nNothing is missing.\n"
	}
	text.WriteString("\nTo fix:\n")
	for _, l := range r {
		if l.Fix != "" {
			fmt.Fprintf(&text, "- %s: %s\n", l.Topic, l.Fix)
		}
	}
	return text.String()
}

// Examine checks Go, the machine, the C compiler, the plugin and its devices, and appends more. It ends soon after ctx
// does; the remaining lines then say so.
func Examine(ctx context.Context, opts pjrt.Options, more ...Line) Report {
	r := Report{
		{Topic: "go", Found: strings.TrimPrefix(runtime.Version(), "go")},
		{Topic: "machine", Found: fmt.Sprintf("%s/%s, %d processors", runtime.GOOS, runtime.GOARCH, runtime.NumCPU())},
		compiler(),
	}
	r = append(r, plugins(ctx, opts)...)
	return append(r, more...)
}

// compiler looks for a C compiler as cgo does.
func compiler() Line {
	names := []string{"gcc", "clang", "cc"}
	if cc := strings.Fields(os.Getenv("CC")); len(cc) > 0 {
		names = cc[:1] // the rest are flags
	}
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return Line{Topic: "compiler", Found: path}
		}
	}
	return Line{
		Topic: "compiler",
		Found: fmt.Sprintf("none (%s); only needed to build smoothlab: install gcc for that", strings.Join(names, ", ")),
	}
}

// plugins describes the plugin that would be used, the skipped files, and the devices.
func plugins(ctx context.Context, opts pjrt.Options) []Line {
	env, err := pjrt.ReadEnv()
	if err != nil {
		return []Line{{Topic: "plugin", Found: "none", Fix: err.Error()}}
	}
	opts.Offline = true
	_, rejected, _ := env.Find(opts.Device) // Open returns the same error
	var passed []Line
	for _, r := range rejected {
		passed = append(passed, Line{Topic: "passed over", Found: r.String()})
	}
	backend, plugin, err := pjrt.Open(ctx, opts)
	if errors.Is(err, pjrt.ErrNotInstalled) {
		later := "not there yet; the first command that computes downloads it"
		return []Line{{Topic: "plugin", Found: later, Later: true}}
	}
	if err != nil {
		return append([]Line{{Topic: "plugin", Found: "none", Fix: err.Error()}}, passed...)
	}
	defer backend.Finalize()
	first := Line{Topic: "plugin", Found: plugin.String()}
	if plugin.Faulty {
		first.Fix = "the plugin computes wrong gradients: name a newer one by " + pjrt.FileVariable + ", or unset " + pjrt.FaultyVariable
	}
	lines := append([]Line{first}, passed...)
	return append(lines, Line{Topic: "devices", Found: devices(backend)}, kept(plugin, opts.Programs))
}

// kept describes the directory of compiled programs.
func kept(p pjrt.Plugin, dir string) Line {
	line := Line{Topic: "programs"}
	switch {
	case dir == "":
		line.Found = "compiled programs are not kept: " + pjrt.ProgramsVariable + "=off, or no cache directory is known"
	case p.NotKept != nil:
		line.Found = fmt.Sprintf("compiled programs are not kept: %v", p.NotKept)
	default:
		number, bytes, err := p.Programs.Usage()
		line.Found = fmt.Sprintf("%d compiled, %.1f of %d MB, in %s", number, float64(bytes)/1e6, pjrt.ProgramsLimit/1000000, dir)
		if err != nil {
			line.Fix = fmt.Sprintf("the compiled programs cannot be listed: %v", err)
		}
	}
	return line
}

func devices(backend compute.Backend) string {
	var all []string
	for i := range backend.NumDevices() {
		all = append(all, backend.DeviceDescription(compute.DeviceNum(i)))
	}
	return fmt.Sprintf("%d: %s", len(all), strings.Join(all, ", "))
}
