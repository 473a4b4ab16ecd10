package wheel

import (
	"strings"
	"testing"

	"github.com/gomlx/go-xla/installer"
)

func TestAddressIn(t *testing.T) {
	w := Wheel{Project: "p", Version: "1.0", SHA256: strings.Repeat("1", 64)}
	file := func(url, sum string) installer.PipReleaseInfo {
		return installer.PipReleaseInfo{URL: url, Digests: map[string]string{"sha256": sum}}
	}
	info := &installer.PipPackageInfo{Releases: map[string][]installer.PipReleaseInfo{
		w.Version: {file("other", strings.Repeat("0", 64)), file("right", w.SHA256)},
	}}
	if url, err := addressIn(info, w); err != nil || url != "right" {
		t.Errorf("address %q (%v), want right", url, err)
	}
	info.Releases[w.Version] = info.Releases[w.Version][:1]
	if url, err := addressIn(info, w); err == nil || !strings.Contains(err.Error(), w.SHA256) {
		t.Errorf("address %q (%v), want an error with the checksum", url, err)
	}
}
