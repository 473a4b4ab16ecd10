package external

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Options describe a process.
type Options struct {
	Command                 []string // the program and its arguments; no shell is involved
	Channels, Height, Width int      // of an image
	Classes                 int
	StartWithin             time.Duration // time until the process must have replied to OPEN; 0 means DefaultStart
	Within                  time.Duration // time until a batch must be answered; 0 means DefaultWithin
	// Restarts is how often a batch is sent again, to a new child, after a death or a reply that did not come in time.
	Restarts int
}

// The default times: loading a large network takes a minute, a batch on a slow CPU as long.
const (
	DefaultStart    = 2 * time.Minute
	DefaultWithin   = 2 * time.Minute
	DefaultRestarts = 3
)

// maxValues bounds the values of an image, and with them memory.
const maxValues = 1 << 24

// maxClasses bounds the number of classes.
const maxClasses = 1 << 16

// Check returns an error if an option is missing or out of range.
func (o Options) Check() error {
	switch {
	case len(o.Command) == 0 || o.Command[0] == "":
		return errors.New(`the command must be a program with its arguments, as in ["python3", "serve.py"]`)
	case slices.ContainsFunc(o.Command, func(s string) bool { return strings.ContainsRune(s, 0) }):
		return errors.New("the command must not contain zero bytes")
	case min(o.Channels, o.Height, o.Width) < 1 || max(o.Channels, o.Height, o.Width) > maxValues ||
		o.Channels*o.Height > maxValues || o.Channels*o.Height*o.Width > maxValues:
		return fmt.Errorf("the shape must be [channels, height, width] of at least 1 each and %d values in all, got %v",
			maxValues, []int{o.Channels, o.Height, o.Width})
	case o.Classes < 2 || o.Classes > maxClasses:
		return fmt.Errorf("classes must be from 2 to %d, got %d", maxClasses, o.Classes)
	case o.StartWithin < 0 || o.Within < 0:
		return errors.New("times must be above 0")
	case o.Restarts < 0 || o.Restarts > 1000:
		return fmt.Errorf("restarts must be from 0 to 1000, got %d", o.Restarts)
	}
	return nil
}

// Size returns the number of values of an image.
func (o Options) Size() int { return o.Channels * o.Height * o.Width }

// Process is a user's program that classifies images. Its methods may be called from any goroutine; one
// batch is answered at a time.
type Process struct {
	options Options
	hello   Hello
	turn    chan struct{} // full while a batch is being answered

	mu       sync.Mutex
	child    *child // nil while none runs
	restarts int
	closed   bool
}

// Start runs the command and opens the protocol. If it does not answer as it should, the error has the last lines of
// its standard error.
func Start(ctx context.Context, o Options) (*Process, error) {
	if o.StartWithin == 0 {
		o.StartWithin = DefaultStart
	}
	if o.Within == 0 {
		o.Within = DefaultWithin
	}
	if err := o.Check(); err != nil {
		return nil, err
	}
	o.Command = slices.Clone(o.Command)
	p := &Process{options: o, turn: make(chan struct{}, 1)}
	hello, err := p.launch(ctx)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.Command(), err)
	}
	p.hello = hello
	return p, nil
}

// Command returns the command as one line.
func (p *Process) Command() string {
	words := make([]string, len(p.options.Command))
	for i, w := range p.options.Command {
		if words[i] = w; w == "" || strings.ContainsAny(w, " \t\n\"'") {
			words[i] = fmt.Sprintf("%q", w)
		}
	}
	return strings.Join(words, " ")
}

// Options returns what the process was started with.
func (p *Process) Options() Options { return p.options }

// Hello returns what the process reported about itself.
func (p *Process) Hello() Hello { return p.hello }

// Fingerprint returns the SHA-256, in hexadecimal, of what the votes depend on: the fingerprint that the process
// reports, shape and classes.
func (p *Process) Fingerprint() string {
	o := p.options
	sum := sha256.Sum256(fmt.Appendf(nil, "external classifier\n%d %d %d %d\n%s", o.Channels, o.Height, o.Width,
		o.Classes, p.hello.Fingerprint))
	return hex.EncodeToString(sum[:])
}

// Restarts returns how often a child was replaced after it had died or had not replied in time.
func (p *Process) Restarts() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.restarts
}

// PID returns the process number of the child; 0 while none runs.
func (p *Process) PID() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.child == nil || p.child.gone() {
		return 0
	}
	return p.child.cmd.Process.Pid
}

// Stop ends the child, if one runs; the next batch starts another.
func (p *Process) Stop() { p.drop(nil) }

// Close ends the child for good. Later batches are refused.
func (p *Process) Close() error {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.drop(nil)
	return nil
}

// drop stops a child and forgets it; nil is the one that runs.
func (p *Process) drop(c *child) {
	p.mu.Lock()
	if c == nil || c == p.child {
		c, p.child = p.child, nil
	}
	p.mu.Unlock()
	if c != nil {
		c.stop()
	}
}

