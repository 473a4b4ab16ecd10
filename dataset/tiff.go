package dataset

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"

	"golang.org/x/image/tiff"
)

// The TIFF decoder gets the whole file at once: of a stream it would buffer as many bytes as an offset in the file
// declares, up to 4 GB.

// isTIFF recognises TIFF by the first bytes.
func isTIFF(file []byte) bool {
	return len(file) >= 4 && (string(file[:4]) == "II*\x00" || string(file[:4]) == "MM\x00*")
}

// heldFile reads the bytes of a file until a context ends.
type heldFile struct {
	ctx context.Context
	*bytes.Reader
}

func (f *heldFile) Read(p []byte) (int, error) {
	if f.ctx.Err() != nil {
		return 0, context.Cause(f.ctx)
	}
	return f.Reader.Read(p)
}

func (f *heldFile) ReadAt(p []byte, at int64) (int, error) {
	if f.ctx.Err() != nil {
		return 0, context.Cause(f.ctx)
	}
	return f.Reader.ReadAt(p, at)
}

// boundTIFF bounds the strips and tiles of the first image by its size, since the decoder unpacks as much as they
// declare: a strip has at most as many rows as the image, and a tile is hardly larger. It changes file. Source: TIFF
// 6.0, sections 2 and 15.
func boundTIFF(file []byte) error {
	const rowsPerStrip, tileWidth, tileLength, short, long = 278, 322, 323, 3, 4
	const tile = 1024 // pixels
	c, err := tiff.DecodeConfig(bytes.NewReader(file))
	if err != nil {
		return err
	}
	order := tiffOrder(file)
	entries, _ := tiffDirectory(file)
	for _, entry := range entries {
		value, kind := entry[8:], order.Uint16(entry[2:])
		if order.Uint32(entry[4:]) != 1 || kind != short && kind != long {
			continue
		}
		n := int64(order.Uint16(value))
		if kind == long {
			n = int64(order.Uint32(value))
		}
		switch order.Uint16(entry) {
		case rowsPerStrip:
			switch n = min(n, int64(c.Height)); kind {
			case short:
				order.PutUint16(value, uint16(n))
			default:
				order.PutUint32(value, uint32(n))
			}
		case tileWidth, tileLength:
			if n > int64(max(c.Width, c.Height)+tile) {
				return fmt.Errorf("its tiles have a side of %d, but it is %d×%d", n, c.Height, c.Width)
			}
		}
	}
	return nil
}

// tiffOrder returns the order of bytes of a TIFF file, and of EXIF data.
func tiffOrder(data []byte) binary.ByteOrder {
	if len(data) > 1 && data[0] == 'M' {
		return binary.BigEndian
	}
	return binary.LittleEndian
}

// tiffDirectory returns the entries of the first directory of a TIFF file, or of EXIF data, as far as the data goes: 12
// bytes each, with a tag, a type, a count, and a value or its offset. rest is what follows them.
func tiffDirectory(data []byte) (entries [][]byte, rest []byte) {
	if len(data) < 8 {
		return nil, nil
	}
	order := tiffOrder(data)
	at := int64(order.Uint32(data[4:]))
	if at > int64(len(data))-2 {
		return nil, nil
	}
	rest = data[at+2:]
	for range order.Uint16(data[at:]) {
		if len(rest) < 12 {
			return entries, nil
		}
		entries = append(entries, rest[:12])
		rest = rest[12:]
	}
	return entries, rest
}
