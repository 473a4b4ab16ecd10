package votes_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"smoothlab/internal/testengine"
	"smoothlab/noise"
)

// Votes and mean softmax agree with the host's network, copy by copy; the float32 logits are off by some 1e-5.
func TestOpinionsAreTheHosts(t *testing.T) {
	const n = 25
	d, h := digits(t), newHostNetwork(trained(t))
	v := newVoter(t, d, seed, 40)
	got, err := v.Predictions(t.Context(), noise.Calibrate, []int{0, undecided}, 3, n)
	if err != nil {
		t.Fatal(err)
	}
	for i, pos := range []int{0, undecided} {
		mean := make([]float64, 10)
		for s := range n {
			l := h.logits(hostNoise(d.Image(pos), d.Indices[pos], noise.Calibrate, 3+s))
			total := 0.0
			for _, x := range l {
				total += math.Exp(x)
			}
			for k, x := range l {
				mean[k] += math.Exp(x) / total / n
			}
		}
		for k := range mean {
			if math.Abs(got[i].Mean[k]-mean[k]) > 1e-5 {
				t.Errorf(
					"image %d, class %d: mean softmax %g, the host's is %g",
					d.Indices[pos],
					k,
					got[i].Mean[k],
					mean[k],
				)
			}
		}
		if want := count(t, v, pos, noise.Calibrate, 3, n); !slices.Equal(got[i].Counts, want) {
			t.Errorf("image %d: votes %v, alone %v", d.Indices[pos], got[i].Counts, want)
		}
	}
}

// Points that equal the images give the images' votes, and other points give others.
func TestAtPoints(t *testing.T) {
	d := digits(t)
	d, err := d.Select([]int{undecided, undecided})
	if err != nil {
		t.Fatal(err)
	}
	v := newVoter(t, d, seed, 40)
	points := make([][]float32, 2)
	for i := range points {
		for _, p := range d.Image(i) {
			points[i] = append(points[i], float32(p)/255)
		}
	}
	for k := range points[1] {
		points[1][k] = 1 - points[1][k]
	}
	at, err := v.At(points)
	if err != nil {
		t.Fatal(err)
	}
	want := count(t, v, 0, noise.Predict, 0, 400)
	if got := count(t, at, 0, noise.Predict, 0, 400); !slices.Equal(got, want) {
		t.Errorf("votes %v at the image, %v at the point that it is", want, got)
	}
	if got := count(t, at, 1, noise.Predict, 0, 400); slices.Equal(got, want) {
		t.Errorf("the negative gets the same votes %v", got)
	}
	for name, bad := range map[string][][]float32{"one point": points[:1], "short": {points[0], points[1][:5]}} {
		if _, err := v.At(bad); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v, want one line", name, err)
		}
	}
}

func TestOpinionsRefuse(t *testing.T) {
	v := newVoter(t, digits(t), seed, 40)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := v.Predictions(ctx, noise.Calibrate, []int{0}, 0, 40); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
	_, before := testengine.Open(t).Counts()
	for _, n := range []int{0, -1, 1<<22 + 1} {
		if _, err := v.Predictions(t.Context(), noise.Calibrate, []int{0}, 0, n); err == nil {
			t.Errorf("%d copies are accepted", n)
		}
	}
	if _, err := v.Predictions(t.Context(), noise.Calibrate, []int{500}, 0, 1); err == nil {
		t.Error("position 500 is accepted")
	}
	if _, after := testengine.Open(t).Counts(); after != before {
		t.Errorf("%d calls for what is refused", after-before)
	}
}