// Classify asks the process for the classes of images, float32 [n, channels, height, width]. When ctx ends, it returns
// ctx's error, and the child is stopped.
func (p *Process) Classify(ctx context.Context, images []float32) (Answer, error) {
	size := p.options.Size()
	of := batch{images: len(images) / size, classes: p.options.Classes}
	if len(images) == 0 || len(images)%size != 0 || int64(len(images)) > maxBatch || of.images*of.classes > maxBatch {
		return Answer{}, fmt.Errorf("a batch of %d values is not of images with %d values each, at most %d in all",
			len(images), size, maxBatch)
	}
	select {
	case p.turn <- struct{}{}:
		defer func() { <-p.turn }()
	case <-ctx.Done():
		return Answer{}, ctx.Err()
	}
	for try := 0; ; try++ {
		a, err := p.try(ctx, images, of)
		var ended *deathError
		switch {
		case err == nil:
			return a, nil
		case ctx.Err() != nil:
			return Answer{}, ctx.Err()
		case !errors.As(err, &ended):
			return Answer{}, fmt.Errorf("%s: %w", p.Command(), err)
		case try == p.options.Restarts:
			return Answer{}, fmt.Errorf("%s: %w; this batch was sent %d times", p.Command(), err, try+1)
		}
		p.mu.Lock()
		p.restarts++
		p.mu.Unlock()
	}
}

// maxBatch bounds the values of a request and of a reply: a message has less than 2³² bytes.
const maxBatch = 1 << 28

// try sends a batch once, to a new child if none runs.
func (p *Process) try(ctx context.Context, images []float32, of batch) (Answer, error) {
	p.mu.Lock()
	c := p.child
	p.mu.Unlock()
	if c == nil {
		hello, err := p.launch(ctx)
		if err != nil {
			return Answer{}, err
		}
		if hello.Fingerprint != p.hello.Fingerprint {
			p.drop(nil)
			return Answer{}, fmt.Errorf("it reports fingerprint %q now, and reported %q before: its votes would be of "+
				"another classifier; call external again", hello.Fingerprint, p.hello.Fingerprint)
		}
		p.mu.Lock()
		c = p.child
		p.mu.Unlock()
		if c == nil {
			return Answer{}, &deathError{"it was stopped"}
		}
	}
	a, err := c.classify(ctx, p.options.Within, images, of)
	var said *saidError
	if err == nil || errors.As(err, &said) { // the stream is in step
		return a, describe(c, err, "")
	}
	err = describe(c, err, fmt.Sprintf("while it classified %d images", of.images))
	p.drop(c)
	return Answer{}, err
}

// launch starts a child and opens the protocol.
func (p *Process) launch(ctx context.Context) (Hello, error) {
	if err := ctx.Err(); err != nil {
		return Hello{}, err
	}
	c, err := run(p.options.Command)
	if err != nil {
		return Hello{}, startError(err)
	}
	p.mu.Lock()
	closed := p.closed
	if !closed {
		p.child = c
	}
	p.mu.Unlock()
	if closed {
		c.stop()
		return Hello{}, errors.New("it was closed")
	}
	hello, err := c.open(ctx, p.options)
	if err != nil {
		err = describe(c, err, "at its start")
		p.drop(c)
		return Hello{}, err
	}
	return hello, nil
}

// startError shortens the error of a command that cannot be run.
func startError(err error) error {
	if errors.Is(err, exec.ErrNotFound) {
		return errors.New("the program was not found: give its path, or put it on the PATH")
	}
	return fmt.Errorf("it cannot be run: %w", err)
}

// deathError reports a child that has ended or hangs, so that a new one may succeed.
type deathError struct{ text string }

func (e *deathError) Error() string { return e.text }

// describe turns the error of an exchange into a sentence for the user.
func describe(c *child, err error, when string) error {
	var said *saidError
	switch {
	case err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.As(err, &said):
		return fmt.Errorf("it reports: %w", err)
	case errors.Is(err, errLate):
		return &deathError{err.Error() + ", " + when + c.lastWords()}
	case errors.Is(err, errMalformed):
		return fmt.Errorf("%w%s", err, c.lastWords())
	}
	// The pipe broke: the process has ended, or has closed its output.
	how, ended := c.over()
	if !ended {
		how = "it closed its input or output"
	} else {
		how = "it ended (" + how + ")"
	}
	if !brokenPipe(err) {
		how += ": " + err.Error()
	}
	return &deathError{how + " " + when + c.lastWords()}
}

// brokenPipe reports whether an error means only that the other end of a pipe was closed.
func brokenPipe(err error) bool {
	return errors.Is(err, syscall.EPIPE) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// lastWords returns the end of the child's standard error, for the end of a sentence.
func (c *child) lastWords() string {
	if words := c.stderr.words(); words != "" {
		return "; its last output: " + words
	}
	return ""
}
