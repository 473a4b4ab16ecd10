package zmtp

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Errors of a peer's handshake.
var (
	ErrGreeting     = errors.New("the peer does not speak ZMTP 3")
	ErrMechanism    = errors.New("the peer's security mechanism is not NULL")
	ErrIncompatible = errors.New("a socket of this type cannot connect to this one")
	ErrIdentity     = errors.New("an identity has 1 to 255 bytes, of which the first is not 0")
)

// Kind is the type of a socket, as ZMTP names it.
type Kind string

// The kinds of sockets that Jupyter uses.
const (
	kindRouter    Kind = "ROUTER"
	kindPublisher Kind = "XPUB" // a PUB that reads subscriptions
	kindEcho      Kind = "REP"
	Dealer        Kind = "DEALER"
	Subscriber    Kind = "SUB"
	Requester     Kind = "REQ"
)

// peers lists the kinds that a kind can connect to.
var peers = map[Kind][]Kind{
	kindRouter:    {Dealer, Requester, kindRouter},
	kindPublisher: {Subscriber, "XSUB"},
	kindEcho:      {Requester, Dealer},
	Dealer:        {kindRouter, kindEcho, Dealer},
	Subscriber:    {kindPublisher, "PUB"},
	Requester:     {kindEcho, kindRouter},
}

const greetingSize = 64

// greeting returns a signature, the version 3.0, the mechanism NULL, and zeros.
func greeting() []byte {
	g := make([]byte, greetingSize)
	g[0], g[8], g[9], g[10] = 0xff, 1, 0x7f, 3
	copy(g[12:32], "NULL")
	return g
}

// hello returns the bytes sent to a peer before messages.
func hello(kind Kind, identity []byte) []byte {
	ready := append([]byte{5}, "READY"...)
	property := func(name string, value []byte) {
		ready = append(append(ready, byte(len(name))), name...)
		ready = append(binary.BigEndian.AppendUint32(ready, uint32(len(value))), value...)
	}
	property("Socket-Type", []byte(kind))
	if kind == Dealer || kind == Requester || kind == kindRouter {
		property("Identity", identity)
	}
	return appendFrame(greeting(), command, ready)
}

// readHello reads the bytes that the peer sends before messages, at most limit bytes.
func readHello(r io.Reader, limit int) (kind Kind, identity []byte, err error) {
	g := make([]byte, greetingSize)
	if _, err := io.ReadFull(r, g[:1]); err != nil {
		return "", nil, err
	}
	if g[0] != 0xff { // reject at once: a client of another protocol may be waiting for data
		return "", nil, ErrGreeting
	}
	if _, err := io.ReadFull(r, g[1:]); err != nil {
		return "", nil, midway(err)
	}
	if g[9]&1 == 0 || g[10] < 3 {
		return "", nil, ErrGreeting
	}
	if mechanism := string(bytes.TrimRight(g[12:32], "\x00")); mechanism != "NULL" {
		return "", nil, fmt.Errorf("%w: %q", ErrMechanism, mechanism)
	}
	flags, body, err := readFrame(r, limit, nil)
	if err != nil {
		return "", nil, midway(err)
	}
	name, rest, err := cutName(body)
	if err != nil || flags&command == 0 || name != "READY" {
		return "", nil, ErrCommand
	}
	return readProperties(rest)
}

// readProperties reads the list after READY.
func readProperties(rest []byte) (kind Kind, identity []byte, err error) {
	for len(rest) > 0 {
		var name string
		if name, rest, err = cutName(rest); err != nil || len(rest) < 4 {
			return "", nil, ErrCommand
		}
		size := binary.BigEndian.Uint32(rest)
		rest = rest[4:]
		if uint64(size) > uint64(len(rest)) {
			return "", nil, ErrCommand
		}
		value := rest[:size]
		rest = rest[size:]
		switch strings.ToLower(name) {
		case "socket-type":
			kind = Kind(value)
		case "identity":
			identity = value
		}
	}
	if len(identity) > 255 || len(identity) > 0 && identity[0] == 0 {
		return "", nil, ErrIdentity
	}
	return kind, identity, nil
}

// cutName splits a name with its length off the beginning.
func cutName(b []byte) (name string, rest []byte, err error) {
	if len(b) == 0 || len(b) <= int(b[0]) {
		return "", nil, ErrCommand
	}
	return string(b[1 : 1+b[0]]), b[1+b[0]:], nil
}

func compatible(ours, theirs Kind) error {
	if !slices.Contains(peers[ours], theirs) {
		return fmt.Errorf("%w: %q at a %s", ErrIncompatible, theirs, ours)
	}
	return nil
}

// pong returns the answer to a command. Only PING has one: the bytes after its time to live.
func pong(body []byte) (answer []byte, err error) {
	name, rest, err := cutName(body)
	switch {
	case err != nil:
		return nil, err
	case name == "PING" && len(rest) >= 2:
		return appendFrame(nil, command, append([]byte("\x04PONG"), rest[2:]...)), nil
	case name == "ERROR":
		return nil, ErrCommand
	}
	return nil, nil
}
