package columns

import (
	"io"
	"slices"
	"strings"

	"github.com/parquet-go/parquet-go"
)

// parquetRows is the number of rows that are handed over at a time.
const parquetRows = 1000

// writeParquet writes one required column per value.
func writeParquet(to io.Writer, t Table) error {
	root := columnOrder{Group: parquet.Group{}}
	for _, c := range t.Columns {
		for _, name := range c.flatNames() {
			root.Group[name] = parquet.Compressed(c.node(), &parquet.Snappy)
			root.names = append(root.names, name)
		}
	}
	w := parquet.NewWriter(to, parquet.NewSchema("smoothlab", root))
	rows := make([]parquet.Row, 0, parquetRows)
	for row := range t.Rows() {
		rows = append(rows, t.parquetRow(row, len(root.names)))
		if len(rows) == parquetRows {
			if _, err := w.WriteRows(rows); err != nil {
				return err
			}
			rows = rows[:0]
		}
	}
	if _, err := w.WriteRows(rows); err != nil {
		return err
	}
	return w.Close()
}

// parquetRow returns the values of a row in the order of the columns.
func (t Table) parquetRow(row, width int) parquet.Row {
	values := make(parquet.Row, 0, width)
	for _, c := range t.Columns {
		for i := range c.size() {
			values = append(values, parquetValue(c.at(row*c.size()+i)).Level(0, 0, len(values)))
		}
	}
	return values
}

func (c Column) node() parquet.Node {
	switch c.Values.(type) {
	case []int:
		return parquet.Int(64)
	case []uint64:
		return parquet.Uint(64)
	case []bool:
		return parquet.Leaf(parquet.BooleanType)
	case []string:
		return parquet.String()
	}
	return parquet.Leaf(parquet.DoubleType)
}

func parquetValue(value any) parquet.Value {
	switch v := value.(type) {
	case int:
		return parquet.Int64Value(int64(v))
	case uint64:
		return parquet.Int64Value(int64(v)) // the bits of the unsigned number
	case bool:
		return parquet.BooleanValue(v)
	case string:
		return parquet.ByteArrayValue([]byte(strings.ToValidUTF8(v, "�")))
	case float32:
		return parquet.DoubleValue(float64(v))
	case float64:
		return parquet.DoubleValue(v)
	}
	return parquet.NullValue()
}

// columnOrder is a group whose columns keep their order; parquet.Group sorts them by name.
type columnOrder struct {
	parquet.Group
	names []string
}

// Fields returns the columns in their order.
func (o columnOrder) Fields() []parquet.Field {
	fields := o.Group.Fields()
	slices.SortFunc(fields, func(a, b parquet.Field) int {
		return slices.Index(o.names, a.Name()) - slices.Index(o.names, b.Name())
	})
	return fields
}
