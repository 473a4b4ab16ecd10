package repl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"smoothlab/internal/humanize"
	"smoothlab/internal/wakeable"
	"smoothlab/report"
)

// maxProgram is the maximum number of bytes of a program. A device such as /dev/zero has no end.
const maxProgram = 16 << 20

// ReadProgram reads the source of a program to the end of a file, a pipe or a device. An interrupt ends the reading.
func ReadProgram(ctx context.Context, f *os.File, signals <-chan os.Signal) (string, error) {
	i, stop := watchInterrupts(signals)
	defer stop()
	return readProgram(ctx, f, i)
}

func readProgram(ctx context.Context, f *os.File, i *interrupts) (string, error) {
	s, err := wakeable.New(f)
	if err != nil {
		return "", err
	}
	defer s.Close()
	defer i.handleWhile(s.Wake, true)()
	defer context.AfterFunc(ctx, s.Wake)()
	var b strings.Builder
	for p := make([]byte, 64<<10); ; {
		n, err := s.Read(p)
		b.Write(p[:n])
		switch {
		case b.Len() > maxProgram:
			return "", fmt.Errorf("the program has more than %s bytes: put data into other files",
				humanize.Grouped(maxProgram))
		case err == nil:
		case errors.Is(err, io.EOF):
			return b.String(), nil
		case errors.Is(err, wakeable.ErrWoken):
			return "", &report.Error{Name: report.Interrupted, Message: "interrupted while reading the program"}
		default:
			return "", fmt.Errorf("cannot read the program: %w", err)
		}
	}
}
