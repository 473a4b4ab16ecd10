package dataset

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"runtime"
	"testing"
)

// A TIFF file that declares much and holds little takes little memory: an offset of 4 GB, and a strip of 2³² rows that
// unpacks to 64 MB for an image of four pixels.
func TestHostileTIFF(t *testing.T) {
	var packed bytes.Buffer
	z := zlib.NewWriter(&packed)
	z.Write(make([]byte, 64<<20))
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	const long = 4
	fields := [][2]uint32{
		{256, 2},
		{257, 2},
		{258, 8},
		{259, 8},
		{262, 1},
		{273, 0},
		{277, 1},
		{278, 1<<32 - 1},
		{279, uint32(packed.Len())},
	}
	begin := 8 + 2 + 12*len(fields) + 4
	fields[5][1] = uint32(begin)
	strip := binary.LittleEndian.AppendUint16([]byte("II*\x00\x08\x00\x00\x00"), uint16(len(fields)))
	for _, f := range fields {
		strip = binary.LittleEndian.AppendUint16(strip, uint16(f[0]))
		strip = binary.LittleEndian.AppendUint16(strip, long)
		strip = binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(strip, 1), f[1])
	}
	strip = append(append(strip, 0, 0, 0, 0), packed.Bytes()...)
	for name, test := range map[string]struct {
		file []byte
		ok   bool
	}{
		"offset": {[]byte("II*\x00\x00\x00\x00\xf0"), false},
		"strip":  {strip, true},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, _, headErr := decodeHead(bytes.NewReader(test.file))
		_, err := decodeBytes(t.Context(), test.file)
		runtime.ReadMemStats(&after)
		if (err == nil) != test.ok || (headErr == nil) != test.ok {
			t.Errorf("%s: %v, %v", name, headErr, err)
		}
		if took := after.TotalAlloc - before.TotalAlloc; took > 8<<20 {
			t.Errorf("%s: %d bytes of memory", name, took)
		}
	}
}
