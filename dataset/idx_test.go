package dataset

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
)

// idxBytes writes an IDX file: the words of the header, then the data.
func idxBytes(header []uint32, data ...byte) []byte {
	var b []byte
	for _, word := range header {
		b = binary.BigEndian.AppendUint32(b, word)
	}
	return append(b, data...)
}

func gzipped(t testing.TB, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestReadIDX(t *testing.T) {
	three := idxBytes([]uint32{0x803, 3, 1, 2}, 10, 11, 20, 21, 30, 31)
	tests := map[string]struct {
		file []byte
		want layout
		data []byte
	}{
		"images":         {three, imageLayout(1, 2), []byte{10, 11, 20, 21, 30, 31}},
		"images in gzip": {gzipped(t, three), imageLayout(1, 2), []byte{10, 11, 20, 21, 30, 31}},
		"labels":         {idxBytes([]uint32{0x801, 2}, 7, 9), labelLayout(), []byte{7, 9}},
		"indices":        {idxBytes([]uint32{0xC01, 1}, 0, 0, 1, 0), indexLayout(), []byte{0, 0, 1, 0}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := readIDX(t.Context(), "f", bytes.NewReader(test.file), int64(len(test.file)), test.want)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got.data, test.data) {
				t.Errorf("data %v, want %v", got.data, test.data)
			}
		})
	}
}

func TestReadIDXMalformed(t *testing.T) {
	good := idxBytes([]uint32{0x803, 2, 2, 2}, 1, 2, 3, 4, 5, 6, 7, 8)
	packed := gzipped(t, good)
	flipped := bytes.Clone(packed)
	flipped[len(flipped)-6] ^= 1 // in the checksum at the end
	tests := map[string]struct {
		file            []byte
		want            layout
		offset          int64
		expected, found string
	}{
		"empty":         {nil, imageLayout(2, 2), 0, "a magic number", "the end of the file"},
		"cut in magic":  {good[:3], imageLayout(2, 2), 3, "a magic number", "the end of the file"},
		"cut in header": {good[:10], imageLayout(2, 2), 10, "the number of rows", "the end of the file"},
		"cut in images": {good[:19], imageLayout(2, 2), 19, "24 bytes, for 2 images", "the end of the file"},
		"trailing byte": {
			append(bytes.Clone(good), 0),
			imageLayout(2, 2),
			24,
			"the end (24 bytes, for 2 images)",
			"more data",
		},
		"labels as images": {
			idxBytes([]uint32{0x801, 2}, 1, 2),
			imageLayout(2, 2),
			0,
			"0x00000803, the mark of an IDX file of images",
			"0x00000801, a file of labels",
		},
		"images as labels": {
			good,
			labelLayout(),
			0,
			"0x00000801, the mark of an IDX file of labels",
			"0x00000803, a file of images",
		},
		"web page": {
			[]byte("<html>not found"),
			labelLayout(),
			0,
			"0x00000801, the mark of an IDX file of labels",
			`0x3c68746d, the text "<htm"`,
		},
		"floats": {
			idxBytes([]uint32{0xD03, 2, 2, 2}),
			imageLayout(2, 2),
			0,
			"0x00000803, the mark of an IDX file of images",
			"0x00000d03",
		},
		"no images": {idxBytes([]uint32{0x803, 0, 2, 2}), imageLayout(2, 2), 4, "1 to 300,000 images", "0"},
		"absurd count": {
			idxBytes([]uint32{0x803, 1<<32 - 1, 2, 2}),
			imageLayout(2, 2),
			4,
			"1 to 300,000 images",
			"4,294,967,295",
		},
		"absurd rows": {
			idxBytes([]uint32{0x803, 2, 1<<32 - 1, 2}),
			imageLayout(2, 2),
			8,
			"2 rows",
			"4,294,967,295",
		},
		"other columns":    {idxBytes([]uint32{0x803, 2, 2, 3}), imageLayout(2, 2), 12, "2 columns", "3"},
		"gzip, cut header": {packed[:5], imageLayout(2, 2), 0, "a gzip header", "the end of the file"},
		"gzip, cut":        {packed[:len(packed)-9], imageLayout(2, 2), -1, "", "the end of the file"},
		"gzip, checksum":   {flipped, imageLayout(2, 2), 24, "the end", "damaged gzip data (gzip: invalid checksum)"},
		"gzip, then dirt": {
			append(bytes.Clone(packed), "dirt, more than ten bytes"...),
			imageLayout(2, 2),
			24,
			"the end",
			"damaged gzip data (gzip: invalid header)",
		},
		"gzip, bad block": {
			append(bytes.Clone(packed[:10]), 0xff, 0xff),
			imageLayout(2, 2),
			0,
			"a magic number",
			"damaged gzip data (flate: corrupt input before offset 1)",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := readIDX(t.Context(), "dir/f", bytes.NewReader(test.file), int64(len(test.file)), test.want)
			var fault *FormatError
			if !errors.As(err, &fault) {
				t.Fatalf("error %v, want a FormatError", err)
			}
			if fault.File != "dir/f" || fault.Found != test.found {
				t.Errorf("%v: found %q, want %q", err, fault.Found, test.found)
			}
			// Where a cut gzip stream ends in unpacked bytes depends on its blocks.
			if test.offset >= 0 && (fault.Offset != test.offset || fault.Expected != test.expected) {
				t.Errorf(
					"%v: byte %d, expected %q; want byte %d, %q",
					err,
					fault.Offset,
					fault.Expected,
					test.offset,
					test.expected,
				)
			}
		})
	}
}

