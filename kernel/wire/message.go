package wire

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os/user"
	"sync"
	"time"
)

// ProtocolVersion is the version of the Jupyter messaging protocol.
const ProtocolVersion = "5.4"

// Header describes a message.
type Header struct {
	ID       string `json:"msg_id"`
	Session  string `json:"session"` // session id of the sender
	Username string `json:"username"`
	Date     string `json:"date"` // ISO 8601
	Type     string `json:"msg_type"`
	Version  string `json:"version"`
}

// Message is one message. Parent, Metadata and Content are JSON objects.
type Message struct {
	To       [][]byte // identity of the receiver or sender; on a Publisher the topic
	Header   Header
	Parent   json.RawMessage // header of the request that this message answers, as received
	Metadata json.RawMessage
	Content  json.RawMessage
	Buffers  [][]byte

	raw json.RawMessage // the header as received
}

// RawHeader returns the header as received, for use as the Parent of a reply.
func (m *Message) RawHeader() json.RawMessage { return m.raw }

// ParentID returns the id of the message that m answers, or "" if there is none.
func (m *Message) ParentID() string {
	var parent Header
	if json.Unmarshal(m.Parent, &parent) != nil {
		return ""
	}
	return parent.ID
}

// NewHeader returns the header of a new message.
func NewHeader(kind, session string) Header {
	return Header{
		ID:       NewID(),
		Session:  session,
		Username: username(),
		Date:     time.Now().UTC().Format("2006-01-02T15:04:05.000000Z"),
		Type:     kind,
		Version:  ProtocolVersion,
	}
}

var username = sync.OnceValue(func() string {
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return "user"
})

// NewID returns a random name in the form of a UUID.
func NewID() string {
	var b [16]byte
	rand.Read(b[:])
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	s := hex.EncodeToString(b[:])
	return fmt.Sprintf("%s-%s-%s-%s-%s", s[:8], s[8:12], s[12:16], s[16:20], s[20:])
}

// object returns v as a JSON object; v must have that form.
func object(v any) json.RawMessage {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err) // cannot happen: v is a struct of this package
	}
	return data
}

// NewMessage returns a message without an addressee. The JSON form of content must be an object.
func NewMessage(header Header, parent json.RawMessage, content any) *Message {
	return &Message{Header: header, Parent: parent, Content: object(content)}
}

// Describe sets the metadata of m to a value whose JSON form is an object.
func (m *Message) Describe(metadata any) { m.Metadata = object(metadata) }
