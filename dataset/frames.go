package dataset

import "encoding/binary"

// hasFrames reports whether an image file has more images than its first one: a TIFF file of several pages, or an
// animated PNG. Sources: TIFF 6.0, section 2; PNG third edition, 11.3.6.1.
func hasFrames(file []byte) bool {
	switch {
	case isTIFF(file):
		_, rest := tiffDirectory(file)
		return len(rest) >= 4 && tiffOrder(file).Uint32(rest) != 0 // where the next directory is
	case isPNG(file):
		control := chunkOfPNG(file, "acTL")
		return len(control) >= 4 && binary.BigEndian.Uint32(control) > 1
	}
	return false
}
