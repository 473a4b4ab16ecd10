package dataset

import "encoding/binary"

// chunkOfPNG returns the data of the first chunk with a name in a PNG file; nil if there is none.
func chunkOfPNG(file []byte, name string) []byte {
	return chunkOf(file[8:], binary.BigEndian, name, 4, 0)
}

// chunkOf searches chunks of a length and a name, in either order, of data, a checksum of some bytes, and padding to a
// multiple of pad+1, and returns the data of the first one that is wanted; nil if there is none.
func chunkOf(rest []byte, order binary.ByteOrder, want string, checksum, pad int) []byte {
	for len(rest) >= 8 {
		length, name := rest[:4], rest[4:8]
		if order == binary.LittleEndian { // RIFF
			name, length = length, name
		}
		n := int64(order.Uint32(length))
		if n > int64(len(rest)-8) {
			return nil
		}
		if string(name) == want {
			return rest[8 : 8+n]
		}
		next := 8 + n + int64(checksum)
		if pad > 0 {
			next += n % 2
		}
		rest = rest[min(next, int64(len(rest))):]
	}
	return nil
}
