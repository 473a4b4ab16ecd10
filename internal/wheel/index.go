package wheel

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/gomlx/go-xla/installer"
)

// Lookup returns the address of a wheel.
type Lookup func(ctx context.Context, w Wheel) (url string, err error)

// LookupPyPI queries the Python package index. go-xla's request takes no context, so it is abandoned when ctx ends or
// the index does not answer; it then holds a connection until the system times out.
func LookupPyPI(ctx context.Context, w Wheel) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	type answer struct {
		info *installer.PipPackageInfo
		err  error
	}
	answers := make(chan answer, 1)
	go func() {
		info, err := installer.GetPipInfo(w.Project)
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
func addressIn(info *installer.PipPackageInfo, w Wheel) (string, error) {
	releases := info.Releases[w.Version]
	i := slices.IndexFunc(releases, func(r installer.PipReleaseInfo) bool { return r.Digests["sha256"] == w.SHA256 })
	if i < 0 {
		return "", fmt.Errorf(
			"the package index lists no file of %s %s with SHA-256 %s",
			w.Project,
			w.Version,
			w.SHA256,
		)
	}
	return releases[i].URL, nil
}