func TestFormatErrorSentence(t *testing.T) {
	err := FormatError{File: "a/b.gz", Offset: 8, Unpacked: true, Expected: "28 rows", Found: "32"}
	want := "a/b.gz: byte 8 of the unpacked data: expected 28 rows, found 32; remove it or put an intact file in its place"
	if err.Error() != want {
		t.Errorf("got  %s\nwant %s", err.Error(), want)
	}
}

// bomb packs a header and enough zero bytes that unpacking all of them would be noticed.
func bomb(t testing.TB, header []uint32) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(idxBytes(header)); err != nil {
		t.Fatal(err)
	}
	zeros := make([]byte, 1<<20)
	for range 64 {
		if _, err := w.Write(zeros); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// A header cannot make the reader allocate more than a small multiple of what
// the file really holds: 4 MiB covers one chunk, the buffers and gzip's window.
func TestReadIDXMemory(t *testing.T) {
	tests := map[string][]byte{
		"largest header, no data":  idxBytes([]uint32{0x803, maxItems, 28, 28}),
		"gzip bomb behind the end": bomb(t, []uint32{0x803, 1, 28, 28}),
	}
	for name, file := range tests {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := readIDX(t.Context(), "f", bytes.NewReader(file), int64(len(file)), imageLayout(28, 28))
			runtime.ReadMemStats(&after)
			if err == nil {
				t.Fatal("no error")
			}
			if used := after.TotalAlloc - before.TotalAlloc; used > 4<<20 {
				t.Errorf("allocated %d bytes for a file of %d", used, len(file))
			}
		})
	}
}

// cancelAfter reads as endless zeros, and cancels once some were read.
type cancelAfter struct {
	cancel context.CancelFunc
	header io.Reader
	left   int
}

func (r *cancelAfter) Read(p []byte) (int, error) {
	if n, err := r.header.Read(p); err == nil {
		return n, nil
	}
	r.left -= len(p)
	if r.left < 0 {
		r.cancel()
	}
	clear(p)
	return len(p), nil
}

func TestReadIDXInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	r := &cancelAfter{
		cancel: cancel,
		header: bytes.NewReader(idxBytes([]uint32{0x803, maxItems, 28, 28})),
		left:   3 << 20,
	}
	_, err := readIDX(ctx, "f", r, 1<<30, imageLayout(28, 28))
	if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "reading f") {
		t.Fatalf("error %v, want that reading f was cancelled", err)
	}
	if past := -r.left; past > 2*chunk {
		t.Errorf("read %d bytes after the cancellation, want at most two chunks", past)
	}
}

func FuzzIDX(f *testing.F) {
	for _, header := range [][]uint32{
		{0x803, 2, 2, 3}, {0x803, 1<<32 - 1, 2, 3}, {0x803, maxItems, 2, 3}, {0x803, 2, 1<<32 - 1, 3},
		{0x801, 12}, {0x801, 0}, {0xC01, 3}, {0xD03, 2, 2, 3},
	} {
		plain := idxBytes(header, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)
		f.Add(plain)
		f.Add(plain[:len(plain)-1])
		f.Add(gzipped(f, plain))
	}
	f.Add(bomb(f, []uint32{0x803, 1, 2, 3}))
	f.Add([]byte{0x1f, 0x8b})
	f.Fuzz(func(t *testing.T, file []byte) {
		for _, want := range []layout{imageLayout(2, 3), labelLayout(), indexLayout()} {
			got, err := readIDX(t.Context(), "f", bytes.NewReader(file), int64(len(file)), want)
			if err != nil {
				var fault *FormatError
				if !errors.As(err, &fault) {
					t.Errorf("error %v, want a FormatError", err)
				}
				continue
			}
			if len(got.data) != got.count*want.itemSize {
				t.Errorf("%d bytes for %d items of %d", len(got.data), got.count, want.itemSize)
			}
			// An accepted plain file consists of its header and the data only.
			if !got.packed && !bytes.Equal(got.data, file[got.headerSize:]) {
				t.Error("the data differ from the file")
			}
		}
	})
}
