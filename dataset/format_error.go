package dataset

import "fmt"

// FormatError reports where a file has unexpected contents.
type FormatError struct {
	File string
	// Offset is the byte of the error, counted in the unpacked data if Unpacked is set.
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
