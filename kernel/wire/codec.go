package wire

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
)

// Errors of invalid messages.
var (
	ErrNoDelimiter = errors.New("the message has no delimiter <IDS|MSG>")
	ErrTooShort    = errors.New("the message has fewer than four parts")
	ErrSignature   = errors.New("the signature of the message is wrong")
	ErrReplayed    = errors.New("the message was received before")
	ErrHeader      = errors.New("the header of the message is invalid")
	ErrPart        = errors.New("a part of the message is not a JSON object")
)

var delimiter = []byte("<IDS|MSG>")

// remembered is the number of latest signatures kept to detect replayed messages: some 10 MB at most.
const remembered = 1 << 17

// Codec encodes messages as frames and decodes frames, with one key. Its methods may be called from any goroutine.
type Codec struct {
	key []byte

	mu   sync.Mutex
	seen map[[sha256.Size]byte]bool
	ring [][sha256.Size]byte
	next int
}

// NewCodec returns a codec that signs with HMAC-SHA256. An empty key means that messages are not signed, as a front end
// may request.
func NewCodec(key []byte) *Codec {
	return &Codec{key: key, seen: map[[sha256.Size]byte]bool{}}
}

// sign returns the signature of the four parts.
func (c *Codec) sign(parts [][]byte) []byte {
	mac := hmac.New(sha256.New, c.key)
	for _, p := range parts {
		mac.Write(p)
	}
	return mac.Sum(nil)
}

// Encode returns the frames of a message.
func (c *Codec) Encode(m *Message) [][]byte {
	parts := [][]byte{object(m.Header), orEmpty(m.Parent), orEmpty(m.Metadata), orEmpty(m.Content)}
	var signature []byte
	if len(c.key) > 0 {
		signature = []byte(hex.EncodeToString(c.sign(parts)))
	}
	frames := append(append([][]byte{}, m.To...), delimiter, signature)
	return append(append(frames, parts...), m.Buffers...)
}

func orEmpty(raw json.RawMessage) []byte {
	if len(raw) == 0 {
		return []byte("{}")
	}
	return raw
}

// Beginning reads the addressee and the header of a truncated message, so that it can be rejected. Its signature cannot
// be checked, so it must not be used for anything else.
func Beginning(frames [][]byte) (*Message, bool) {
	at := slices.IndexFunc(frames, func(f []byte) bool { return bytes.Equal(f, delimiter) })
	if at < 0 || len(frames) < at+3 {
		return nil, false
	}
	m := &Message{To: frames[:at], raw: frames[at+2]}
	if !isObject(m.raw) || json.Unmarshal(m.raw, &m.Header) != nil || m.Header.Type == "" {
		return nil, false
	}
	return m, true
}

// Decode reads frames. It checks the signature before anything else.
func (c *Codec) Decode(frames [][]byte) (*Message, error) {
	at := 0
	for at < len(frames) && !bytes.Equal(frames[at], delimiter) {
		at++
	}
	if at == len(frames) {
		return nil, ErrNoDelimiter
	}
	rest := frames[at+1:]
	if len(rest) < 5 {
		return nil, fmt.Errorf("%w: %d frames after the delimiter", ErrTooShort, len(rest))
	}
	parts := rest[1:5]
	if err := c.verify(rest[0], parts); err != nil {
		return nil, err
	}
	m := &Message{
		To:       frames[:at],
		Parent:   parts[1],
		Metadata: parts[2],
		Content:  parts[3],
		Buffers:  rest[5:],
		raw:      parts[0],
	}
	for _, p := range parts {
		if !isObject(p) {
			return nil, ErrPart
		}
	}
	if err := json.Unmarshal(parts[0], &m.Header); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrHeader, err)
	}
	if m.Header.Type == "" {
		return nil, fmt.Errorf("%w: it has no msg_type", ErrHeader)
	}
	return m, nil
}

func isObject(p []byte) bool {
	p = bytes.TrimLeft(p, " \t\r\n")
	return len(p) > 0 && p[0] == '{' && json.Valid(p)
}

// verify compares signatures in constant time and remembers valid ones.
func (c *Codec) verify(signature []byte, parts [][]byte) error {
	if len(c.key) == 0 {
		return nil
	}
	want := c.sign(parts)
	got := make([]byte, hex.DecodedLen(len(signature)))
	if n, err := hex.Decode(got, signature); err != nil || !hmac.Equal(got[:n], want) {
		return ErrSignature
	}
	digest := [sha256.Size]byte(want)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.seen[digest] {
		return ErrReplayed
	}
	c.seen[digest] = true
	if len(c.ring) < remembered {
		c.ring = append(c.ring, digest)
		return nil
	}
	delete(c.seen, c.ring[c.next])
	c.ring[c.next] = digest
	c.next = (c.next + 1) % remembered
	return nil
}
