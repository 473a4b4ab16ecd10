package weights

import (
	"archive/zip"
	"bytes"
	"fmt"
	"strings"
	"testing"

	"smoothlab/internal/npz"
)

// Time and memory are in proportion to the file's size, and texts from the file are printed on one line.
func TestHostileFiles(t *testing.T) {
	storage := func(key string, count int) string {
		return fmt.Sprintf("(S'storage'\nctorch\nFloatStorage\nS'%s'\nS'cpu'\nI%d\ntQ", key, count)
	}
	view := func(name, storage, shape, strides string) string {
		return name + "ctorch._utils\n_rebuild_tensor_v2\n(" + storage + "I0\n(" + shape + "t(" + strides + "tNNtR"
	}
	number := map[string]string{"0": "\x00\x00\x80\x3f"}
	ones := strings.Repeat("I1\n", 65)
	for name, test := range map[string]struct {
		data []byte
		want string
	}{
		// of zeros, a zip archive of some megabytes could hold each of them
		"large storages together": {saved(t, "}("+view("S'a'\n", storage("0", 300_000_000), "I1\n", "I1\n")+view("S'b'\n", storage("1", 300_000_000), "I1\n", "I1\n")+"u.", number),
			"its storages have more than 2147483648 bytes"},
		"many axes":           {saved(t, "}("+view("S'a'\n", storage("0", 1), ones, ones)+"u.", number), "65 axes"},
		"a long pickle":       {append([]byte(legacyHead), bytes.Repeat([]byte("]"), maxPickle+1)...), "longer than"},
		"a long pickle alone": {append([]byte("\x80\x02"), append(bytes.Repeat([]byte("]"), maxPickle), '.')...), "longer than"},
		"escapes in name":     {saved(t, "}("+view("\x8c\x05a\x1b[2J", storage("0", 1), "I1\n", "I1\n")+"u.", number), `"a\x1b[2J"`},
		"escapes in class":    {saved(t, "\x80\x04\x8c\x03o\x1bs\x8c\x02a\nR.", nil), ""},
		"escapes in wish":     {saved(t, "\x80\x04\x8c\x03o\x1bs\x8c\x03a\nb\x93.", nil), "nothing in it was executed"},
		"a long complaint":    {saved(t, "("+strings.Repeat("I77777777\n", 100_000)+"lS'x'\n\x85R.", nil), "REDUCE"},
	} {
		_, err := parse(t.Context(), test.data)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %.300v, want %q", name, err, test.want)
			continue
		}
		if s := err.Error(); strings.ContainsAny(s, "\n\x1b") || len(s) > 1000 {
			t.Errorf("%s: %d bytes, %.300q", name, len(s), s)
		}
	}
}

// Arrays of NumPy together may not take more memory than any network does.
func TestHostileArrays(t *testing.T) {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, name := range []string{"a\x1b", "b"} {
		f, err := w.Create(name + ".npy")
		if err != nil {
			t.Fatal(err)
		}
		header := "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }\n"
		fmt.Fprintf(f, "\x93NUMPY\x01\x00%c\x00%s\x00\x00\x80\x3f", len(header), header)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := parse(t.Context(), b.Bytes()); err == nil || !strings.Contains(err.Error(), `"a\x1b"`) {
		t.Errorf("%v", err)
	}
	const room = 6 // bytes: one array takes 4
	_, err := npz.Read(t.Context(), bytes.NewReader(b.Bytes()), int64(b.Len()), room)
	if err == nil || !strings.Contains(err.Error(), "more than the 2 that are left") {
		t.Errorf("two arrays, where there is room for one and a half: %v", err)
	}
}
