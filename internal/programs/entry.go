package programs

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
)

// A file consists of the magic words, the key, the program's length, its SHA-256, and the program.
const (
	magic      = "smoothlab program 1\n"
	headerSize = len(magic) + len(Key{}) + 8 + sha256.Size
)

// header returns the bytes before the program in its file.
func header(key Key, program []byte) []byte {
	sum := sha256.Sum256(program)
	h := make([]byte, 0, headerSize)
	h = append(h, magic...)
	h = append(h, key[:]...)
	h = binary.LittleEndian.AppendUint64(h, uint64(len(program)))
	return append(h, sum[:]...)
}

// decode returns the program in a file's content, or errDamaged if the content is incomplete or has another key.
func decode(key Key, content []byte) ([]byte, error) {
	if len(content) < headerSize {
		return nil, errDamaged
	}
	program := content[headerSize:]
	if !bytes.Equal(content[:headerSize], header(key, program)) {
		return nil, errDamaged
	}
	return program, nil
}
