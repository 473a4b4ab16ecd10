// Package faulttest makes the n-th file operation of a piece of work fail, for n = 1, 2, …, and checks the files
// afterwards.
//
// The work is done in a child process. This process decides, for each system call by which the child opens, reads,
// writes, syncs, renames, makes, removes, locks or asks for a file, whether it fails. A write may also stop
// after half of its bytes, as on a disk that is full. The code under test needs no hook.
//
// Entry points: [Run]; [Kill], which kills a process again and again.
package faulttest

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// AllVariable names an environment variable. If it is set, each operation fails with each error that it can have, one
// after the other. Otherwise each operation fails once, with errors in turn.
const AllVariable = "SMOOTHLAB_FAULTS_ALL"

// Work is something that reads and writes files.
type Work struct {
	Name string

	// Prepare fills the directory before Do; nil leaves it empty.
	Prepare func(dir string) error

	// Do is the work. Its files are in dir. If it is done again after a failure, it must end as if nothing had failed.
	Do func(dir string) error

	// Comparable returns what must be the same in every run of the file with this name; nil means all of it.
	Comparable func(name string, data []byte) []byte

	// Grows means that a failed run may leave files with a part of the result, from which the next run resumes.
	// Otherwise each file must be as before or as after.
	Grows bool
}

// files are the contents of the regular files below a directory, by name.
func (w *Work) files(t *testing.T, dir string) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if w.Comparable != nil {
			data = w.Comparable(name, data)
		}
		found[name] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// result summarises all runs of a piece of work.
type result struct {
	operations int      // of one run
	failures   int      // that were injected
	halves     int      // failures that are writes of half the bytes
	wrong      []string // a sentence each
}

func (r *result) wrongf(format string, args ...any) {
	r.wrong = append(r.wrong, fmt.Sprintf(format, args...))
}

// maxWrong is the number of faults after which no further runs are made.
const maxWrong = 20

// run makes each operation of the work fail, in a new directory each time.
func (w *Work) run(t *testing.T, in *injector) *result {
	t.Helper()
	dir, _ := w.directory(t)
	for range 2 { // repeating finished work is allowed
		if err := w.Do(dir); err != nil {
			t.Fatalf("%s: %v", w.Name, err)
		}
	}
	after := w.files(t, dir)
	r := &result{}
	r.operations, r.failures = w.each(t, in, after, r, false)
	_, r.halves = w.each(t, in, after, r, true)
	r.failures += r.halves
	return r
}

// After a write of half the bytes the rest can be written, or the disk is full, or all further operations fail.
const (
	_ = iota // the rest fits
	diskFull
	diskGone
)

// each does the work again and again, with another operation that fails each time, until there are no more.
func (w *Work) each(
	t *testing.T, in *injector, after map[string]string, r *result, half bool,
) (operations, failures int) {
	t.Helper()
	turns := 1
	if os.Getenv(AllVariable) != "" {
		turns = maxErrors
	}
	if half {
		turns = diskGone + 1
	}
	for n := 1; len(r.wrong) < maxWrong; n++ {
		for turn := range turns {
			o := order{N: n, Turn: n + turn, Half: half}
			if half {
				o.Turn = turn
			}
			if fault := w.try(t, in, o, after, r); fault == "" {
				return operations, failures
			}
			failures++
		}
		operations = n
	}
	return operations, failures
}

