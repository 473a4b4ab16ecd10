package pjrt

import (
	"fmt"
	"runtime"

	"smoothlab/internal/wheel"
)

// cpuLibrary is the CPU plugin as a library that a wheel holds.
var cpuLibrary = wheel.Library{
	Name:      "the XLA plugin",
	Kind:      "a PJRT plugin",
	Member:    "*.so",
	Symbol:    "GetPjrtApi",
	Variable:  FileVariable,
	Megabytes: 350,
}

// pypi is where the CPU plugin comes from; tests replace it.
func pypi() (wheel.Source, error) {
	w, err := wheelFor(runtime.GOOS + "/" + runtime.GOARCH)
	return wheel.Source{Wheel: w, Library: cpuLibrary, Lookup: wheel.LookupPyPI}, err
}

// wheelFor returns the wheel for an operating system and architecture of Go.
func wheelFor(platform string) (wheel.Wheel, error) {
	switch platform {
	case "linux/amd64":
		return wheel.Wheel{
			Project: "lammps-jax-pjrt-cpu",
			Version: "0.11.2",
			Name:    "lammps_jax_pjrt_cpu-0.11.2-py3-none-manylinux_2_27_x86_64.whl",
			SHA256:  "1319390d948b39f69f7dade496b7c385149d9ca6097a6b62114da113216d9ad1",
			URL: wheel.Host + "e5/90/f04e5ea9e56f01965b4cd56bc3cf4801a563cd47b74d4ded5780f19c3a7c/" +
				"lammps_jax_pjrt_cpu-0.11.2-py3-none-manylinux_2_27_x86_64.whl",
		}, nil
	case "linux/arm64":
		return wheel.Wheel{
			Project: "xla-cpu-pjrt",
			Version: "0.0.1",
			Name:    "xla_cpu_pjrt-0.0.1-py3-none-manylinux_2_27_aarch64.whl",
			SHA256:  "8f613be6e891858f40d64f9799319502fff42689661944fc18a6ffd8210b30c9",
			URL: wheel.Host + "c9/2d/2c6703356beded886d95f9e37adb49aeca7b21e7617f2ff59893f038f61e/" +
				"xla_cpu_pjrt-0.0.1-py3-none-manylinux_2_27_aarch64.whl",
		}, nil
	}
	return wheel.Wheel{}, fmt.Errorf("no XLA plugin for %s is known: name one by %s", platform, FileVariable)
}
