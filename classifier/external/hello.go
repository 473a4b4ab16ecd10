package external

import (
	"encoding/json"
	"unicode"
	"unicode/utf8"
)

// Hello is what a process reports about itself when it starts.
type Hello struct {
	// Fingerprint identifies what the process computes, such as the SHA-256 of its weights and its program. Votes of
	// processes with one fingerprint may share a log.
	Fingerprint string `json:"fingerprint"`
	// Names are the names of the classes, by output; nil if the process does not know them.
	Names []string `json:"names"`
}

// maxFingerprint bounds the length of a fingerprint.
const maxFingerprint = 256

// parseHello reads the payload of a reply to OPEN.
func parseHello(text []byte, classes int) (h Hello, err error) {
	if err := json.Unmarshal(text, &h); err != nil {
		return Hello{}, malformed("OPEN is not the expected JSON (%v)", err)
	}
	if !isLabel(h.Fingerprint) {
		return Hello{}, malformed("OPEN has fingerprint %.40q; it must be 1 to %d printable characters that identify "+
			"the weights", h.Fingerprint, maxFingerprint)
	}
	if h.Names == nil {
		return h, nil
	}
	if len(h.Names) != classes {
		return Hello{}, malformed("OPEN has %d class names for %d classes", len(h.Names), classes)
	}
	for _, name := range h.Names {
		if !isLabel(name) {
			return Hello{}, malformed("OPEN has the class name %.40q; names are 1 to %d printable characters",
				name, maxFingerprint)
		}
	}
	return h, nil
}

// isLabel reports whether a text can be a fingerprint or a class name.
func isLabel(s string) bool {
	if s == "" || len(s) > maxFingerprint || !utf8.ValidString(s) {
		return false
	}
	for _, r := range s {
		if !unicode.IsPrint(r) {
			return false
		}
	}
	return true
}
