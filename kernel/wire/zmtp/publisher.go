package zmtp

import (
	"errors"
	"strings"
	"sync"
)

// What one subscriber may subscribe to: so many topics, of so many bytes together.
const mostTopics, mostTopicBytes = 1000, 64 << 10

// Publisher sends to all peers that have subscribed to a beginning of a message's first frame.
type Publisher struct {
	server
	welcome func(topic []byte) Message

	mu     sync.Mutex
	topics map[*link]map[string]bool
}

// ListenPublisher listens at a loopback address. welcome, which may be nil, makes what a new subscriber is sent.
func ListenPublisher(address string, o Options, welcome func(topic []byte) Message) (*Publisher, error) {
	p := &Publisher{welcome: welcome, topics: map[*link]map[string]bool{}}
	p.server = server{kind: kindPublisher, options: o, received: p.subscription,
		joined: func(l *link) {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.topics[l] = map[string]bool{}
		},
		left: func(l *link) {
			p.mu.Lock()
			defer p.mu.Unlock()
			delete(p.topics, l)
		}}
	p.options.Largest = 64 << 10
	if err := p.start(address); err != nil {
		return nil, err
	}
	return p, nil
}

// subscription reads a 1 or a 0 and a topic. Anything else that a subscriber sends has no meaning.
func (p *Publisher) subscription(l *link, m Message, _ int) {
	if len(m) != 1 || len(m[0]) == 0 || m[0][0] > 1 {
		return
	}
	topic := string(m[0][1:])
	p.mu.Lock()
	set := p.topics[l]
	if m[0][0] == 0 {
		delete(set, topic)
	} else if len(set) < mostTopics && size(set)+len(topic) <= mostTopicBytes {
		set[topic] = true
	}
	p.mu.Unlock()
	if m[0][0] == 1 && p.welcome != nil {
		_ = l.send(p.welcome(m[0][1:]).bytes()) // whoever is gone needs no welcome
	}
}

// size is that of all topics, in bytes.
func size(topics map[string]bool) (bytes int) {
	for topic := range topics {
		bytes += len(topic)
	}
	return bytes
}

// Publish queues a message for whoever has subscribed. It waits for slow subscribers, all of them together no longer
// than Options.Patience; those that are stalled are cut off.
func (p *Publisher) Publish(m Message) error {
	if len(m) == 0 {
		return errors.New("a message without frames has no topic")
	}
	b := m.bytes()
	p.mu.Lock()
	var to []*link
	for l, set := range p.topics {
		for topic := range set {
			if strings.HasPrefix(string(m[0]), topic) {
				to = append(to, l)
				break
			}
		}
	}
	p.mu.Unlock()
	var wg sync.WaitGroup
	for _, l := range to {
		if l.full(len(b)) {
			wg.Go(func() { _ = l.send(b) })
		} else {
			_ = l.send(b) // an error is that of a subscriber who has gone
		}
	}
	wg.Wait()
	return nil
}

// full tells whether send would wait.
func (l *link) full(more int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.queued > 0 && l.queued+more > l.options.Queue
}
