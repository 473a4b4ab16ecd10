package certify

import (
	"bytes"
	"compress/gzip"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"smoothlab/smoothing"
)

func TestReadPublishedLog(t *testing.T) {
	c, err := ReadLog("testdata/published.tsv", smoothing.Gaussian{Sigma: 0.5}, Plan{N0: 100, N: 100_000, Alpha: 0.001})
	if err != nil {
		t.Fatal(err)
	}
	want := []Row{
		{Index: 0, Label: 7, Predicted: 7, Radius: 1.91, Correct: true, Time: 1856397 * time.Microsecond},
		{Index: 20, Label: 3, Predicted: 3, Radius: 1.24, Correct: true, Time: 2 * time.Second},
		{Index: 40, Label: 5, Predicted: Abstain, Time: 291005 * time.Microsecond},
		{Index: 60, Label: 2, Predicted: 3, Radius: 0.75, Time: 300 * time.Millisecond},
		{Index: 80, Label: 0, Predicted: 0, Radius: 4.88e-5, Correct: true, Time: 24*time.Hour + 1500*time.Millisecond},
		{Index: 100, Label: 1, Predicted: 1, Radius: 1.75, Correct: true, Time: 287311 * time.Microsecond},
	}
	if !reflect.DeepEqual(c.Rows, want) || !c.Printed || c.Unfinished() || c.Sigma() != 0.5 || c.Plan.N != 100_000 {
		t.Errorf("read as %+v", c)
	}
	// By hand: (1.91 + 1.24 + 0.0000488 + 1.75)/6.
	if got := c.ACR(); math.Abs(got-4.9000488/6) > 1e-15 {
		t.Errorf("ACR %v", got)
	}
	for _, a := range []struct {
		r    float64
		want float64
	}{{0, 4. / 6}, {4.88e-5, 4. / 6}, {0.5, 3. / 6}, {1.24, 3. / 6}, {1.2400001, 2. / 6}, {191 * 0.01, 1. / 6}, {1.92, 0}} {
		if got := c.Accuracy(a.r); got != a.want {
			t.Errorf("certified accuracy at %v is %v, expected %v", a.r, got, a.want)
		}
	}
	if c.Abstained() != 1 {
		t.Errorf("%d abstentions, expected 1", c.Abstained())
	}
}

// All forms of a log give the same certificates.
func TestReadLogLeniently(t *testing.T) {
	plain, err := os.ReadFile("testdata/published.tsv")
	if err != nil {
		t.Fatal(err)
	}
	want, err := ReadLog("testdata/published.tsv", nil, Plan{})
	if err != nil {
		t.Fatal(err)
	}
	var zipped bytes.Buffer
	zw := gzip.NewWriter(&zipped)
	zw.Write(plain)
	zw.Close()
	lines := strings.SplitAfter(string(plain), "\n")
	for name, text := range map[string]string{
		"gzip":                zipped.String(),
		"Windows line ends":   strings.ReplaceAll(string(plain), "\n", "\r\n"),
		"no last line end":    strings.TrimSuffix(string(plain), "\n"),
		"blank lines":         strings.ReplaceAll(string(plain), "\n", "\n\n"),
		"no header":           strings.Join(lines[1:], ""),
		"capitals":            strings.Replace(string(plain), "idx\tlabel", "Idx\tLABEL", 1),
		"other order of rows": lines[0] + lines[2] + lines[1] + strings.Join(lines[3:], ""),
	} {
		path := filepath.Join(t.TempDir(), "log")
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if got, err := ReadLog(path, nil, Plan{}); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, %+v", name, err, got)
		}
	}
	// Without times, with blanks between fields, and with an additional column.
	parsed, err := parseLog("log", strings.NewReader("idx label predict correct radius margin\n5 1 1 1 0.5 x\n"))
	if err != nil ||
		!reflect.DeepEqual(parsed.rows, []Row{{Index: 5, Label: 1, Predicted: 1, Radius: 0.5, Correct: true}}) {
		t.Errorf("%+v, %v", parsed, err)
	}
}

func TestReadLogErrors(t *testing.T) {
	const head = "idx\tlabel\tpredict\tradius\tcorrect\ttime\n"
	for _, c := range []struct{ text, want string }{
		{"", "holds no rows"},
		{head, "holds no rows"},
		{"hello\n", `:1: expected a header with the columns idx label predict radius correct, but "idx" is missing`},
		{head + "0\t1\t1\t-0.5\t1\t0:00:01\n", `:2: radius is "-0.5", expected a number from 0 to 1e+09`},
		{head + "0\t1\t1\tNaN\t1\t0:00:01\n", `:2: radius is "NaN"`},
		{head + "0\t1\t1\tinf\t1\t0:00:01\n", `:2: radius is "inf"`},
		{head + "0\t1\t-2\t0.0\t0\t0:00:01\n", `:2: predict is "-2"`},
		{head + "0\t1\t1\t0.5\t2\t0:00:01\n", `:2: correct is "2", expected 0 or 1`},
		{head + "0\t1\t1\t0.5\t0\t0:00:01\n", ":2: correct is false, but the label is 1 and the prediction 1"},
		{head + "0\t1\t1\t0.5\t1\tsoon\n", `:2: time "soon" is not h:mm:ss.ffffff`},
		{head + "0\t1\t1\t0.5\n", ":2: the line has 4 fields, and correct should be field 5"},
		{head + "0\t1\t1\t0.5\t1\t0:00:01\n\n0\t1\t1\t0.5\t1\t0:00:01\n", ":4: image 0 is already on line 2"},
		{head + strings.Repeat("x", maxLine+1), ":2: the line is longer than"},
		{"\x1f\x8bxx", "looks like a gzip file"},
	} {
		path := filepath.Join(t.TempDir(), "log.tsv")
		if err := os.WriteFile(path, []byte(c.text), 0o644); err != nil {
			t.Fatal(err)
		}
		_, err := ReadLog(path, nil, Plan{})
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%.40q: %v, expected %q and the path", c.text, err, c.want)
		}
	}
	if _, err := ReadLog("testdata/published.tsv", smoothing.Gaussian{Sigma: -1}, Plan{}); err == nil {
		t.Error("sigma -1 is accepted")
	}
	if _, err := ReadLog("testdata/missing.tsv", nil, Plan{}); err == nil {
		t.Error("a missing file is accepted")
	}
}

