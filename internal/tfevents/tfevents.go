// Package tfevents writes curves for TensorBoard: files of TFRecords, each with an Event
// (tensorflow/core/util/event.proto) in the form of protocol buffers.
//
// [Create] opens a new file in a directory, [Writer.Scalars] adds the values of a step, [Writer.Close] ends the file.
// Every call is one write to the file, so that TensorBoard sees it at once, and a process that is killed loses nothing
// but a record that was cut short, which TensorBoard skips.
//
// Traps. TensorBoard shows all files of a directory as one run. The first record of each file announces a restart at a
// step, from which TensorBoard forgets what older files in the directory hold: the curves of a resumed training
// continue, and a new training in the same directory replaces the old curves. Older files stay on disk.
//
// Entry points: [Create], [Writer].
package tfevents

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"time"

	"smoothlab/internal/atomicfile"

	"google.golang.org/protobuf/encoding/protowire"
)

// Scalar is one value of a step. TensorBoard groups tags by what stands before the first slash.
type Scalar struct {
	Tag   string
	Value float64 // written as float32, which is all that the format takes
}

// Writer writes one file of events.
type Writer struct{ file *os.File }

// Field numbers of the messages Event, SessionLog, Summary and Summary.Value.
const (
	eventWallTime, eventStep, eventVersion, eventSummary, eventSession = 1, 2, 3, 5, 7

	sessionStatus = 1
	sessionStart  = 1 // SessionLog.START

	summaryValue         = 1
	valueTag, valueFloat = 1, 2
)

// maxSameSecond is the largest number of files that one process begins in a directory within a second.
const maxSameSecond = 1000

// Create makes a directory if it is missing, and in it a file that begins at a step: what older files in the directory
// hold of that step and later ones is forgotten.
func Create(dir string, now time.Time, step int) (*Writer, error) {
	if err := CheckDir(dir); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("the directory %s cannot be made: %w", dir, atomicfile.Cause(err))
	}
	var file *os.File
	err := fs.ErrExist
	for n := 0; errors.Is(err, fs.ErrExist) && n < maxSameSecond; n++ {
		name := fmt.Sprintf("events.out.tfevents.%010d.smoothlab.%d.%03d", now.Unix(), os.Getpid(), n)
		file, err = os.OpenFile(filepath.Join(dir, name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	}
	if err != nil {
		return nil, fmt.Errorf("no file can be made in %s: %w", dir, atomicfile.Cause(err))
	}
	w := &Writer{file}
	version := protowire.AppendTag(nil, eventVersion, protowire.BytesType)
	version = protowire.AppendString(version, "brain.Event:2")
	start := protowire.AppendVarint(protowire.AppendTag(nil, sessionStatus, protowire.VarintType), sessionStart)
	session := protowire.AppendBytes(protowire.AppendTag(nil, eventSession, protowire.BytesType), start)
	if err := w.write(append(event(now, 0, version), event(now, step, session)...)); err != nil {
		return nil, errors.Join(err, w.Close())
	}
	return w, nil
}

// CheckDir returns an error if a directory for events cannot have a name: it is empty, or that of a file.
func CheckDir(dir string) error {
	if dir == "" {
		return errors.New("the name of the directory is empty; name a directory")
	}
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return fmt.Errorf("%s is a file; name a directory", dir)
	}
	return nil
}

// Path returns the path of the file.
func (w *Writer) Path() string { return w.file.Name() }

// Scalars adds values of a step.
func (w *Writer) Scalars(now time.Time, step int, values ...Scalar) error {
	var summary []byte
	for _, v := range values {
		value := protowire.AppendString(protowire.AppendTag(nil, valueTag, protowire.BytesType), v.Tag)
		value = protowire.AppendTag(value, valueFloat, protowire.Fixed32Type)
		value = protowire.AppendFixed32(value, math.Float32bits(float32(v.Value)))
		summary = protowire.AppendTag(summary, summaryValue, protowire.BytesType)
		summary = protowire.AppendBytes(summary, value)
	}
	what := protowire.AppendBytes(protowire.AppendTag(nil, eventSummary, protowire.BytesType), summary)
	return w.write(event(now, step, what))
}

// Close ends the file.
func (w *Writer) Close() error { return w.file.Close() }

func (w *Writer) write(records []byte) error {
	if _, err := w.file.Write(records); err != nil {
		return fmt.Errorf("%s: %w", w.file.Name(), atomicfile.Cause(err))
	}
	return nil
}

// event returns the record of an Event with one more field.
func event(now time.Time, step int, what []byte) []byte {
	e := protowire.AppendTag(nil, eventWallTime, protowire.Fixed64Type)
	e = protowire.AppendFixed64(e, math.Float64bits(float64(now.UnixNano())/1e9))
	e = protowire.AppendVarint(protowire.AppendTag(e, eventStep, protowire.VarintType), uint64(step))
	return record(append(e, what...))
}

// record returns a TFRecord: length, its checksum, data, its checksum, all little-endian.
func record(data []byte) []byte {
	length := binary.LittleEndian.AppendUint64(nil, uint64(len(data)))
	r := binary.LittleEndian.AppendUint32(length, masked(length))
	r = append(r, data...)
	return binary.LittleEndian.AppendUint32(r, masked(data))
}

// masked returns the CRC-32C of data in the form that TFRecords hold: rotated and moved, since data may hold checksums.
func masked(data []byte) uint32 {
	c := crc32.Checksum(data, crc32.MakeTable(crc32.Castagnoli))
	return (c>>15 | c<<17) + 0xa282ead8
}
