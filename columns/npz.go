package columns

import (
	"io"

	"smoothlab/internal/npz"
)

// writeNPZ writes one array per column, with the rows as its first axis.
func writeNPZ(w io.Writer, t Table) error {
	var arrays []npz.Values
	for _, c := range t.Columns {
		arrays = append(arrays, npz.Values{
			Name:   c.Name,
			Shape:  append([]int{c.rows()}, c.Shape...),
			Values: c.Values,
		})
	}
	return npz.Write(w, arrays)
}
