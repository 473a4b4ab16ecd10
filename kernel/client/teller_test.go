package client

import (
	"testing"

	"smoothlab/kernel/wire"
)

// An evaluation that did not end in time goes on in the kernel, and what it says then is not shown any more: its output
// may be another's.
func TestTellerFallsSilent(t *testing.T) {
	out := newScreen()
	outputRelay := &outputRelay{out: out}
	said := func(text string) *wire.Message {
		return wire.NewMessage(wire.NewHeader("stream", "kernel"), nil, map[string]string{"text": text})
	}
	outputRelay.onIOPub(said("before"))
	outputRelay.end()
	outputRelay.onIOPub(said("after"))
	if got := out.all(); got != "print before" {
		t.Errorf("%s is shown", got)
	}
}
