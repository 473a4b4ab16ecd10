package softlabel

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"smoothlab/internal/atomicfile"
	"smoothlab/internal/lockfile"
)

// file is a file of soft labels that is being written: whole lines are appended, under a lock.
type file struct {
	path   string
	f      *os.File
	size   int64 // bytes of complete lines
	unlock func()
	synced time.Time
}

// syncEvery bounds what a power cut can take; a killed process loses nothing that was appended.
const syncEvery = time.Second

// Read reads a file of soft labels, which may be unfinished.
func Read(path string) (*Labels, error) {
	l, _, err := read(path)
	return l, err
}

// read also returns the number of bytes of complete lines.
func read(path string) (*Labels, int64, error) {
	f, err := atomicfile.Open(path)
	if err != nil {
		return nil, 0, err
	}
	defer f.Close()
	l, size, err := parse(f)
	if err != nil {
		return nil, 0, fmt.Errorf("%s: %w", path, err)
	}
	return l, size, nil
}

// load reads the file if it exists, and reports whether it is finished. It does not need write permission.
func (w *work) load(path string) (finished bool, err error) {
	have, _, err := read(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, atomicfile.CheckText(path)
	}
	if err != nil {
		return false, err
	}
	if err := w.fits(path, have); err != nil || !have.Finished() {
		return false, err
	}
	w.labels = have
	return true, nil
}

// fits returns an error if labels of a file are not the first of those to make.
func (w *work) fits(path string, have *Labels) error {
	if err := have.compare(path, w.labels.Settings); err != nil {
		return err
	}
	for i, row := range have.Rows {
		if row.Index != w.images[i].Index || row.Label != w.images[i].Label || row.Digest != w.digests[i] {
			return fmt.Errorf(
				"%s has image %d where image %d belongs, or other pixels of it: name another file, or remove that one",
				path, row.Index, w.images[i].Index)
		}
	}
	return nil
}

// open opens or creates the file for appending, and takes over its rows. It cuts off a torn last line.
func (w *work) open(path string) error {
	if err := atomicfile.Prepare(path); err != nil {
		return fmt.Errorf("cannot write the soft labels: %w", err)
	}
	unlock, err := lockfile.Try(path)
	if errors.Is(err, lockfile.ErrHeld) {
		return fmt.Errorf("another process is writing %s: wait for it, or name another file", path)
	}
	if err != nil {
		return fmt.Errorf("cannot write the soft labels: %w", err)
	}
	if err := w.begin(path, unlock); err != nil {
		unlock()
		return err
	}
	return nil
}

// begin does the work of open once the lock is held.
func (w *work) begin(path string, unlock func()) error {
	have, size, err := read(path) // again, because the former holder of the lock may have continued
	if errors.Is(err, fs.ErrNotExist) {
		head, err := w.labels.head()
		if err == nil {
			err = atomicfile.Write(path, []byte(head))
		}
		if err != nil {
			return fmt.Errorf("cannot write the soft labels: %w", err)
		}
		have, size = &Labels{Settings: w.labels.Settings}, int64(len(head))
	} else if err != nil {
		return err
	}
	if err := w.fits(path, have); err != nil {
		return err
	}
	if !have.Finished() {
		if err := have.compareProvenance(path, w.labels.Settings); err != nil {
			return err
		}
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return fmt.Errorf("cannot write the soft labels %s: %w", path, atomicfile.Cause(err))
	}
	if err := f.Truncate(size); err != nil {
		f.Close()
		return fmt.Errorf("cannot cut the torn last line off %s: %w", path, atomicfile.Cause(err))
	}
	w.labels = have
	w.file = &file{path: path, f: f, size: size, unlock: unlock, synced: time.Now()}
	return nil
}

// append writes whole lines, or leaves the file unchanged.
func (f *file) append(rows []Row) error {
	var b strings.Builder
	for _, r := range rows {
		b.WriteString(r.line())
	}
	if _, err := f.f.WriteString(b.String()); err != nil {
		_ = f.f.Truncate(f.size) // if even this fails, the next start cuts the torn line
		return fmt.Errorf("cannot write the soft labels %s: %w", f.path, atomicfile.Cause(err))
	}
	f.size += int64(b.Len())
	if time.Since(f.synced) < syncEvery {
		return nil
	}
	f.synced = time.Now()
	return f.sync()
}

func (f *file) sync() error {
	if err := f.f.Sync(); err != nil {
		return fmt.Errorf("cannot write the soft labels %s: %w", f.path, atomicfile.Cause(err))
	}
	return nil
}

func (f *file) close() error {
	defer f.unlock()
	synced, closed := f.sync(), f.f.Close()
	return cmp.Or(synced, closed)
}

// Write writes finished labels of all images as the file that Make leaves. A file at path is replaced only if it holds
// labels with the same settings.
func (l *Labels) Write(path string) error {
	if !l.Finished() {
		return fmt.Errorf("the %v are not finished", l)
	}
	switch have, err := Read(path); {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return err
	default:
		if err := have.compare(path, l.Settings); err != nil {
			return err
		}
	}
	var b strings.Builder
	head, err := l.head()
	if err != nil {
		return err
	}
	b.WriteString(head)
	for _, r := range l.Rows {
		b.WriteString(r.line())
	}
	return atomicfile.Write(path, []byte(b.String()))
}
