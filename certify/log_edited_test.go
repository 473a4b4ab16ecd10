package certify

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// No lines are added to an unfinished log that a spreadsheet, pandas or gzip has saved again, since they would not
// belong to its header; it stays as it is. Line ends and a byte order mark do no harm. A finished log is loaded in any
// form.
func TestEditedLogs(t *testing.T) {
	columns := func(order func(cells []string) []string) func(log string) string {
		return func(log string) string {
			var lines []string
			for line := range strings.Lines(log) {
				lines = append(lines, strings.Join(order(strings.Split(strings.TrimSpace(line), "\t")), "\t")+"\n")
			}
			return strings.Join(lines, "")
		}
	}
	packed := func(log string) string {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		if _, err := z.Write([]byte(log)); err != nil || z.Close() != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	for name, test := range map[string]struct {
		save    func(log string) string
		resumed bool
	}{
		"as it is":     {func(log string) string { return log }, true},
		"CRLF":         {func(log string) string { return strings.ReplaceAll(log, "\n", "\r\n") }, true},
		"BOM":          {func(log string) string { return "\ufeff" + log }, true},
		"commas":       {func(log string) string { return strings.ReplaceAll(log, "\t", ",") }, false},
		"index column": {columns(func(cells []string) []string { return append([]string{""}, cells...) }), false},
		"without time": {columns(func(cells []string) []string { return append(cells[:5:5], cells[6:]...) }), false},
		"gzip":         {packed, false},
	} {
		for _, finished := range []bool{false, true} {
			out := filepath.Join(t.TempDir(), "toy.tsv")
			if _, _, err := runToy(t, out, nil); err != nil {
				t.Fatal(err)
			}
			whole, err := os.ReadFile(out)
			if err != nil {
				t.Fatal(err)
			}
			log := string(whole)
			if !finished {
				log = strings.Join(strings.SplitAfter(log, "\n")[:4], "")
			}
			saved := test.save(log)
			if err := os.WriteFile(out, []byte(saved), 0o644); err != nil {
				t.Fatal(err)
			}
			c, drawn, err := runToy(t, out, nil)
			switch {
			case finished && (err != nil || drawn != 0 || len(c.Rows) != toyCount):
				t.Errorf("%s, finished: %d votes, %v", name, drawn, err)
			case !finished && test.resumed && (err != nil || len(c.Rows) != toyCount):
				t.Errorf("%s: %v", name, err)
			case !finished && !test.resumed && (err == nil || !strings.Contains(err.Error(), "no lines can follow")):
				t.Errorf("%s was resumed: %v", name, err)
			}
			if now, err := os.ReadFile(out); !test.resumed && (err != nil || string(now) != saved) {
				t.Errorf("%s: the log was changed: %v", name, err)
			}
			if _, err := ReadLog(out, nil, Plan{}); err != nil && (finished || test.resumed) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}
