package zmtp

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
)

// Unverified peers cannot fill the memory with unfinished messages, however many they are, and they do not delay
// verified peers.
func TestUnverifiedPeersShareALimit(t *testing.T) {
	var refused atomic.Int32
	r := router(t, Options{Largest: 1 << 20, UnverifiedBytes: 3 << 20, Log: func(err error) {
		if errors.Is(err, ErrUnverifiedLimit) {
			refused.Add(1)
		}
	}})
	known := dial(t, Dealer, r.Port(), Options{})
	if asked(t, known, "hello") != "hello" {
		t.Error("no answer")
	}
	const size = 1 << 20
	for range 5 {
		stranger := dial(t, Dealer, r.Port(), Options{})
		half := append(binary.BigEndian.AppendUint64([]byte{long}, size), make([]byte, size/2)...)
		if err := stranger.link.send(half); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "those for whom there is no room are cut off", func() bool { return refused.Load() == 2 })
	if text := strings.Repeat("x", size); asked(t, known, text) != text {
		t.Error("who is known is held up")
	}
}

// A subscriber's topics are kept, so their size is bounded.
func TestTopicsAreBounded(t *testing.T) {
	p, err := ListenPublisher("127.0.0.1:0", Options{}, func([]byte) Message { return Message{nil} })
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	c := dial(t, Subscriber, p.Port(), Options{})
	const topics = 40
	for i := range topics {
		c.Subscribe(fmt.Sprint(i) + strings.Repeat("x", 10_000))
	}
	for range topics {
		if _, err := c.Receive(); err != nil {
			t.Fatal(err)
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	held := 0
	for _, set := range p.topics {
		for topic := range set {
			held += len(topic)
		}
	}
	if held == 0 || held > maxTopicBytes {
		t.Errorf("%d bytes of topics are kept", held)
	}
}
