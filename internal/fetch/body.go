package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"time"
)

// fetcher holds the limits, which tests shorten.
type fetcher struct {
	client *http.Client
	idle   time.Duration // longest time without data from a server
	limit  int64         // longest body, in bytes
}

func newFetcher() *fetcher {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	// The hash is of the packed bytes: nothing may unpack them on the way.
	transport.DisableCompression = true
	transport.DisableKeepAlives = true
	return &fetcher{client: &http.Client{Transport: transport}, idle: 30 * time.Second, limit: 1 << 30}
}

// body copies what url serves to w.
func (f *fetcher) body(ctx context.Context, url string, w io.Writer, progress func(done, total int64)) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watch := time.AfterFunc(f.idle, func() { cancel(ErrStalled) })
	defer watch.Stop()

	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return &failure{url: url, kind: ErrNetwork, reason: "this is not a web address", cause: err}
	}
	response, err := f.client.Do(request)
	if err != nil {
		return f.transferFailure(ctx, url, 0, err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return &failure{url: url, kind: ErrStatus, reason: "the server answered " + response.Status}
	}
	if response.ContentLength > f.limit {
		return f.tooLong(url)
	}
	source := &meter{
		reader: io.LimitReader(response.Body, f.limit+1),
		total:  response.ContentLength,
		report: func(done, total int64) { watch.Reset(f.idle); progress(done, total) },
	}
	_, err = io.CopyBuffer(w, source, make([]byte, 256<<10))
	switch {
	case err != nil:
		return f.transferFailure(ctx, url, source.done, err)
	case source.done > f.limit:
		return f.tooLong(url)
	}
	return nil
}

// transferFailure distinguishes a full disk, a stalled server and a broken connection.
func (f *fetcher) transferFailure(ctx context.Context, url string, done int64, err error) error {
	if _, ok := errors.AsType[*fs.PathError](err); ok {
		return err // from writing, for Place to word
	}
	if errors.Is(context.Cause(ctx), ErrStalled) {
		return &failure{
			url:    url,
			kind:   ErrStalled,
			reason: fmt.Sprintf("the server sent nothing for %v after %d bytes", f.idle, done),
		}
	}
	return networkFailure(url, err)
}

func (f *fetcher) tooLong(url string) error {
	return &failure{
		url:    url,
		kind:   ErrTooLarge,
		reason: fmt.Sprintf("the server sends more than %d bytes, so this is not the file", f.limit),
	}
}

// meter reports how much was read.
type meter struct {
	reader      io.Reader
	done, total int64
	report      func(done, total int64)
}

func (m *meter) Read(p []byte) (int, error) {
	n, err := m.reader.Read(p)
	if n > 0 {
		m.done += int64(n)
		m.report(m.done, m.total)
	}
	return n, err
}
