package certify

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"smoothlab/internal/suggest"
)

// Block is a part of the rows of a table, under a heading of its own.
type Block struct {
	Name string
	Rows int
}

// divide makes a block for each sigma of the entries, which are sorted by it.
func (g *Grid) divide(entries []Entry) {
	for _, e := range entries {
		name := "sigma " + factValue(e.Certificates.Sigma())
		if e.Certificates.Sigma() == 0 {
			name = "no sigma"
		}
		if n := len(g.Blocks); n > 0 && g.Blocks[n-1].Name == name {
			g.Blocks[n-1].Rows++
			continue
		}
		g.Blocks = append(g.Blocks, Block{name, 1})
	}
}

// parts returns the blocks of the table; one without a name if it is not divided.
func (g *Grid) parts() []Block {
	if g.Blocks == nil {
		return []Block{{"", len(g.Rows)}}
	}
	return g.Blocks
}

// mark finds the largest values of each block in the columns from first on. Values that are printed alike are alike; a
// block of one row has nothing to compare.
func (g *Grid) mark(values [][]float64, first int) {
	g.Best = make([][]bool, len(g.Rows))
	for i := range g.Rows {
		g.Best[i] = make([]bool, len(g.Head))
	}
	from := 0
	for _, b := range g.parts() {
		to := from + b.Rows
		for k := range values[from] {
			best := math.Inf(-1)
			at := -1
			for i := from; i < to; i++ {
				if v := values[i][k]; v > best {
					best, at = v, i
				}
			}
			for i := from; i < to && at >= 0 && b.Rows > 1; i++ {
				g.Best[i][first+k] = shown(g.Rows[i][first+k]) == shown(g.Rows[at][first+k])
			}
		}
		from = to
	}
}

// shown returns the number of a cell, without what follows a ±.
func shown(cell string) string {
	number, _, _ := strings.Cut(cell, "±")
	return strings.TrimSpace(number)
}

// choose keeps the columns with these headers, after the names. nil keeps all.
func (g *Grid) choose(columns []string) error {
	if columns == nil {
		return nil
	}
	keep := []int{0}
	for i, name := range columns {
		at := slices.Index(g.Head, name)
		acr := slices.IndexFunc(g.Head, func(h string) bool { return h == acrHead || h == acrRunsHead })
		if name == bareACRHead {
			at = acr
		}
		if at < 0 {
			names := slices.Insert(slices.Clone(g.Head[1:]), acr-1, bareACRHead)
			return errors.New(suggest.Sentence("column", name, names))
		}
		if slices.Contains(columns[:i], name) {
			return fmt.Errorf("the column %q is given twice", name)
		}
		keep = append(keep, at)
	}
	g.Head = pick(g.Head, keep)
	for i := range g.Rows {
		g.Rows[i] = pick(g.Rows[i], keep)
		if g.Best != nil {
			g.Best[i] = pick(g.Best[i], keep)
		}
	}
	for k, name := range columns {
		if name != bareACRHead {
			continue
		}
		g.Head[1+k] = bareACRHead
		for i := range g.Rows {
			g.Rows[i][1+k] = shown(g.Rows[i][1+k])
		}
	}
	return nil
}

func pick[T any](list []T, at []int) []T {
	picked := make([]T, len(at))
	for i, k := range at {
		picked[i] = list[k]
	}
	return picked
}

// bestMark follows the best values where there is no bold.
const bestMark = "*"

// best reports whether a cell is among the best.
func (g *Grid) best(row, column int) bool { return g.Best != nil && g.Best[row][column] }

// Plain returns the table as rows of text: headings of blocks are rows, and best values have an asterisk.
func (g *Grid) Plain() (rows [][]string) {
	next := 0
	for _, b := range g.parts() {
		if b.Name != "" {
			heading := make([]string, len(g.Head))
			heading[0] = b.Name
			rows = append(rows, heading)
		}
		for range b.Rows {
			row := slices.Clone(g.Rows[next])
			for k := range row {
				if g.best(next, k) {
					number, rest, found := strings.Cut(row[k], " ±")
					if row[k] = number + bestMark; found {
						row[k] += " ±" + rest
					}
				}
			}
			rows = append(rows, row)
			next++
		}
	}
	return rows
}