func TestReadLogChecksSidecar(t *testing.T) {
	dir := t.TempDir()
	out := filepath.Join(dir, "toy.tsv")
	if _, _, err := runToy(t, out, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadLog(
		out,
		smoothing.Gaussian{Sigma: 0.25},
		Plan{},
	); err == nil ||
		!strings.Contains(err.Error(), "was made with sigma 0.5") {
		t.Errorf("another sigma: %v", err)
	}
	if _, err := ReadLog(
		out,
		nil,
		Plan{N: 100_000},
	); err == nil ||
		!strings.Contains(err.Error(), "was made with n 60") {
		t.Errorf("another n: %v", err)
	}
	log, _ := os.ReadFile(out)
	lines := strings.SplitAfter(string(log), "\n")
	for name, text := range map[string]string{
		"row 2 is image 20": lines[0] + lines[1] + strings.Join(lines[3:], ""),
		"only 7 images":     string(log) + strings.Replace(lines[1], "0\t", "70\t", 1),
	} {
		os.WriteFile(out, []byte(text), 0o644)
		if _, err := ReadLog(out, nil, Plan{}); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("an edited log: %v, expected %q", err, name)
		}
	}
}

// Files that results must not replace are distinguished from files that they may replace.
func TestIsLog(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	begun := write("begun.tsv", "")
	write("begun.tsv.json", `{"format": "certification log", "version": 2}`)
	results := write("k.csv", "image,label\n1,2\n")
	write("k.csv.json", `{"image": [1]}`)
	for path, want := range map[string]bool{
		"testdata/version1.tsv":      true,
		"testdata/published.tsv":     true,
		begun:                        true,
		results:                      false,
		"testdata/version1.tsv.json": false,
		dir:                          false,
		"nowhere":                    false,
	} {
		if got := IsLog(path); got != want {
			t.Errorf("IsLog(%s) = %v", path, got)
		}
	}
}

// For any bytes, reading a log gives consistent rows, or an error that names the file and line. Rows of smoothlab's
// logs are written as they were read.
func FuzzReadLog(f *testing.F) {
	published, err := os.ReadFile("testdata/published.tsv")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(published)
	f.Add(
		[]byte(
			Plan{}.header() + Row{
				Index:     3,
				Label:     1,
				Predicted: 1,
				Radius:    0.123456789,
				Correct:   true,
				Time:      time.Second,
				Votes:     90,
				Used:      100,
				PLower:    0.75,
			}.line(),
		),
	)
	f.Add([]byte("5 1 -1 0.0 0 3\n"))
	climbed := Plan{Ladder: &Ladder{}}
	f.Add(
		[]byte(
			climbed.header() + climbed.line(
				Row{
					Index:     3,
					Label:     1,
					Predicted: 1,
					Radius:    0.5,
					Correct:   true,
					Votes:     90,
					Used:      100,
					PLower:    0.75,
					Rungs:     "45,90",
					Ended:     EndedProved,
				},
			) +
				climbed.line(
					Row{Index: 4, Label: 1, Predicted: Abstain, Ended: EndedLabel},
				),
		),
	)
	f.Fuzz(func(t *testing.T, data []byte) {
		parsed, err := parseLog("log", bytes.NewReader(data))
		if err != nil {
			if !strings.HasPrefix(err.Error(), "log:") {
				t.Errorf("the error %q names no place", err)
			}
			return
		}
		if parsed.size > int64(len(data)) {
			t.Errorf("%d bytes of lines in %d bytes", parsed.size, len(data))
		}
		plan := Plan{}
		if parsed.rungs {
			plan = climbed
		}
		text := plan.header()
		for _, row := range parsed.rows {
			if !(row.Radius >= 0 && row.Radius <= maxRadius) || row.Votes > row.Used ||
				row.Correct != (row.Predicted == row.Label) ||
				row.Time < 0 {
				t.Errorf("read %+v", row)
			}
			text += plan.line(row)
		}
		again, err := parseLog("again", strings.NewReader(text))
		if err != nil || !reflect.DeepEqual(again.rows, parsed.rows) {
			t.Errorf("%+v written and read is %+v, %v", parsed.rows, again.rows, err)
		}
	})
}
