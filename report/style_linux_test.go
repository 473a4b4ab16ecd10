package report

import (
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

func TestStyleForATerminal(t *testing.T) {
	tty, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip("no pseudo-terminals here:", err)
	}
	defer tty.Close()
	environ := func(name string) string { return map[string]string{"TERM": "xterm", "COLORTERM": "truecolor"}[name] }
	if got, want := StyleFor(tty, environ), (Style{Width: 80, Color: TrueColor}); got != want {
		t.Errorf("a terminal that does not tell its width shows %v, expected %v", got, want)
	}
	if err := unix.IoctlSetWinsize(int(tty.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 50, Col: 132}); err != nil {
		t.Fatal(err)
	}
	if got, want := StyleFor(tty, environ), (Style{Width: 132, Height: 50, Color: TrueColor}); got != want {
		t.Errorf("a terminal of 132 columns and 50 rows shows %v, expected %v", got, want)
	}
}
