package kernel

import (
	"encoding/json"
	"errors"
	"image/png"
	"os"
	"path/filepath"
	"testing"
)

func TestInstall(t *testing.T) {
	data := t.TempDir()
	for range 2 { // again replaces it
		dir, err := Install(data, "/opt/smoothlab")
		if err != nil || dir != filepath.Join(data, "kernels", "smoothlab") {
			t.Fatalf("%s, %v", dir, err)
		}
	}
	text, err := os.ReadFile(filepath.Join(data, "kernels", "smoothlab", "kernel.json"))
	if err != nil {
		t.Fatal(err)
	}
	var spec Spec
	if err := json.Unmarshal(
		text,
		&spec,
	); err != nil || spec.Argv[0] != "/opt/smoothlab" || spec.Argv[3] != "{connection_file}" ||
		spec.InterruptMode != "message" {
		t.Errorf("%s, %v", text, err)
	}
	for name, size := range map[string]int{"logo-32x32.png": 32, "logo-64x64.png": 64} {
		f, err := os.Open(filepath.Join(data, "kernels", "smoothlab", name))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if picture, err := png.Decode(f); err != nil || picture.Bounds().Dx() != size {
			t.Errorf("%s: %v", name, err)
		}
	}
	if dir, err := Uninstall(data); err != nil {
		t.Error(err)
	} else if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s is still there", dir)
	}
	if _, err := Uninstall(data); !errors.Is(err, ErrNotInstalled) {
		t.Errorf("again: %v", err)
	}
}
