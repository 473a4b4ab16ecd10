package certify

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"smoothlab/internal/atomicfile"
	"smoothlab/internal/lockfile"
)

// appendFile holds the methods that a log needs of a file opened for appending.
type appendFile interface {
	Write(p []byte) (int, error)
	Truncate(size int64) error
	Sync() error
	Close() error
}

// syncEvery bounds what a power cut can take; a killed process loses nothing that was appended.
const syncEvery = time.Second

// logFile is a log that is being written: whole lines are appended, under a lock.
type logFile struct {
	path   string
	file   appendFile
	unlock func()
	size   int64 // bytes of complete lines
	synced time.Time
}

// loadFinished returns the rows of the log at path if it exists, was made with these settings and is complete; nil if
// it does not exist or is not complete. It does not need write permission.
func loadFinished(path string, want *sidecar, images []Image) (*Certificates, error) {
	have, err := readSidecar(path)
	if have == nil || err != nil {
		return nil, err
	}
	parsed, err := readOwn(path, have, want, images)
	if err != nil || len(parsed.rows) < len(images) {
		return nil, err
	}
	return have.certificates(parsed.rows), nil
}

// readOwn reads a log of this program that may be unfinished or empty, and refuses one with other settings.
func readOwn(path string, have, want *sidecar, images []Image) (parsedLog, error) {
	if err := compareSettings(path, have.Settings, want.Settings); err != nil {
		return parsedLog{}, err
	}
	if err := compareShards(path, have, want); err != nil {
		return parsedLog{}, err
	}
	if err := compareImages(path, have.Images, want.Images); err != nil {
		return parsedLog{}, err
	}
	differs := comparePixels(path, have.Settings, want.Settings) // after the labels, which say more
	parsed, err := readRows(path)
	if errors.Is(err, fs.ErrNotExist) {
		return parsedLog{}, differs
	}
	if err != nil {
		return parsedLog{}, err
	}
	if parsed.size > 0 && !(parsed.full && parsed.fits(have.Plan.Procedure())) {
		return parsedLog{}, fmt.Errorf(
			"%s lacks the columns that %s promises: the two files do not belong together; use another output path",
			path,
			sidecarPath(path),
		)
	}
	if err := have.checkRows(path, parsed.rows); err != nil {
		return parsedLog{}, err
	}
	if err := parsed.verify(path, have.Settings); err != nil {
		return parsedLog{}, err
	}
	for i, row := range parsed.rows {
		if row.Label != images[i].Label {
			return parsedLog{}, fmt.Errorf(
				"in %s image %d has label %d, and in the data set %d: they do not belong together; use another output path",
				path,
				row.Index,
				row.Label,
				images[i].Label,
			)
		}
	}
	return parsed, differs
}

// CheckOut reports, before any work, why a certification log cannot be written to out: it is a directory, its directory
// is not writable, it is a file of another kind, or a log without its JSON file of settings. [Run] checks that the
// settings are the same.
func CheckOut(out string) error {
	for _, path := range []string{out, sidecarPath(out)} {
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			return fmt.Errorf("cannot write the certification log: %s is a directory; name a file for the log", path)
		}
	}
	info, err := os.Stat(out)
	if err != nil { // it does not exist
		err := atomicfile.CheckText(out)
		if err == nil {
			err = atomicfile.Prepare(out)
		}
		if err != nil {
			return fmt.Errorf("cannot write the certification log: %w", err)
		}
		return nil
	}
	if info.Size() == 0 {
		return nil
	}
	if side, err := readSidecar(out); side != nil || err != nil {
		return err
	}
	if _, err := readRows(out); err != nil {
		return fmt.Errorf("%w: use another output path, or move the file away", err)
	}
	return fmt.Errorf(
		"%s exists, but not %s with its settings: use another output path, or move the log away",
		out,
		sidecarPath(out),
	)
}

// openLog opens or creates the log at path for appending, and returns its rows with its own settings. It cuts off a
// torn last line.
func openLog(path string, want *sidecar, images []Image) (log *logFile, have *Certificates, err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, nil, fmt.Errorf(
			"cannot make the directory for the certification log %s: %w",
			path,
			atomicfile.Cause(err),
		)
	}
	unlock, err := lockfile.TryFile(path)
	if errors.Is(err, lockfile.ErrHeld) {
		return nil, nil, fmt.Errorf("another process is writing %s: wait for it, or use another output path", path)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("cannot write the certification log %s: %w", path, atomicfile.Cause(err))
	}
	log = &logFile{path: path, unlock: unlock, synced: time.Now()}
	have, err = log.begin(want, images)
	if err != nil {
		return nil, nil, log.close(err)
	}
	return log, have, nil
}

// begin does the work of openLog once the lock is held.
func (l *logFile) begin(want *sidecar, images []Image) (*Certificates, error) {
	have, err := readSidecar(l.path)
	if err != nil {
		return nil, err
	}
	if have == nil {
		if err := CheckOut(l.path); err != nil { // again, now that no other process writes
			return nil, err
		}
		if err := want.write(l.path); err != nil {
			return nil, fmt.Errorf("cannot write the settings of the certification: %w", err)
		}
		have = want
	}
	parsed, err := readOwn(l.path, have, want, images)
	if err != nil {
		return nil, err
	}
	if len(parsed.rows) < len(images) {
		if err := compareProvenance(l.path, have.Settings, want.Settings); err != nil {
			return nil, err
		}
		if parsed.size > 0 && !parsed.own {
			return nil, fmt.Errorf(
				"%s is unfinished, and was packed or saved by another program since, so that no lines can follow: "+
					"put the original back, or use another output path",
				l.path,
			)
		}
	}
	file, err := os.OpenFile(l.path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return nil, fmt.Errorf("cannot write the certification log: %w", err)
	}
	l.file, l.size = file, parsed.size
	if err := l.file.Truncate(l.size); err != nil {
		return nil, fmt.Errorf("cannot cut the torn last line off the certification log: %w", err)
	}
	if l.size == 0 {
		return have.certificates(nil), l.append(have.Plan.header())
	}
	return have.certificates(parsed.rows), nil
}

// append writes one whole line, or leaves the log unchanged.
func (l *logFile) append(line string) error {
	if _, err := l.file.Write([]byte(line)); err != nil {
		_ = l.file.Truncate(l.size) // if even this fails, the next start cuts the torn line
		return err
	}
	l.size += int64(len(line))
	if time.Since(l.synced) < syncEvery {
		return nil
	}
	l.synced = time.Now()
	return l.file.Sync()
}

// close closes the log and releases its lock. It returns the error that the work ended with, or else its own: on a disk
// that fails each operation, one cause is enough.
func (l *logFile) close(failed error) error {
	defer l.unlock()
	if l.file == nil {
		return failed
	}
	synced, closed := l.file.Sync(), l.file.Close()
	return cmp.Or(failed, synced, closed)
}
