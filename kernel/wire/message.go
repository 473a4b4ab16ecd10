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

// ProtocolVersion is that of the messages.
const ProtocolVersion = "5.4"

// Header says what a message is.
type Header struct {
	ID       string `json:"msg_id"`
	Session  string `json:"session"` // of the sender
	Username string `json:"username"`
	Date     string `json:"date"` // ISO 8601
	Type     string `json:"msg_type"`
	Version  string `json:"version"`
}

// Message is one message. Parent, Metadata and Content are JSON objects.
type Message struct {
	To       [][]byte // whom it is for or from; on a Publisher the topic
	Header   Header
	Parent   json.RawMessage // the header of what it answers, as it came
	Metadata json.RawMessage
	Content  json.RawMessage
	Buffers  [][]byte

	raw json.RawMessage // the header as it came
}

// RawHeader is the header as it came, for the answer's Parent.
func (m *Message) RawHeader() json.RawMessage { return m.raw }

// ParentID is the id of the message that m answers; empty if there is none.
func (m *Message) ParentID() string {
	var parent Header
	if json.Unmarshal(m.Parent, &parent) != nil {
		return ""
	}
	return parent.ID
}

// NewHeader is the header of a message that begins now.
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

// NewID is a random name, in the form of a UUID.
func NewID() string {
	var b [16]byte
	rand.Read(b[:])
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	s := hex.EncodeToString(b[:])
	return fmt.Sprintf("%s-%s-%s-%s-%s", s[:8], s[8:12], s[12:16], s[16:20], s[20:])
}

// object is v as a JSON object; it must have that form.
func object(v any) json.RawMessage {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err) // a struct of ours
	}
	return data
}

// NewMessage is a message without an addressee. content must have a JSON form that is an object.
func NewMessage(header Header, parent json.RawMessage, content any) *Message {
	return &Message{Header: header, Parent: parent, Content: object(content)}
}