// try does the work in a new directory, in which the ordered operation fails, and checks the outcome. It returns the
// operation that failed, "" if there are fewer.
func (w *Work) try(t *testing.T, in *injector, o order, after map[string]string, r *result) (fault string) {
	t.Helper()
	dir, before := w.directory(t)
	o.Dir = dir
	in.arm(o)
	err := w.Do(dir)
	fault = in.disarm()
	if strings.HasPrefix(fault, halfFailed) {
		t.Fatal(fault)
	}
	what := strings.ReplaceAll(fmt.Sprintf("%s, operation %d (%s)", w.Name, o.N, fault), dir+"/", "")
	if fault == "" && err != nil {
		t.Fatalf("%s, nothing failed: %v", w.Name, err)
	}
	if err != nil {
		if wrong := notASentence(err.Error(), o.gone()); wrong != "" {
			r.wrongf("%s: the error %s: %q", what, wrong, err)
		}
	}
	r.checkLeft(w, what, err, before, w.files(t, dir), after)
	if err := w.Do(dir); err != nil {
		r.wrongf("%s: done again, it fails: %v", what, err)
		return fault
	}
	again := w.files(t, dir)
	for name := range again {
		if strings.HasPrefix(fault, "remove "+filepath.Join(dir, name)+": ") || o.gone() && leftover.MatchString(name) {
			delete(again, name) // what could not be removed stays until the next process writes there
		}
	}
	r.checkAgain(what, before, again, after)
	return fault
}

// directory makes a directory for one run and reads what is in it.
func (w *Work) directory(t *testing.T) (dir string, files map[string]string) {
	t.Helper()
	dir = t.TempDir()
	if w.Prepare != nil {
		if err := w.Prepare(dir); err != nil {
			t.Fatalf("%s: %v", w.Name, err)
		}
	}
	return dir, w.files(t, dir)
}

// checkLeft checks the files after a run in which an operation failed: with an error each is as before or as after,
// and without one all are as after.
func (r *result) checkLeft(w *Work, what string, failed error, before, left, after map[string]string) {
	for name := range before {
		if _, ok := left[name]; !ok {
			if _, stays := after[name]; stays {
				r.wrongf("%s: %s is lost", what, name)
			}
		}
	}
	for name, want := range after {
		data, ok := left[name]
		old, was := before[name]
		switch {
		case failed == nil && data != want:
			r.wrongf("%s: no error, but %s is not what it should be", what, name)
		case failed == nil || w.Grows || !ok || data == want:
		case !was || data != old:
			r.wrongf("%s: %s is neither the old one nor the new one", what, name)
		}
	}
}

// checkAgain checks the files after the work was done again: they must equal the files of a run without a failure. What
// a killed process left may stay where the directory could not be listed.
func (r *result) checkAgain(what string, before, again, after map[string]string) {
	for name, data := range again {
		want, ok := after[name]
		_, was := before[name]
		switch {
		case !ok && !(was && strings.HasSuffix(name, ".smoothlab-part")):
			r.wrongf("%s: done again, there is also %s", what, name)
		case ok && data != want:
			r.wrongf("%s: done again, %s differs from that of a run without a failure", what, name)
		}
	}
	for name := range after {
		if _, ok := again[name]; !ok {
			r.wrongf("%s: done again, there is no %s", what, name)
		}
	}
}

// gone reports whether all operations fail after that one.
func (o order) gone() bool { return o.Half && o.Turn == diskGone }

// leftover are names of files that the next process removes that writes in the directory.
var leftover = regexp.MustCompile(`\.smoothlab-part$|\.lock$|^writing-`)

// hidden lists names that must not appear in messages.
var hidden = regexp.MustCompile(`smoothlab-part|goroutine|%!|syscall`)

// notASentence describes why an error is not one clear sentence; "" if it is. Two operations that failed may each have
// their cause.
func notASentence(text string, two bool) string {
	switch {
	case strings.TrimSpace(text) == "":
		return "is empty"
	case strings.Contains(text, "\n"):
		return "has several lines"
	case hidden.MatchString(text):
		return "names what is internal: " + hidden.FindString(text)
	case len(text) > 600:
		return "is too long"
	}
	causes := []string{"no space left on device", "no space is left", "input/output error", "permission denied",
		"no locks available"}
	for _, cause := range causes {
		if n := strings.Count(text, cause); n > 2 || n > 1 && !two {
			return "says twice: " + cause
		}
		if strings.Contains(text, cause) {
			return ""
		}
	}
	return "does not say why"
}
