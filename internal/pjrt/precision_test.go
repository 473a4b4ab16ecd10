package pjrt

import (
	"os"
	"testing"
)

// TF32 is off unless it is requested in either of two ways.
func TestFullPrecision(t *testing.T) {
	for _, c := range []struct{ options, variable, wantOptions, wantVariable, precision string }{
		{"", "", ",tf32=false", "0", "float32"},
		{",preallocate=true", "", ",preallocate=true,tf32=false", "0", "float32"},
		{",notf32", "", ",notf32", "0", "float32"},
		{",tf32=false", "0", ",tf32=false", "0", "float32"},
		{",tf32", "", ",tf32", "", "tf32"},
		{",tf32=true", "0", ",tf32=true", "0", "tf32"},
		{"", "1", "", "1", "tf32"},
		{",tf32=false", "1", ",tf32=false", "1", "tf32"}, // the libraries use it anyway
	} {
		t.Setenv(tf32Variable, c.variable)
		if c.variable == "" {
			os.Unsetenv(tf32Variable) // t.Setenv restores it
		}
		options, precision, err := fullPrecision(c.options)
		if err != nil || options != c.wantOptions || precision != c.precision ||
			os.Getenv(tf32Variable) != c.wantVariable {
			t.Errorf(
				"%q with %q: %q, %s, %s=%q, %v",
				c.options,
				c.variable,
				options,
				precision,
				tf32Variable,
				os.Getenv(tf32Variable),
				err,
			)
		}
	}
}
