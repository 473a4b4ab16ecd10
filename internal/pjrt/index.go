package pjrt

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/gomlx/go-xla/installer"
)

// lookup returns the address of a wheel.
type lookup func(ctx context.Context, w wheel) (url string, err error)

// lookupPyPI queries the Python package index. go-xla's request takes no context, so it is abandoned when ctx ends or
// the index does not answer; it then holds a connection until the system times out.
func lookupPyPI(ctx context.Context, w wheel) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	type answer struct {
		info *installer.PipPackageInfo
		err  error
	}
	answers := make(chan answer, 1)
	go func() {
		info, err := installer.GetPipInfo(w.project)
		answers <- answer{info, err}
	}()
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case a := <-answers:
		if a.err != nil {
			return "", a.err
		}
		return addressIn(a.info, w)
	}
}

// addressIn returns the address of the file with the wheel's checksum, whatever its name.
func addressIn(info *installer.PipPackageInfo, w wheel) (string, error) {
	releases := info.Releases[w.version]
	i := slices.IndexFunc(releases, func(r installer.PipReleaseInfo) bool { return r.Digests["sha256"] == w.sha256 })
	if i < 0 {
		return "", fmt.Errorf(
			"the package index lists no file of %s %s with SHA-256 %s",
			w.project,
			w.version,
			w.sha256,
		)
	}
	return releases[i].URL, nil
}
