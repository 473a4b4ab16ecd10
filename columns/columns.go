package columns

import (
	"errors"
	"fmt"
	"strconv"
)

// Column is one column of a table.
type Column struct {
	Name string
	// Values are the cells one after another, each in C order: []int, []uint64, []float64, []float32, []bool or
	// []string.
	Values any
	Shape  []int // shape of one cell; nil for a single value
	Wide   bool  // too many values for a table: written to .npz only
}

// Table is a list of columns with equally many rows.
type Table struct{ Columns []Column }

// Add appends a column with single values.
func (t *Table) Add(name string, values any) {
	t.Columns = append(t.Columns, Column{Name: name, Values: values})
}

// Rows returns the number of rows.
func (t Table) Rows() int {
	if len(t.Columns) == 0 {
		return 0
	}
	return t.Columns[0].rows()
}

// Check returns an error if the columns do not make a table: they have other lengths, types or equal names.
func (t Table) Check() error {
	if len(t.Columns) == 0 {
		return errors.New("there are no columns to save")
	}
	seen := map[string]bool{}
	for _, c := range t.Columns {
		if c.len() < 0 {
			return fmt.Errorf("column %s has values of type %T, which no file takes", c.Name, c.Values)
		}
		if c.rows() != t.Rows() || c.rows()*c.size() != c.len() {
			return fmt.Errorf("column %s has %d values in cells of %v, expected %d rows", c.Name, c.len(), c.Shape, t.Rows())
		}
		if seen[c.Name] {
			return fmt.Errorf("there are two columns %s", c.Name)
		}
		seen[c.Name] = true
	}
	return nil
}

// narrow returns the table without wide columns.
func (t Table) narrow() Table {
	var kept Table
	for _, c := range t.Columns {
		if !c.Wide {
			kept.Columns = append(kept.Columns, c)
		}
	}
	return kept
}

// size returns the number of values in a cell.
func (c Column) size() int {
	n := 1
	for _, d := range c.Shape {
		n *= d
	}
	return n
}

func (c Column) rows() int {
	if c.size() == 0 {
		return 0
	}
	return c.len() / c.size()
}

// len returns the number of values; −1 for a type that no file takes.
func (c Column) len() int {
	switch v := c.Values.(type) {
	case []int:
		return len(v)
	case []uint64:
		return len(v)
	case []float64:
		return len(v)
	case []float32:
		return len(v)
	case []bool:
		return len(v)
	case []string:
		return len(v)
	}
	return -1
}

// at returns a value.
func (c Column) at(i int) any {
	switch v := c.Values.(type) {
	case []int:
		return v[i]
	case []uint64:
		return v[i]
	case []float64:
		return v[i]
	case []float32:
		return v[i]
	case []bool:
		return v[i]
	case []string:
		return v[i]
	}
	return nil
}

// flatNames returns the names of the columns that a column becomes in a flat file.
func (c Column) flatNames() []string {
	if len(c.Shape) == 0 {
		return []string{c.Name}
	}
	names := make([]string, c.size())
	for i := range names {
		names[i] = c.Name + "_" + strconv.Itoa(i)
	}
	return names
}
