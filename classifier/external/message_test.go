package external

import (
	"bytes"
	"encoding/binary"
	"math"
	"strings"
	"testing"
)

// FuzzReply reads arbitrary bytes as a reply for three images and four classes: it is an answer of that size, or an
// error, and no more is read than the reply has.
func FuzzReply(f *testing.F) {
	of := batch{images: 3, classes: 4}
	logits := binary.LittleEndian.AppendUint32(make([]byte, 44), math.Float32bits(-2.5))
	for _, m := range [][]byte{
		append(header(kindLogits, 7, 48), logits...),
		append(header(kindVotes, 7, 12), 1, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0),
		append(header(kindVotes, 7, 12), 1, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0),
		append(header(kindVotes, 8, 12), make([]byte, 12)...),
		append(header(kindFail, 7, 9), "no memory"...),
		header(kindFail, 7, maxFail+1),
		header(kindLogits, 7, math.MaxUint32),
		append(header(kindOpen, 7, 2), "{}"...),
		append(header(kindLogits, 7, 48), logits[:47]...),
		[]byte("Traceback (most recent call last):"),
		{},
	} {
		f.Add(m)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		from := bytes.NewReader(data)
		a, err := reader{from}.answer(7, of)
		if err != nil {
			if a.Logits != nil || a.Classes != nil {
				t.Errorf("an answer with the error %v", err)
			}
			return
		}
		var again []byte
		switch {
		case len(a.Logits) == 12 && a.Classes == nil:
			again = header(kindLogits, 7, 48)
			for _, l := range a.Logits {
				if math.IsNaN(float64(l)) {
					t.Error("a logit is not a number")
				}
				again = binary.LittleEndian.AppendUint32(again, math.Float32bits(l))
			}
		case len(a.Classes) == 3 && a.Logits == nil:
			again = header(kindVotes, 7, 12)
			for _, k := range a.Classes {
				if k < 0 || k > 3 {
					t.Errorf("class %d", k)
				}
				again = binary.LittleEndian.AppendUint32(again, uint32(k))
			}
		default:
			t.Fatalf("an answer of %d logits and %d classes", len(a.Logits), len(a.Classes))
		}
		if read := data[:len(data)-from.Len()]; !bytes.Equal(read, again) {
			t.Errorf("%x was read as %x", read, again)
		}
	})
}

// FuzzHello reads arbitrary bytes as a reply to OPEN: what is accepted can be shown and recorded.
func FuzzHello(f *testing.F) {
	for _, text := range []string{
		`{"fingerprint": "3f2a", "names": null}`,
		`{"fingerprint": "3f2a", "names": ["cat", "dog"]}`,
		`{"fingerprint": "3f2a", "names": ["cat"]}`,
		`{"fingerprint": "\u0007"}`,
		`{"fingerprint": 3}`, `[]`, `{`, "",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		h, err := parseHello(data, 2)
		if err != nil {
			if !strings.Contains(err.Error(), "not of the protocol") {
				t.Errorf("%v", err)
			}
			return
		}
		if n := len(h.Names); !isLabel(h.Fingerprint) || h.Names != nil && n != 2 {
			t.Errorf("%+v", h)
		}
	})
}

// The tail keeps the last lines whole, whatever the sizes of the writes.
func TestTail(t *testing.T) {
	text := strings.Repeat("0123456789\n", 1000) + "the\x1b[31m last\tline\n"
	for _, size := range []int{1, 7, 2047, 2048, 2049, len(text)} {
		var kept tail
		for b := []byte(text); len(b) > 0; b = b[min(size, len(b)):] {
			kept.Write(b[:min(size, len(b))])
		}
		want := strings.Repeat("0123456789 | ", 5) + "the[31m last line"
		if got := kept.words(); got != want || len(kept.last) > maxTail {
			t.Errorf("writes of %d: %q of %d bytes, want %q", size, got, len(kept.last), want)
		}
	}
}
