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
		return ofChunks(file[8:], binary.BigEndian, "eXIf", 4, 0)
	case isWebP(file):
		return ofChunks(file[12:], binary.LittleEndian, "EXIF", 0, 1)
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

// ofChunks searches chunks of a length and a name, in either order, of data, a checksum of some bytes, and padding
// to a multiple of pad+1.
func ofChunks(rest []byte, order binary.ByteOrder, want string, checksum, pad int) int {
	for len(rest) >= 8 {
		length, name := rest[:4], rest[4:8]
		if order == binary.LittleEndian { // RIFF
			name, length = length, name
		}
		n := int64(order.Uint32(length))
		if n > int64(len(rest)-8) {
			return 1
		}
		if data := rest[8 : 8+n]; string(name) == want {
			data, _ = bytes.CutPrefix(data, []byte("Exif\x00\x00"))
			return ofTIFF(data)
		}
		next := 8 + n + int64(checksum)
		if pad > 0 {
			next += n % 2
		}
		rest = rest[min(next, int64(len(rest))):]
	}
	return 1
}

// ofTIFF reads the tag 0x0112 of the first directory.
func ofTIFF(data []byte) int {
	const tag, short = 0x0112, 3
	order := tiffOrder(data)
	for _, entry := range tiffEntries(data) {
		if order.Uint16(entry) == tag && order.Uint16(entry[2:]) == short {
			if o := int(order.Uint16(entry[8:])); o >= 1 && o <= 8 {
				return o
			}
			return 1
		}
	}
	return 1
}
