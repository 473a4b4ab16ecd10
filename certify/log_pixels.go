package certify

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
)

// pixels holds the digests of the images of a certification.
type pixels struct {
	whole string         // Settings.ImageData; "" if unknown
	each  map[int]string // shortened digests by index; nil if unknown
}

// shortDigest is the number of hexadecimal digits of an image's digest that a log keeps: enough to tell apart images
// that differ by accident. The digest of the whole certification is not shortened.
const shortDigest = 16

// newPixels makes pixels from a voter's digests, one per image, or none.
func newPixels(images []Image, digests []Digest) (pixels, error) {
	if len(digests) == 0 {
		return pixels{}, nil
	}
	if len(digests) != len(images) {
		return pixels{}, fmt.Errorf("the voter returned %d digests for %d images", len(digests), len(images))
	}
	p := pixels{each: map[int]string{}}
	whole := sha256.New()
	for i, d := range digests {
		whole.Write(d[:])
		p.each[images[i].Index] = hex.EncodeToString(d[:])[:shortDigest]
	}
	p.whole = hex.EncodeToString(whole.Sum(nil))
	return p, nil
}

// joinDigests concatenates the shortened digests of images; it returns "" if one is unknown.
func joinDigests(runs []indexRun, each map[int]string) string {
	var b strings.Builder
	for index := range indices(runs) {
		d := each[index]
		if d == "" {
			return ""
		}
		b.WriteString(d)
	}
	return b.String()
}

// splitDigests reads what joinDigests wrote.
func splitDigests(runs []indexRun, text string) (map[int]string, error) {
	if text == "" {
		return nil, nil
	}
	if n := count(runs); len(text) != n*shortDigest {
		return nil, fmt.Errorf(
			"image_digests has %d characters, and should have %d for each of %d images",
			len(text),
			shortDigest,
			n,
		)
	}
	each := map[int]string{}
	at := 0
	for index := range indices(runs) {
		each[index] = text[at : at+shortDigest]
		at += shortDigest
	}
	return each, nil
}
