package paper

import (
	"bufio"
	"cmp"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"smoothlab/certify"
	"smoothlab/internal/datadir"
	"smoothlab/internal/fetch"
	"smoothlab/smoothing"
)

// address is the URL of the directory of the authors' logs; paths of runs are relative to it.
const address = "https://raw.githubusercontent.com/jh-jeong/smoothmix/cb1fd33055a29d0c41bbc429a982fdec709e993c/data/certify/"

// LogOptions sets where per-image logs are searched for.
type LogOptions struct {
	// Dir is the directory searched first; "" means the one in the variable SMOOTHLAB_DATA. It has the authors'
	// data/certify, itself or in a directory logs; files may be gzipped.
	Dir string
	// Progress reports the progress of a download; total is −1 if unknown. It may be nil.
	Progress func(file string, done, total int64)

	address string // URL of a test's server
}

// Certificates reads the run's log, of 10,000 rows. It searches the directories, then downloads it from the authors'
// repository into the user's data directory. Its SHA-256 must be the authors'.
func (r Run) Certificates(ctx context.Context, sigma float64, o LogOptions) (*certify.Certificates, error) {
	path, err := r.find(ctx, o)
	if err != nil {
		return nil, err
	}
	return certify.ReadLog(path, smoothing.Gaussian{Sigma: sigma}, certify.Plan{N0: N0, N: N, Alpha: Alpha})
}

// find returns the path of the log, which it may download.
func (r Run) find(ctx context.Context, o LogOptions) (string, error) {
	user, userErr := datadir.Path("logs")
	var dirs []string
	if named := cmp.Or(o.Dir, os.Getenv("SMOOTHLAB_DATA")); named != "" {
		dirs = append(dirs, filepath.Join(named, "logs"), named)
	}
	if userErr == nil {
		dirs = append(dirs, user)
	}
	for _, dir := range dirs {
		for _, end := range []string{"", ".gz"} {
			path := filepath.Join(dir, filepath.FromSlash(r.Log)+end)
			switch sum, err := sumOf(path); {
			case errors.Is(err, fs.ErrNotExist):
				continue
			case err != nil:
				return "", fmt.Errorf("a published log cannot be read: %w", err)
			case sum != r.SHA256:
				return "", fmt.Errorf(
					"%s is not the authors' file: its SHA-256 should be %s but is %s; remove it to download it again",
					path,
					r.SHA256,
					sum,
				)
			}
			return path, nil
		}
	}
	if userErr != nil {
		return "", userErr
	}
	return r.download(ctx, filepath.Join(user, filepath.FromSlash(r.Log)), o)
}

func (r Run) download(ctx context.Context, path string, o LogOptions) (string, error) {
	progress := func(done, total int64) {
		if o.Progress != nil {
			o.Progress(r.Log, done, total)
		}
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return "", err
	}
	if err := fetch.File(ctx, path, []string{cmp.Or(o.address, address) + r.Log}, r.SHA256, progress); err != nil {
		return "", err
	}
	return path, nil
}

// sumOf returns the SHA-256 of the content of a plain or gzipped file.
func sumOf(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	if info, err := file.Stat(); err == nil && info.IsDir() {
		return "", &fs.PathError{Op: "read", Path: path, Err: fs.ErrNotExist} // a directory of that name is not a log
	}
	var content io.Reader = bufio.NewReader(file)
	if filepath.Ext(path) == ".gz" {
		if content, err = gzip.NewReader(content); err != nil {
			return "", fmt.Errorf("%s cannot be unpacked: %w", path, err)
		}
	}
	hash := sha256.New()
	if _, err := io.Copy(hash, content); err != nil {
		return "", fmt.Errorf("%s: %w", path, err)
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}
