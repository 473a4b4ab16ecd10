package dataset

import (
	"bytes"
	"slices"
	"testing"
)

// numbered returns n images of 1×2 pixels: image i holds i and 2i.
func numbered(n int) *Dataset {
	d := &Dataset{
		Name:     "numbers",
		Split:    "test",
		Height:   1,
		Width:    2,
		Channels: 1,
		Classes:  []string{"even", "odd"},
		Total:    n,
	}
	for i := range n {
		d.Pixels = append(d.Pixels, byte(i), byte(2*i))
		d.Labels = append(d.Labels, uint16(i%2))
		d.Indices = append(d.Indices, i)
	}
	return d
}

func TestSlice(t *testing.T) {
	const huge = int(^uint(0) >> 1)
	tests := []struct {
		lo, hi, step int
		want         []int // nil: an error
	}{
		{0, 10, 1, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}},
		{2, 9, 3, []int{2, 5, 8}},
		{2, 8, 3, []int{2, 5}},
		{3, 3, 1, []int{}},
		{5, 2, 1, []int{}},
		{10, 10, 1, []int{}},
		{9, -1, -4, []int{9, 5, 1}},
		{9, 1, -4, []int{9, 5}},
		{4, 10, huge, []int{4}},
		{4, -1, -huge, []int{4}},
		{0, 11, 1, nil},
		{-1, 5, 1, nil},
		{10, 0, -1, nil},
		{0, 10, 0, nil},
	}
	for _, test := range tests {
		got, err := numbered(10).Slice(test.lo, test.hi, test.step)
		if test.want == nil {
			if err == nil {
				t.Errorf("%d:%d:%d gave %v, want an error", test.lo, test.hi, test.step, got.Indices)
			}
			continue
		}
		if err != nil || !slices.Equal(got.Indices, test.want) {
			t.Errorf("%d:%d:%d gave %v, %v; want %v", test.lo, test.hi, test.step, got, err, test.want)
			continue
		}
		for p, i := range test.want {
			if !bytes.Equal(got.Image(p), []byte{byte(i), byte(2 * i)}) || got.Labels[p] != uint16(i%2) {
				t.Errorf(
					"%d:%d:%d: position %d holds image %v, label %d",
					test.lo,
					test.hi,
					test.step,
					p,
					got.Image(p),
					got.Labels[p],
				)
			}
		}
	}
}

// Indices refer to the original split, also after repeated selection.
func TestSelectKeepsIndices(t *testing.T) {
	d, err := numbered(100).Every(10)
	if err != nil {
		t.Fatal(err)
	}
	if d, err = d.Select([]int{9, 0, 3}); err != nil {
		t.Fatal(err)
	}
	if want := []int{90, 0, 30}; !slices.Equal(d.Indices, want) || d.Total != 100 {
		t.Errorf("indices %v of %d, want %v of 100", d.Indices, d.Total, want)
	}
	for _, position := range []int{-1, 3} {
		if _, err := d.Select([]int{position}); err == nil {
			t.Errorf("position %d of 3 images was accepted", position)
		}
	}
	if _, err := d.Every(0); err == nil {
		t.Error("every 0-th image was accepted")
	}
}

func TestSelectSharesNothing(t *testing.T) {
	whole := numbered(4)
	part, err := whole.Slice(0, 4, 1)
	if err != nil {
		t.Fatal(err)
	}
	part.Pixels[0], part.Labels[0], part.Indices[0], part.Classes[0] = 99, 99, 99, "x"
	if whole.Pixels[0] != 0 || whole.Labels[0] != 0 || whole.Indices[0] != 0 || whole.Classes[0] != "even" {
		t.Error("a change of the part changed the whole")
	}
	// Appending to a view must not overwrite the next image.
	_ = append(whole.Image(0), 77)
	if whole.Pixels[2] != 1 {
		t.Error("appending to an image changed the next one")
	}
}

func TestString(t *testing.T) {
	const tail = ", 1×2×1 in [0,1], 2 classes"
	tests := []struct {
		positions []int
		want      string
	}{
		{span(0, 10000, 1), "10,000 images"},
		{span(0, 10000, 100), "100 of 10,000 images (every 100th)"},
		{span(0, 10000, 3), "3,334 of 10,000 images (every 3rd)"},
		{span(0, 10000, 12), "834 of 10,000 images (every 12th)"},
		{span(50, 10000, 100), "100 of 10,000 images (every 100th, 50 to 9950)"},
		{span(0, 1000, 100), "10 of 10,000 images (every 100th, 0 to 900)"},
		{span(0, 500, 1), "500 of 10,000 images (0 to 499)"},
		{[]int{300}, "1 of 10,000 images (image 300)"},
		{[]int{5, 9, 2}, "3 of 10,000 images"},
		{[]int{9, 5, 1}, "3 of 10,000 images"},
		{nil, "0 of 10,000 images"},
	}
	whole := numbered(10000)
	for _, test := range tests {
		d, err := whole.Select(test.positions)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := d.String(), "numbers test: "+test.want+tail; got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func span(lo, hi, step int) []int {
	var all []int
	for i := lo; i < hi; i += step {
		all = append(all, i)
	}
	return all
}
