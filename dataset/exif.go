package dataset

import (
	"bytes"
	"encoding/binary"
)

// orientation returns the EXIF orientation of a JPEG, PNG or WebP file: 1 is upright, 2 to 8 are rotated or mirrored; 1
// if the file has none. Source: CIPA DC-008, “Exif”, sections 4.5.2, 4.6.2 and 4.7.2.
func orientation(file []byte) int {
	switch {
	case bytes.HasPrefix(file, []byte{0xff, 0xd8}):
		return ofJPEG(file[2:])
	case isPNG(file):
		return ofEXIF(chunkOfPNG(file, "eXIf"))
	case isWebP(file):
		return ofEXIF(chunkOf(file[12:], binary.LittleEndian, "EXIF", 0, 1))
	}
	return 1
}

// ofJPEG searches the segments before the image: a marker, a length that counts itself, and data.
func ofJPEG(rest []byte) int {
	const app1, scan = 0xe1, 0xda
	for len(rest) >= 4 && rest[0] == 0xff && rest[1] != scan {
		n := int(binary.BigEndian.Uint16(rest[2:])) + 2
		if n > len(rest) || n < 4 {
			return 1
		}
		if data, ok := bytes.CutPrefix(rest[4:n], []byte("Exif\x00\x00")); ok && rest[1] == app1 {
			return ofTIFF(data)
		}
		rest = rest[n:]
	}
	return 1
}

// ofEXIF reads what a chunk holds, which some programs begin as the segment of a JPEG.
func ofEXIF(data []byte) int {
	data, _ = bytes.CutPrefix(data, []byte("Exif\x00\x00"))
	return ofTIFF(data)
}

// ofTIFF reads the tag 0x0112 of the first directory.
func ofTIFF(data []byte) int {
	const tag, short = 0x0112, 3
	order := tiffOrder(data)
	entries, _ := tiffDirectory(data)
	for _, entry := range entries {
		if order.Uint16(entry) == tag && order.Uint16(entry[2:]) == short {
			if o := int(order.Uint16(entry[8:])); o >= 1 && o <= 8 {
				return o
			}
			return 1
		}
	}
	return 1
}
