package engine

import (
	"runtime"
	"strings"

	"golang.org/x/sys/cpu"
)

// machine returns the names of the instruction sets by which XLA's CPU backend chooses kernels.
func machine() string {
	var features []string
	for _, f := range []struct {
		name string
		has  bool
	}{
		{"avx2", cpu.X86.HasAVX2}, {"fma", cpu.X86.HasFMA}, {"avx512f", cpu.X86.HasAVX512F},
		{"avx512vnni", cpu.X86.HasAVX512VNNI}, {"avx512bf16", cpu.X86.HasAVX512BF16}, {"amx", cpu.X86.HasAMXTile},
		{"asimd", cpu.ARM64.HasASIMD}, {"sve", cpu.ARM64.HasSVE},
	} {
		if f.has {
			features = append(features, f.name)
		}
	}
	return runtime.GOARCH + " " + strings.Join(features, "+")
}
