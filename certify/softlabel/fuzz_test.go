package softlabel

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
)

// For any file, reading gives labels or an error; written again, the labels are the same.
func FuzzParse(f *testing.F) {
	s := Settings{Dataset: "toy", Split: "train", Classes: 3, Images: 2, Votes: 5, Sigma: 0.25, Provenance: map[string]string{}}
	head, err := s.head()
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(head))
	f.Add([]byte(head + "1\t2\t0123456789abcdef\t5\t0\t0\n2\t0\t0123456789abcdef\t1\t2\t2\n"))
	f.Add([]byte(head + "1\t2\t0123456789abcdef\t5\t0\t0\n2\t0\t01234567"))
	f.Add([]byte(strings.Replace(head, "\n", "\r\n", 1)))
	f.Fuzz(func(t *testing.T, data []byte) {
		l, size, err := parse(bytes.NewReader(data))
		if err != nil {
			return
		}
		if size > int64(len(data)) {
			t.Fatalf("%d of %d bytes are lines", size, len(data))
		}
		head, err := l.head()
		if err != nil {
			t.Fatal(err)
		}
		var text strings.Builder
		text.WriteString(head)
		for _, r := range l.Rows {
			text.WriteString(r.line())
		}
		again, _, err := parse(strings.NewReader(text.String()))
		if err != nil || !reflect.DeepEqual(again, l) {
			t.Fatalf("written again: %+v, %v; was %+v", again, err, l)
		}
	})
}
