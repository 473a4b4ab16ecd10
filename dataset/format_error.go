package dataset

import "fmt"

// FormatError says where a file is not what it should be.
type FormatError struct {
	File string
	// Offset is the byte where it was seen, counted in the unpacked data where
	// Unpacked is set.
	Offset          int64
	Unpacked        bool
	Expected, Found string
}

func (e *FormatError) Error() string {
	of := ""
	if e.Unpacked {
		of = " of the unpacked data"
	}
	return fmt.Sprintf("%s: byte %d%s: expected %s, found %s; remove it or put an intact file in its place",
		e.File, e.Offset, of, e.Expected, e.Found)
}
