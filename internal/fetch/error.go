package fetch

import (
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"syscall"
)

// The kinds of failure, for errors.Is.
var (
	ErrNetwork     = errors.New("no connection")        // name lookup, connection, or transfer failed
	ErrStalled     = errors.New("the server stalled")   // no data for too long
	ErrStatus      = errors.New("the server refused")   // an HTTP status other than 200
	ErrTooLarge    = errors.New("the body is too long") // longer than any file we know
	ErrHash        = errors.New("wrong checksum")       // not the published bytes
	ErrDiskFull    = errors.New("the disk is full")
	ErrNotWritable = errors.New("the directory cannot be written")
)

// failure is the failure of one address, or of the directory if url is empty.
type failure struct {
	url    string
	kind   error
	reason string // explanation in a clause
	cause  error  // may be nil
}

func (f *failure) Error() string {
	if f.url == "" {
		return f.reason
	}
	return f.url + ": " + f.reason
}

func (f *failure) Unwrap() []error {
	if f.cause == nil {
		return []error{f.kind}
	}
	return []error{f.kind, f.cause}
}

// downloadError is the error for the user: the file, each attempt, a remedy.
type downloadError struct {
	dst, hash string
	attempts  []error
}

func (e *downloadError) Error() string {
	clauses := make([]string, len(e.attempts))
	for i, a := range e.attempts {
		clauses[i] = a.Error()
	}
	return fmt.Sprintf("cannot download %s: %s: %s", filepath.Base(e.dst), strings.Join(clauses, "; "), e.remedy())
}

func (e *downloadError) Unwrap() []error { return e.attempts }

// remedy returns what to do after the last attempt; earlier ones were mirrors.
func (e *downloadError) remedy() string {
	byHand := fmt.Sprintf("put the file with SHA-256 %s at %s yourself", e.hash, e.dst)
	last := e.attempts[len(e.attempts)-1]
	switch {
	case errors.Is(last, ErrDiskFull):
		return "free some space there and try again"
	case errors.Is(last, ErrNotWritable):
		return "make it writable for this user and try again"
	case errors.Is(last, ErrHash):
		return "nothing was kept; try again, and if it stays wrong, " + byHand
	case errors.Is(last, ErrStatus), errors.Is(last, ErrTooLarge):
		return "try again later, or " + byHand
	default:
		return "check the network connection (behind a proxy, set HTTPS_PROXY) and try again, or " + byHand
	}
}

// networkFailure describes a transport error.
func networkFailure(url string, err error) *failure {
	f := &failure{url: url, kind: ErrNetwork, cause: err}
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		f.reason = fmt.Sprintf("the server name %q cannot be looked up", dns.Name)
		return f
	}
	// The operation's text repeats the address; its cause describes what happened.
	if op, ok := errors.AsType[*net.OpError](err); ok {
		err = op.Err
	}
	f.reason = fmt.Sprintf("the connection failed (%v)", err)
	return f
}

// diskFailure describes an error of the file system; dir names the directory of the file.
func diskFailure(dir string, err error) *failure {
	f := &failure{cause: err, kind: ErrNotWritable}
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		f.kind = ErrDiskFull
		f.reason = fmt.Sprintf("no space is left on the disk of %s", dir)
		return f
	}
	if errno, ok := errors.AsType[syscall.Errno](err); ok {
		err = errno // without the names of hidden files
	}
	f.reason = fmt.Sprintf("the directory %s cannot be written (%v)", dir, err)
	return f
}
