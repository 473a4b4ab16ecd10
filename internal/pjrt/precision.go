package pjrt

import (
	"os"
	"strings"
)

// tf32Variable is read by cuDNN and cuBLAS; "0" makes them multiply float32 as float32.
const tf32Variable = "NVIDIA_TF32_OVERRIDE"

// Precisions of a plugin, as [Plugin].Precision has them.
const (
	float32Precision = "float32"
	tf32Precision    = "tf32"
)

// fullPrecision makes a CUDA plugin compute in the precision that its results claim: by default go-xla lets matrix
// products round their factors to TF32's ten bits, and always lets convolutions do so, for which there is no option
// (v0.4.1): those depend on NVIDIA's variable only. TF32 is used only if the option tf32 or the variable requests it.
// It returns the options to load with, and the precision.
func fullPrecision(options string) (with, precision string, err error) {
	variable, set := os.LookupEnv(tf32Variable)
	off := strings.Contains(options, ",tf32=false") || strings.Contains(options, ",notf32")
	if strings.Contains(options, "tf32") && !off || set && variable != "0" {
		return options, tf32Precision, nil
	}
	if !off {
		options += ",tf32=false"
	}
	return options, float32Precision, os.Setenv(tf32Variable, "0")
}
