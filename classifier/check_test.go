package classifier

import (
	"bytes"
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/nlpodyssey/safetensors"
)

// Values that no network can compute with are reported with the name of their tensor; ±0, the smallest and the largest
// numbers are accepted.
func TestCheck(t *testing.T) {
	for _, test := range []struct {
		arch, param string
		at          int
		value       float64
		want        string // "" if it is fine
	}{
		{"lenet", "conv1.weight", 3, math.NaN(), "unusable weights in lenet: conv1.weight has NaN (1 of 500 values)"},
		{"lenet", "conv2.bias", 49, math.Inf(1), "conv2.bias has +Inf"},
		{"lenet", "fc2.weight", 0, math.Inf(-1), "fc2.weight has -Inf"},
		{"lenet", "fc2.weight", 0, -math.MaxFloat32, ""},
		{"lenet", "fc2.weight", 0, math.SmallestNonzeroFloat32, ""},
		{"lenet", "fc2.weight", 0, math.Copysign(0, -1), ""},
		{"resnet20", "bn1.running_var", 2, -1e-9, "bn1.running_var has -1e-09, a negative variance (1 of 16 values)"},
		{"resnet20", "bn1.running_var", 2, 0, ""},
		{"resnet20", "bn1.running_mean", 2, -1, ""},
		{"resnet20", "bn1.weight", 2, -1, ""},
		{"resnet20", "bn1.running_mean", 2, math.NaN(), "bn1.running_mean has NaN"},
		{"resnet20", "bn1.num_batches_tracked", 0, -1, "bn1.num_batches_tracked has -1, not a count"},
		{"resnet20", "bn1.num_batches_tracked", 0, 0.5, "bn1.num_batches_tracked has 0.5, not a count"},
	} {
		c := New(lookup(t, test.arch), 1)
		i := slices.IndexFunc(c.Arch.Params, func(p Param) bool { return p.Name == test.param })
		c.Params[i][test.at] = float32(test.value)
		err := c.Check()
		if test.want == "" {
			if err != nil {
				t.Errorf("%s %g: %v", test.param, test.value, err)
			}
			continue
		}
		checkSentence(t, err, test.want)
		if !errors.Is(err, ErrBadWeights) {
			t.Errorf("%v is not marked", err)
		}
		checkSentence(t, c.Fits(c.Arch.Input, numbers(10)), test.want)
	}
	c := New(lookup(t, "lenet"), 1)
	c.Params = c.Params[:7]
	checkSentence(t, c.Check(), "8 parameters", "7")
	c = New(lookup(t, "lenet"), 1)
	c.Params[2] = c.Params[2][1:]
	checkSentence(t, c.Check(), "conv2.weight", "25000", "24999")
}

// Files with such values are not written, and are refused where another program wrote them: weights and momentum.
func TestCheckpointsAreFinite(t *testing.T) {
	for _, name := range []string{"conv1.weight", "momentum.conv1.weight"} {
		st, meta, err := parse(encoded(t, sample(t)))
		if err != nil {
			t.Fatal(err)
		}
		tensors := map[string]safetensors.TensorView{}
		for _, v := range st.Tensors() {
			view := v.TensorView
			if v.Name == name {
				data := slices.Clone(view.Data())
				copy(data[40:], "\x00\x00\xc0\x7f") // NaN
				if view, err = safetensors.NewTensorView(safetensors.F32, view.Shape(), data); err != nil {
					t.Fatal(err)
				}
			}
			tensors[v.Name] = view
		}
		data, err := safetensors.Serialize(tensors, meta)
		if err != nil {
			t.Fatal(err)
		}
		_, err = Read(bytes.NewReader(data))
		checkSentence(t, err, name+" has NaN (1 of 500 values)", "take an older copy")
	}
	c := sample(t)
	c.Params[0][10] = float32(math.NaN())
	_, err := c.encode()
	checkSentence(t, err, "conv1.weight has NaN")
	c = sample(t)
	c.Buffers["momentum"][0][10] = float32(math.Inf(1))
	_, err = c.encode()
	checkSentence(t, err, "momentum.conv1.weight has +Inf")
}
