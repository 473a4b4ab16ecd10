package memory

import "testing"

// A machine that runs these tests has at least 512 MiB, and never more available than there is.
func TestTotal(t *testing.T) {
	total, available := Total(), Available()
	if total < 512<<20 || total > 1<<50 {
		t.Errorf("the machine has %d bytes", total)
	}
	if machine := meminfo("MemTotal"); available > machine {
		t.Errorf("%d bytes of %d are available", available, machine)
	}
	if meminfo("no such line") != Unknown {
		t.Error("a line that is missing has a value")
	}
}
