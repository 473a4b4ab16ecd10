package wheel

import (
	"context"
	"fmt"
	"slices"
	"time"

	"smoothlab/internal/await"

	"github.com/gomlx/go-xla/installer"
)

// Lookup returns the address of a wheel.
type Lookup func(ctx context.Context, w Wheel) (url string, err error)

// LookupPyPI queries the Python package index. go-xla's request takes no context, so it is abandoned when ctx ends or
// the index does not answer; it then holds a connection until the system times out.
func LookupPyPI(ctx context.Context, w Wheel) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	ask := func() (*installer.PipPackageInfo, error) { return installer.GetPipInfo(w.Project) }
	info, err := await.Do(ctx, ask, nil)
	if err != nil {
		return "", err
	}
	return addressIn(info, w)
}

// addressIn returns the address of the file with the wheel's checksum, regardless of its name.
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
