package dataset

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"smoothlab/internal/atomicfile"
	"smoothlab/internal/lfs"
	"smoothlab/internal/npz"
)

// OpenNPZ reads the images and labels of a NumPy .npz file: arrays named x and y, or x_train and y_train, x_test and
// y_test; also images and labels, train_images and train_labels, as in Keras and MedMNIST, in upper or lower case.
// Other arrays are not read.
//
// Images are [N, H, W], [N, H, W, C] or [N, C, H, W], of 1 or 3 channels: whole numbers from 0 to 255, numbers in
// [0,1], which are rounded to 1/255, or truth values. Labels are [N] or [N, 1] whole numbers or strings, or [N, K] with
// a single 1 per row. The classes are 0 to the largest label of all parts of the file, or the number or the names in an
// array named classes.
func OpenNPZ(ctx context.Context, path, split string, opts Options) (*Dataset, error) {
	d, err := openNPZ(ctx, path, split, opts)
	if err != nil {
		return nil, err
	}
	return d.finish(ctx, opts)
}

func openNPZ(ctx context.Context, path, split string, opts Options) (*Dataset, error) {
	f, err := atomicfile.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	file, err := npz.Open(f, info.Size())
	if err != nil && isPointer(f) {
		err = lfs.ErrPointer
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	pairs, err := findPairs(file)
	if err != nil {
		return nil, fmt.Errorf("%s %w", path, err)
	}
	d := &Dataset{Name: path}
	x, y, err := d.choosePair(file, pairs, split)
	if err != nil {
		return nil, err
	}
	l := labels{classes: file.Array("classes"), limit: opts.limit()}
	for _, p := range pairs {
		l.all = append(l.all, p.y)
	}
	if err := d.fill(ctx, x, y, l); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return d, nil
}

// fill sets images and labels.
func (d *Dataset) fill(ctx context.Context, x, y *npz.Array, l labels) error {
	if err := cmp.Or(x.Err, y.Err); err != nil {
		return err
	}
	planes, err := d.shape(x.Shape)
	if err != nil {
		return err
	}
	n := x.Shape[0]
	if len(y.Shape) == 0 || y.Shape[0] != n {
		return fmt.Errorf(
			"%s has the shape %v, expected one label for each of the %d images of %s",
			y.Name,
			y.Shape,
			n,
			x.Name,
		)
	}
	d.Total, d.Indices = n, counted(n)
	if err := d.label(ctx, y, l); err != nil {
		return err
	}
	return d.readPixels(ctx, x, planes, l.limit)
}

// shape sets the shape of an image; planes is whether channels precede rows.
func (d *Dataset) shape(shape []int) (planes bool, err error) {
	if len(shape) > 0 && shape[0] == 0 {
		return false, fmt.Errorf("there are no images: their shape is %v", shape)
	}
	channels := func(n int) bool { return n == 1 || n == 3 }
	wrong := fmt.Errorf(
		"the images have the shape %v, expected [N, H, W], [N, H, W, C] or [N, C, H, W] with 1 or 3 channels C%s",
		shape,
		reshaping(shape),
	)
	switch {
	case len(shape) == 3:
		d.Height, d.Width, d.Channels = shape[1], shape[2], 1
		if shape[2] == 3 || shape[2] == 1 && shape[1] > 1 {
			d.notef("the images' shape %v is read as %d images of %d×%d pixels; one image would be [1, %d, %d, %d]",
				shape, shape[0], shape[1], shape[2], shape[0], shape[1], shape[2])
		}
	case len(shape) == 4 && channels(shape[3]):
		d.Height, d.Width, d.Channels = shape[1], shape[2], shape[3]
		if channels(shape[1]) && shape[1] != shape[2] {
			d.notef("the images' shape %v could be [N, H, W, C] or [N, C, H, W]; it is read as the first", shape)
		}
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

// reshaping describes how rows of pixels become square images; "" if they cannot.
func reshaping(shape []int) string {
	if len(shape) != 2 {
		return ""
	}
	for _, channels := range []int{1, 3} {
		side := int(math.Sqrt(float64(shape[1] / channels)))
		if side < 2 || side*side*channels != shape[1] {
			continue
		}
		return fmt.Sprintf(": save x.reshape(-1, %d, %d, %d)", side, side, channels)
	}
	return ""
}

// pair holds the images and labels of a part.
type pair struct {
	part string // "" if the file has no parts
	x, y *npz.Array
}

// choosePair returns the pair of a split.
func (d *Dataset) choosePair(file *npz.File, pairs []pair, split string) (x, y *npz.Array, err error) {
	var there []string
	whole := slices.IndexFunc(pairs, func(p pair) bool { return p.part == "" })
	for _, p := range pairs {
		if p.part != "" {
			there = append(there, p.part)
		}
	}
	part, note, err := choosePart(d.Name, split, there)
	if err != nil && whole < 0 {
		return nil, nil, err
	}
	d.Split = part
	if err != nil || part == All {
		d.Split, part = All, ""
	}
	if note != "" {
		d.Split = testPart
		d.notef("%s", note)
	}
	read := []string{"classes"}
	for _, p := range pairs {
		if p.part == part {
			x, y = p.x, p.y
		}
		if p.part == part || part != "" && p.part != "" {
			read = append(read, p.x.Name, p.y.Name)
		}
	}
	var others []string
	for _, a := range file.Arrays {
		if !slices.Contains(read, a.Name) {
			others = append(others, a.Name)
		}
	}
	if len(others) > 0 {
		d.notef("arrays that are not read: %s", quoteSome(others))
	}
	return x, y, nil
}

// arrayNames lists the words for images and labels, the documented ones first.
type arrayNames struct{ images, labels []string }

func names() arrayNames {
	return arrayNames{
		images: []string{"x", "images", "image", "imgs", "img", "data", "inputs"},
		labels: []string{"y", "labels", "label", "targets", "target"},
	}
}

// findPairs returns the images and labels of each part.
func findPairs(f *npz.File) ([]pair, error) {
	var words []string // of the parts, and none
	for _, p := range parts() {
		words = append(words, p.names...)
	}
	found := map[string]*pair{}
	for _, word := range append(words, "") {
		x, errX := findArray(f, word, names().images)
		y, errY := findArray(f, word, names().labels)
		if x == nil || y == nil {
			continue
		}
		if errX != nil {
			return nil, errX
		}
		if errY != nil {
			return nil, errY
		}
		part := partOf(word)
		if other := found[part]; other != nil {
			return nil, fmt.Errorf("has %s and %s: keep one of them for the split %s", other.x.Name, x.Name, part)
		}
		found[part] = &pair{part, x, y}
	}
	var pairs []pair
	for _, part := range []string{trainPart, testPart, validationPart, ""} {
		if p := found[part]; p != nil {
			pairs = append(pairs, *p)
		}
	}
	if len(pairs) == 0 {
		return nil, fmt.Errorf(
			"has no arrays x and y, nor x_test and y_test, only %s: write them with numpy.savez(path, x=images, y=labels)",
			describe(f),
		)
	}
	return pairs, nil
}

// findArray returns the array of a part, such as x_train, train_images or Xtrain. An exact x_train has priority;
// several others are an error.
func findArray(f *npz.File, part string, roles []string) (*npz.Array, error) {
	documented := roles[0]
	if part != "" {
		documented += "_" + part
	}
	if a := f.Array(documented); a != nil {
		return a, nil
	}
	var found *npz.Array
	for _, a := range f.Arrays {
		name := strings.NewReplacer("_", "", "-", "", ".", "", " ", "").Replace(strings.ToLower(a.Name))
		if !slices.ContainsFunc(roles, func(role string) bool { return name == part+role || name == role+part }) {
			continue
		}
		if found != nil {
			return found, fmt.Errorf(
				"has %s and %s, which is ambiguous: name the arrays x and y, or x_test and y_test",
				found.Name,
				a.Name,
			)
		}
		found = a
	}
	return found, nil
}

// describe lists the arrays with their shapes.
func describe(f *npz.File) string {
	var list []string
	for _, a := range f.Arrays {
		list = append(list, fmt.Sprintf("%s %v", a.Name, a.Shape))
	}
	if len(list) == 0 {
		return "nothing"
	}
	return quoteSome(list)
}
