package repl

import (
	"os"
	"sync"
)

// interrupts passes each SIGINT to the current handler.
type interrupts struct {
	mu     sync.Mutex
	act    func()
	missed bool // an interrupt came while there was no handler
}

// watchInterrupts reads a channel of signals until stop is called.
func watchInterrupts(signals <-chan os.Signal) (i *interrupts, stop func()) {
	i = &interrupts{}
	done := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			select {
			case <-done:
				return
			case _, open := <-signals:
				if !open {
					signals = nil
					continue
				}
				i.interrupt()
			}
		}
	})
	return i, func() { close(done); wg.Wait() }
}

func (i *interrupts) interrupt() {
	i.mu.Lock()
	act := i.act
	i.missed = act == nil
	i.mu.Unlock()
	if act != nil {
		act()
	}
}

// handleWhile makes act the handler until the returned function is called. With takeMissed set, act is called at once
// if an interrupt came while there was no handler.
func (i *interrupts) handleWhile(act func(), takeMissed bool) (end func()) {
	i.mu.Lock()
	missed := i.missed
	i.act, i.missed = act, false
	i.mu.Unlock()
	if missed && takeMissed {
		act()
	}
	return func() {
		i.mu.Lock()
		i.act = nil
		i.mu.Unlock()
	}
}
