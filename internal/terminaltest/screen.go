// Package terminaltest emulates a terminal for tests: a [Screen] takes keys and returns what a person would see, and
// [Language] is a simple language for what is typed.
package terminaltest

import (
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/charmbracelet/x/vt"
	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// Screen is a pseudo-terminal with an emulator, whose screen can be read.
type Screen struct {
	*testing.T
	// Master is the keyboard and Slave the terminal of the program under test. They are closed with the test.
	Master, Slave *os.File

	mu       sync.Mutex
	emulator *vt.Emulator
	raw      strings.Builder
}

// New returns a screen of some columns and rows. It skips the test where pseudo-terminals are missing.
func New(t *testing.T, width, height int) *Screen {
	master, slave, err := pty.Open()
	if err != nil {
		t.Skip("no pseudo-terminals here: ", err)
	}
	// Closing the keyboard must end a read from it, but the pty package returns a blocking file. A started program must
	// not inherit the keyboard, because its terminal would then stay open.
	fd, err := unix.FcntlInt(master.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	master.Close()
	if err := unix.SetNonblock(fd, true); err != nil {
		t.Fatal(err)
	}
	master = os.NewFile(uintptr(fd), "terminal")
	s := &Screen{T: t, Master: master, Slave: slave, emulator: vt.NewEmulator(width, height)}
	s.Resize(width, height)
	go func() {
		for p := make([]byte, 32<<10); ; {
			n, err := master.Read(p)
			s.mu.Lock()
			_, _ = s.emulator.Write(p[:n]) // it never fails
			s.raw.Write(p[:n])
			s.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	t.Cleanup(func() { slave.Close(); master.Close() })
	return s
}

// Resize changes the size, without the signal that a terminal sends.
func (s *Screen) Resize(width, height int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.emulator.Resize(width, height)
	if err := unix.IoctlSetWinsize(
		int(s.Slave.Fd()),
		unix.TIOCSWINSZ,
		&unix.Winsize{Row: uint16(height), Col: uint16(width)},
	); err != nil {
		s.Fatal(err)
	}
}

// Type presses keys.
func (s *Screen) Type(keys string) {
	s.Helper()
	if _, err := s.Master.WriteString(keys); err != nil {
		s.Fatal(err)
	}
}

// Text returns what the screen shows, the cursor as █, without space at the end of lines and of the screen.
func (s *Screen) Text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var lines []string
	at := s.emulator.CursorPosition()
	for y := range s.emulator.Height() {
		var line strings.Builder
		for x := 0; x < s.emulator.Width(); {
			cell := s.emulator.CellAt(x, y)
			if at.X == x && at.Y == y {
				line.WriteString("█")
			}
			if cell == nil || cell.Content == "" {
				line.WriteString(" ")
				x++
				continue
			}
			line.WriteString(cell.Content)
			x += max(1, cell.Width)
		}
		lines = append(lines, strings.TrimRight(line.String(), " "))
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n")
}

// Sent returns all that was written.
func (s *Screen) Sent() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.raw.String()
}

// Soon is how long a loaded machine may take.
const Soon = 20 * time.Second

// Shows waits until the screen is as wanted.
func (s *Screen) Shows(want string) {
	s.Helper()
	want = strings.TrimPrefix(want, "\n")
	s.Until("the screen\n"+want, func() bool { return s.Text() == want })
}

// Has waits until a text is somewhere on the screen.
func (s *Screen) Has(want string) {
	s.Helper()
	s.Until(want, func() bool { return strings.Contains(s.Text(), want) })
}

// Until waits until done is true.
func (s *Screen) Until(what string, done func() bool) {
	s.Helper()
	for limit := time.Now().Add(Soon); !done(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(limit) {
			s.Fatalf("waited for %s\n---- it is\n%s\n----", what, s.Text())
		}
	}
}
