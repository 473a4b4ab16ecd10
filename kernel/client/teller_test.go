package client

import (
	"testing"

	"smoothlab/kernel/wire"
)

// An evaluation that did not end in time goes on in the kernel, and what it says then is not shown any more: its output
// may be another's.
func TestTellerFallsSilent(t *testing.T) {
	out := newScreen()
	teller := &teller{out: out}
	said := func(text string) *wire.Message {
		return wire.NewMessage(wire.NewHeader("stream", "kernel"), nil, map[string]string{"text": text})
	}
	teller.hear(said("before"))
	teller.end()
	teller.hear(said("after"))
	if got := out.all(); got != "print before" {
		t.Errorf("%s is shown", got)
	}
}
