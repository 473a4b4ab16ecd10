package archtest

import (
	"bytes"
	"cmp"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite docs/architecture.svg")

// leftOut lists packages that the picture does not show: helpers, and packages that are not part of the program.
func leftOut(room string) bool {
	return strings.HasPrefix(room, "internal/") || strings.Contains(room, "/internal/") || room == "deploy" ||
		room == "notebooks"
}

// heights returns, for each package of the picture, the length of its longest chain of imports.
func heights() map[string]int {
	height := map[string]int{}
	var of func(room string) int
	of = func(room string) int {
		if h, done := height[room]; done {
			return h
		}
		h := 0
		for _, other := range rooms[room] {
			if !leftOut(other) {
				h = max(h, of(other)+1)
			}
		}
		height[room] = h
		return h
	}
	for room := range rooms {
		if !leftOut(room) {
			of(room)
		}
	}
	return height
}

// reaches reports whether a package imports another one through others.
func reaches(from, to string) bool {
	return slices.ContainsFunc(rooms[from], func(next string) bool { return next == to || reaches(next, to) })
}

// implied reports whether an import need not be drawn, because another one of the same package leads there too.
func implied(from, to string) bool {
	return slices.ContainsFunc(rooms[from], func(next string) bool { return !leftOut(next) && reaches(next, to) })
}

// picture draws the packages in rows by height, each with lines to its imports in the rows below.
func picture() []byte {
	const width, rowHeight, boxHeight, letter = 1000, 76, 28, 7.6
	height := heights()
	rows := make([][]string, slices.Max(slices.Collect(maps.Values(height)))+1)
	for room, h := range height {
		rows[h] = append(rows[h], room)
	}
	type box struct{ x, y, w float64 }
	boxes := map[string]box{}
	for h, row := range rows {
		slices.Sort(row)
		total := 0.0
		for _, room := range row {
			total += float64(len(room))*letter + 16
		}
		gap := (width - total) / float64(len(row)+1)
		x := gap
		for _, room := range row {
			w := float64(len(room))*letter + 16
			boxes[room] = box{x, float64((len(rows)-1-h)*rowHeight + 10), w}
			x += w + gap
		}
	}
	var b bytes.Buffer
	fmt.Fprintf(
		&b,
		`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="monospace" font-size="12">`+"\n",
		width,
		len(rows)*rowHeight-rowHeight+boxHeight+20,
	)
	fmt.Fprintln(&b, `<rect width="100%" height="100%" fill="#fff"/>`)
	names := slices.SortedFunc(maps.Keys(boxes), cmp.Compare[string])
	for _, room := range names {
		for _, other := range rooms[room] {
			if leftOut(other) || implied(room, other) {
				continue
			}
			from, to := boxes[room], boxes[other]
			fmt.Fprintf(&b, `<line x1="%.0f" y1="%.0f" x2="%.0f" y2="%.0f" stroke="#9ab" stroke-width="0.7"/>`+"\n",
				from.x+from.w/2, from.y+boxHeight, to.x+to.w/2, to.y)
		}
	}
	for _, room := range names {
		r := boxes[room]
		fmt.Fprintf(
			&b,
			`<rect x="%.0f" y="%.0f" width="%.0f" height="%d" rx="4" fill="#eef4fa" stroke="#357"/>`+"\n",
			r.x,
			r.y,
			r.w,
			boxHeight,
		)
		fmt.Fprintf(&b, `<text x="%.0f" y="%.0f" text-anchor="middle">%s</text>`+"\n", r.x+r.w/2, r.y+18, room)
	}
	fmt.Fprintln(&b, `</svg>`)
	return b.Bytes()
}

// The picture of the architecture page is made from the table of imports.
func TestPicture(t *testing.T) {
	path := filepath.Join("..", "..", "docs", "architecture.svg")
	want := picture()
	if *update {
		if err := os.WriteFile(path, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(got, want) {
		t.Fatalf(
			"docs/architecture.svg does not show the import table: run go test ./internal/archtest -update (%v)",
			err,
		)
	}
}
