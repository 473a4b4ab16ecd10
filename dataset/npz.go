package dataset

import (
	"context"
	"fmt"
	"math"
	"reflect"
	"strconv"

	"smoothlab/internal/atomicfile"
	"smoothlab/internal/npz"
)

// All is the split of files and folders that have no parts.
const All = "all"

// maxArrays bounds what the arrays of a file take, in bytes: some 28,000 images of 224×224×3 for training, and as many to test.
const maxArrays = 8 << 30

// OpenNPZ reads the arrays x and y of a NumPy .npz file, or, where the file has
// these, x_train and y_train or x_test and y_test. x holds images [N, H, W],
// [N, H, W, C] or [N, C, H, W], of 1 or 3 channels: bytes, or numbers in [0,1],
// which are rounded to 1/255. y holds labels [N]; there are classes 0 to the
// largest, or as many as the number in an array named classes says.
func OpenNPZ(ctx context.Context, path, split string) (*Dataset, error) {
	f, err := atomicfile.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	arrays, err := npz.Read(ctx, f, info.Size(), maxArrays)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	d := &Dataset{Name: path, Split: split}
	x, ok := arrays["x_"+split]
	y, ok2 := arrays["y_"+split]
	if !ok || !ok2 {
		x, ok = arrays["x"]
		y, ok2 = arrays["y"]
		d.Split = All
	}
	if !ok || !ok2 {
		return nil, fmt.Errorf("%s has no arrays x and y, nor x_%s and y_%s: numpy.savez(path, x=images, y=labels) writes them", path, split, split)
	}
	if err := d.fill(x, y, arrays["classes"]); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return d, nil
}

// fill takes images, labels, and the number of classes if there is one.
func (d *Dataset) fill(x, y, classes npz.Array) error {
	planes, err := d.shape(x.Shape)
	if err != nil {
		return err
	}
	pixels, moved, err := toBytes(x)
	if err != nil {
		return err
	}
	if moved {
		d.Note = d.Name + ": pixels were rounded to multiples of 1/255"
	}
	d.Pixels = pixels
	if planes {
		d.Pixels = make([]byte, 0, len(pixels))
		size := d.imageSize()
		for i := 0; i < len(pixels); i += size {
			for at := range size / d.Channels {
				for c := range d.Channels {
					d.Pixels = append(d.Pixels, pixels[i+c*(size/d.Channels)+at])
				}
			}
		}
	}
	n := x.Shape[0]
	if len(y.Shape) != 1 || y.Shape[0] != n {
		return fmt.Errorf("y has the shape %v, expected one label for each of the %s images of x", y.Shape, thousands(n))
	}
	d.Total, d.Indices = n, counted(n)
	return d.label(y, classes)
}

// shape sets the shape of an image; planes tells that channels stand before rows.
func (d *Dataset) shape(shape []int) (planes bool, err error) {
	channels := func(n int) bool { return n == 1 || n == 3 }
	wrong := fmt.Errorf("x has the shape %v, expected images: [N, H, W], [N, H, W, C] or [N, C, H, W] with 1 or 3 channels", shape)
	switch {
	case len(shape) == 3:
		d.Height, d.Width, d.Channels = shape[1], shape[2], 1
	case len(shape) == 4 && channels(shape[3]):
		d.Height, d.Width, d.Channels = shape[1], shape[2], shape[3]
	case len(shape) == 4 && channels(shape[1]):
		d.Channels, d.Height, d.Width, planes = shape[1], shape[2], shape[3], true
	default:
		return false, wrong
	}
	if d.imageSize() == 0 || shape[0] == 0 {
		return false, wrong
	}
	return planes, nil
}

// label sets labels and class names.
func (d *Dataset) label(y, classes npz.Array) error {
	largest := 0
	v := reflect.ValueOf(y.Values)
	for i := range d.Total {
		var label int64
		switch e := v.Index(i); {
		case e.CanInt():
			label = e.Int()
		case e.CanUint():
			label = int64(min(e.Uint(), math.MaxInt64))
		default:
			return fmt.Errorf("y holds values of type %s, expected whole numbers", e.Type())
		}
		if label < 0 || label > math.MaxUint16 {
			return fmt.Errorf("y[%d] is %d, expected a label from 0 to %d", i, label, math.MaxUint16)
		}
		d.Labels = append(d.Labels, uint16(label))
		largest = max(largest, int(label))
	}
	n := largest + 1
	if given := classes.Float32(); len(given) == 1 {
		if given[0] < float32(n) || given[0] > math.MaxUint16+1 {
			return fmt.Errorf("classes is %g, and the largest label of y is %d", given[0], largest)
		}
		n = int(given[0])
	}
	for i := range n {
		d.Classes = append(d.Classes, strconv.Itoa(i))
	}
	return nil
}

// toBytes gives pixels as bytes; moved tells that some were no multiples of 1/255.
func toBytes(x npz.Array) (pixels []byte, moved bool, err error) {
	if pixels, ok := x.Values.([]uint8); ok {
		return pixels, false, nil
	}
	switch x.Values.(type) {
	case []float32, []float64:
	default:
		return nil, false, fmt.Errorf("x holds values of type %T, expected bytes (uint8) or numbers in [0,1] (float32)", x.Values)
	}
	for i, v := range x.Float32() {
		if !(v >= 0 && v <= 1) {
			return nil, false, fmt.Errorf("x has the value %g at position %d, expected pixels in [0,1], or bytes", v, i)
		}
		p := math.Round(255 * float64(v))
		moved = moved || math.Abs(p/255-float64(v)) > 1e-6 // float32 holds k/255 to 3e-8
		pixels = append(pixels, byte(p))
	}
	return pixels, moved, nil
}
