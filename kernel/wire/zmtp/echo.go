package zmtp

// Echo sends back what it receives.
type Echo struct{ server }

// ListenEcho listens at a loopback address.
func ListenEcho(address string, o Options) (*Echo, error) {
	o.Largest = 64 << 10
	e := &Echo{server{kind: kindEcho, options: o, received: func(l *link, m Message, _ int) { _ = l.send(m.bytes()) }}}
	if err := e.start(address); err != nil {
		return nil, err
	}
	return e, nil
}
