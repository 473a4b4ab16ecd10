package client

import (
	"testing"

	"smoothlab/kernel/wire"
)

// An evaluation that did not end in time continues in the kernel, and its later output is not shown, because the
// display may belong to another evaluation.
func TestOutputAfterTheEndIsDropped(t *testing.T) {
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
