package dataset

import (
	"bytes"
	"encoding/binary"
)

// hasFrames reports whether an image file has more images than its first one: a TIFF file of several pages, or an
// animated PNG. Sources: TIFF 6.0, section 2; PNG third edition, 11.3.6.1 (acTL, before the pixels).
func hasFrames(file []byte) bool {
	switch {
	case isTIFF(file):
		order, entries := tiffOrder(file), len(tiffEntries(file))
		if len(file) < 8 {
			return false
		}
		next := int64(order.Uint32(file[4:])) + 2 + 12*int64(entries) // behind the first directory
		return next+4 <= int64(len(file)) && order.Uint32(file[next:]) != 0
	case isPNG(file):
		const head, count = 8 + 25, 4 // the signature and IHDR; the number of frames
		pixels := bytes.Index(file, []byte("IDAT"))
		if pixels < head {
			return false
		}
		at := bytes.Index(file[head:pixels], []byte("acTL"))
		if at < 0 || head+at+4+count > len(file) {
			return false
		}
		return binary.BigEndian.Uint32(file[head+at+4:]) > 1
	}
	return false
}
