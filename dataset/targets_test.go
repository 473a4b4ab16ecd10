package dataset

import (
	"math"
	"slices"
	"strings"
	"testing"
)

func threeImages() *Dataset {
	return &Dataset{Name: "three", Split: "train", Height: 1, Width: 1, Channels: 1, Classes: []string{"0", "1"},
		Pixels: []byte{1, 2, 3}, Labels: []uint16{0, 1, 1}, Indices: []int{4, 5, 9}, Total: 10}
}

// Targets stay with their images and classes.
func TestTargets(t *testing.T) {
	d, err := threeImages().WithTargets([]float32{1, 0, 0.25, 0.75, 0.5, 0.5})
	if err != nil {
		t.Fatal(err)
	}
	part, err := d.Select([]int{2, 1})
	if err != nil || !slices.Equal(part.Targets, []float32{0.5, 0.5, 0.25, 0.75}) ||
		!slices.Equal(part.Target(1), []float32{0.25, 0.75}) {
		t.Errorf("selected targets %v, %v", part.Targets, err)
	}
	turned, err := part.WithClasses([]string{"1", "2", "0"})
	if err != nil || !slices.Equal(turned.Targets, []float32{0.5, 0, 0.5, 0.75, 0, 0.25}) {
		t.Errorf("targets in another order %v, %v", turned.Targets, err)
	}
	named, err := part.WithClasses([]string{"cat", "dog", "owl"})
	if err != nil || !slices.Equal(named.Targets, []float32{0.5, 0.5, 0, 0.25, 0.75, 0}) {
		t.Errorf("targets under other names %v, %v", named.Targets, err)
	}
	if none := threeImages(); none.Target(1) != nil {
		t.Errorf("images without targets have %v", none.Target(1))
	}
}

func TestSmoothedLabels(t *testing.T) {
	d := threeImages()
	d.Classes = []string{"0", "1", "2"}
	with, err := d.WithSmoothedLabels(0.5)
	if err != nil || !slices.Equal(with.Targets, []float32{0.5, 0.25, 0.25, 0.25, 0.5, 0.25, 0.25, 0.5, 0.25}) {
		t.Errorf("%v, %v", with.Targets, err)
	}
	if _, err := d.WithSmoothedLabels(1.5); err == nil || !strings.Contains(err.Error(), "between 0 and 1") {
		t.Error(err)
	}
}

func TestTargetErrors(t *testing.T) {
	nan := float32(math.NaN())
	for _, c := range []struct {
		p    []float32
		want string
	}{
		{nil, "expected 6"},
		{[]float32{1, 0, 1, 0, 1, 0, 1, 0}, "expected 6"},
		{[]float32{1, 0, 1, 0, 2, -1}, "image 9 has a probability of -1"},
		{[]float32{1, 0, nan, 0, 1, 0}, "image 5 has a probability of NaN"},
		{[]float32{1, 0, 1, 0.01, 1, 0}, "image 5 add up to 1.01"},
	} {
		if _, err := threeImages().WithTargets(c.p); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("want %q, got %v", c.want, err)
		}
	}
}
