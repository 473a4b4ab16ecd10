package dataset

import (
	"bufio"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"slices"
	"smoothlab/internal/humanize"
)

const (
	// maxItems bounds what a header may declare. The largest published relative
	// of MNIST with ten classes, EMNIST digits, has 280,000 images.
	maxItems = 300_000
	// chunk is the number of bytes read between two checks of the context: gzip unpacks it in about 10 ms.
	chunk = 1 << 20
)

// Magic numbers of IDX files: two zero bytes, the element type, the number of
// dimensions. Source: http://yann.lecun.com/exdb/mnist/, “The IDX file format”.
const (
	magicLabels  = 0x0801 // bytes, one dimension
	magicImages  = 0x0803 // bytes, three dimensions
	magicIndices = 0x0C01 // 32-bit integers, one dimension
)

// layout is the expected layout of an IDX file.
type layout struct {
	what  string // items, in messages
	magic uint32
	// item has the dimensions after the first: rows and columns of an image.
	item []int
	// itemSize is the number of bytes of one item.
	itemSize int
	// count is the required number of items, one per label; 0 if unknown.
	count int
}

func imageLayout(height, width int) layout {
	return layout{what: "images", magic: magicImages, item: []int{height, width}, itemSize: height * width}
}

func labelLayout() layout { return layout{what: "labels", magic: magicLabels, itemSize: 1} }

func indexLayout() layout { return layout{what: "indices", magic: magicIndices, itemSize: 4} }

// idx is the content of an IDX file.
type idx struct {
	count int
	data  []byte
	// headerSize is the offset of data in the unpacked file.
	headerSize int
	packed     bool
	// sums has the SHA-256 of the file and, if it is packed, of its content.
	sums []string
}

// idxReader reads one IDX file.
type idxReader struct {
	ctx    context.Context
	name   string
	r      io.Reader // unpacked
	packed bool
	sum    hash.Hash // hash of what was read from r; nil unless packed
	offset int64     // in r
}

// readIDX reads the IDX file in src, plain or gzip, which has size bytes. Memory grows with the actual data, not with
// the size that the header declares.
func readIDX(ctx context.Context, name string, src io.Reader, size int64, want layout) (idx, error) {
	fileSum := sha256.New()
	file := bufio.NewReaderSize(io.TeeReader(src, fileSum), 1<<16)
	d := &idxReader{ctx: ctx, name: name, r: file}
	if head, _ := file.Peek(2); len(head) == 2 && head[0] == 0x1f && head[1] == 0x8b {
		unpacked, err := gzip.NewReader(file)
		if err != nil {
			return idx{}, d.failed(err, "a gzip header")
		}
		d.r, d.packed, d.sum = unpacked, true, sha256.New()
	}
	count, err := d.header(want)
	if err != nil {
		return idx{}, err
	}
	out := idx{count: count, headerSize: int(d.offset), packed: d.packed}
	if out.data, err = d.items(count, size, want); err != nil {
		return idx{}, err
	}
	out.sums = []string{hex.EncodeToString(fileSum.Sum(nil))}
	if d.packed {
		out.sums = append(out.sums, hex.EncodeToString(d.sum.Sum(nil)))
	}
	return out, nil
}

// header reads and checks everything before the items and returns their number.
func (d *idxReader) header(want layout) (int, error) {
	magic, err := d.word("a magic number")
	if err != nil {
		return 0, err
	}
	if magic != want.magic {
		return 0, d.wrongMagic(magic, want)
	}
	count, err := d.word("the number of " + want.what)
	if err != nil {
		return 0, err
	}
	if count < 1 || count > maxItems {
		return 0, d.malformed(
			4,
			fmt.Sprintf("1 to %s %s", humanize.Grouped(maxItems), want.what),
			humanize.Grouped(int(count)),
		)
	}
	if want.count > 0 && int(count) != want.count {
		return 0, d.malformed(
			4,
			fmt.Sprintf("%s %s, one per label", humanize.Grouped(want.count), want.what),
			humanize.Grouped(int(count)),
		)
	}
	for i, size := range want.item {
		at, name := d.offset, [...]string{"rows", "columns"}[i]
		found, err := d.word("the number of " + name)
		if err != nil {
			return 0, err
		}
		if int64(found) != int64(size) {
			return 0, d.malformed(at, fmt.Sprintf("%d %s", size, name), humanize.Grouped(int(found)))
		}
	}
	return int(count), nil
}

// items reads all items and then expects the end of the file.
func (d *idxReader) items(count int, size int64, want layout) ([]byte, error) {
	total := count * want.itemSize
	expected := fmt.Sprintf(
		"%s bytes, for %s %s",
		humanize.Grouped(int(d.offset)+total),
		humanize.Grouped(count),
		want.what,
	)
	// Images compress to about a fifth. Allocating that much, bounded by the real file, avoids most of the copying.
	buf := make([]byte, 0, min(int64(total), 8*size+512))
	for len(buf) < total {
		if err := d.ctx.Err(); err != nil {
			return nil, fmt.Errorf("reading %s: %w", d.name, context.Cause(d.ctx))
		}
		n := min(chunk, total-len(buf))
		buf = slices.Grow(buf, n)
		if err := d.full(buf[len(buf):len(buf)+n], expected); err != nil {
			return nil, err
		}
		buf = buf[:len(buf)+n]
	}
	var extra [1]byte
	switch _, err := io.ReadFull(d.r, extra[:]); {
	case err == nil:
		return nil, d.malformed(d.offset, "the end ("+expected+")", "more data")
	case !errors.Is(err, io.EOF):
		return nil, d.failed(err, "the end")
	}
	return buf, nil
}

// word reads a big-endian number of the header.
func (d *idxReader) word(what string) (uint32, error) {
	var b [4]byte
	err := d.full(b[:], what)
	return binary.BigEndian.Uint32(b[:]), err
}

// full fills b.
func (d *idxReader) full(b []byte, expected string) error {
	n, err := io.ReadFull(d.r, b)
	d.offset += int64(n)
	if d.sum != nil {
		d.sum.Write(b[:n])
	}
	if err != nil {
		return d.failed(err, expected)
	}
	return nil
}

// failed returns an error that explains why reading r failed.
func (d *idxReader) failed(err error, expected string) error {
	var disk *fs.PathError
	switch {
	case errors.As(err, &disk):
		return fmt.Errorf("reading %s at byte %d: %w", d.name, d.offset, disk.Err)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return d.malformed(d.offset, expected, "the end of the file")
	}
	return d.malformed(d.offset, expected, fmt.Sprintf("damaged gzip data (%v)", err))
}

func (d *idxReader) malformed(offset int64, expected, found string) *FormatError {
	return &FormatError{File: d.name, Offset: offset, Unpacked: d.packed, Expected: expected, Found: found}
}

// wrongMagic returns an error that names the kind of file found, if it is recognised.
func (d *idxReader) wrongMagic(magic uint32, want layout) error {
	kinds := map[uint32]string{magicLabels: "labels", magicImages: "images", magicIndices: "indices"}
	found := fmt.Sprintf("%#08x", magic)
	text := binary.BigEndian.AppendUint32(nil, magic)
	if kind, ok := kinds[magic]; ok {
		found += ", a file of " + kind
	} else if !slices.ContainsFunc(text, func(b byte) bool { return b < ' ' || b > '~' }) {
		found += fmt.Sprintf(", the text %q", text)
	}
	return d.malformed(0, fmt.Sprintf("%#08x, the mark of an IDX file of %s", want.magic, want.what), found)
}
