package fetch

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// File makes sure that dst has the bytes whose SHA-256 is sha256hex, and downloads them from the first working address
// of urls if not. It creates the directory of dst if needed. The hash is of the bytes as downloaded. progress may be
// nil; it is called often, from the calling goroutine, with the bytes so far and the total (−1 if unknown), and starts
// again at the next address. It ends soon after ctx does, with an error that wraps ctx's.
func File(ctx context.Context, dst string, urls []string, sha256hex string, progress func(done, total int64)) error {
	return newFetcher().file(ctx, dst, urls, sha256hex, progress)
}

func (f *fetcher) file(
	ctx context.Context,
	dst string,
	urls []string,
	sha256hex string,
	progress func(done, total int64),
) error {
	want := strings.ToLower(sha256hex)
	if sum, err := hex.DecodeString(want); err != nil || len(sum) != sha256.Size {
		return fmt.Errorf(
			"cannot download %s: %q is not a SHA-256 in hexadecimal (64 digits)",
			filepath.Base(dst),
			sha256hex,
		)
	}
	if len(urls) == 0 {
		return fmt.Errorf("cannot download %s: no download address is given", filepath.Base(dst))
	}
	// Before the lock, so that a finished file in a read-only directory is accepted.
	if ok, err := holds(ctx, dst, want); ok || err != nil {
		return interrupted(dst, err)
	}
	unlock, err := Lock(ctx, dst)
	if err != nil {
		return verdict(ctx, dst, want, []error{err})
	}
	defer unlock()
	// Another process may have finished it while we waited.
	if ok, err := holds(ctx, dst, want); ok || err != nil {
		return interrupted(dst, err)
	}
	if progress == nil {
		progress = func(int64, int64) {}
	}
	var attempts []error
	for _, url := range urls {
		err := f.attempt(ctx, dst, url, want, progress)
		if err == nil {
			return nil
		}
		attempts = append(attempts, err)
		// If the directory fails, another address cannot help.
		if ctx.Err() != nil || errors.Is(err, ErrDiskFull) || errors.Is(err, ErrNotWritable) {
			break
		}
	}
	return verdict(ctx, dst, want, attempts)
}

// verdict combines the errors of the attempts.
func verdict(ctx context.Context, dst, want string, attempts []error) error {
	if ctx.Err() != nil {
		return interrupted(dst, ctx.Err())
	}
	return &downloadError{dst: dst, hash: want, attempts: attempts}
}

// interrupted wraps an error of an interrupted download; nil stays nil.
func interrupted(dst string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("the download of %s was interrupted, nothing was kept: %w", filepath.Base(dst), err)
}

// attempt downloads one address to dst.
func (f *fetcher) attempt(ctx context.Context, dst, url, want string, progress func(done, total int64)) error {
	return Place(dst, func(w io.Writer) error {
		hash := sha256.New()
		if err := f.body(ctx, url, io.MultiWriter(w, hash), progress); err != nil {
			return err
		}
		if got := hex.EncodeToString(hash.Sum(nil)); got != want {
			return &failure{
				url:    url,
				kind:   ErrHash,
				reason: fmt.Sprintf("wrong checksum: the SHA-256 should be %s but is %s", want, got),
			}
		}
		return nil
	})
}

// holds reports whether path is a regular file with the SHA-256 want. It returns no error except ctx's.
func holds(ctx context.Context, path, want string) (bool, error) {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return false, ctx.Err()
	}
	file, err := os.Open(path)
	if err != nil {
		return false, ctx.Err()
	}
	defer file.Close()
	hash := sha256.New()
	buffer := make([]byte, 256<<10)
	for ctx.Err() == nil {
		n, err := file.Read(buffer)
		hash.Write(buffer[:n])
		if errors.Is(err, io.EOF) {
			return hex.EncodeToString(hash.Sum(nil)) == want, nil
		}
		if err != nil {
			return false, ctx.Err()
		}
	}
	return false, ctx.Err()
}
