package session

import (
	"fmt"
	"strings"

	"smoothlab/dataset"
	"smoothlab/language"
	"smoothlab/report"

	"go.starlark.net/starlark"
)

// maxSamples is the maximum number of sample images shown for a data set.
const maxSamples = 10

// datasetValue is a data set, or a part of one, as a value of the language.
type datasetValue struct {
	language.Object[*datasetValue]
	*dataset.Dataset
	dir string // the argument folder= of dataset(); "" if not given
}

// imageValue is one image of a data set.
type imageValue struct {
	language.Object[*imageValue]
	*dataset.Dataset     // holds this image only
	of               int // its position in the data set it was taken from
}

var (
	_ starlark.Sliceable = (*datasetValue)(nil)
	_ starlark.Sequence  = (*datasetValue)(nil)
	_ reporter           = (*datasetValue)(nil)
	_ language.Described = (*imageValue)(nil)
)

// images is a value that can be predicted, certified or attacked: a data set or one image.
type images interface{ images() *dataset.Dataset }

func (d *datasetValue) images() *dataset.Dataset { return d.Dataset }
func (x *imageValue) images() *dataset.Dataset   { return x.Dataset }

// Describe lists the attributes and methods of data sets.
func (*datasetValue) Describe() *language.Kind {
	return &language.Kind{
		Name: "dataset",
		Help: "Labelled images. d[7] is an image; d[:500] and d[::20] are data sets that keep the original indices; " +
			"len(d) is the number of images.",
		Attributes: []language.Attribute{
			language.Attr(
				"name",
				"name in the list of data sets",
				func(d *datasetValue) starlark.Value { return starlark.String(d.Dataset.Name) },
			),
			language.Attr(
				"split",
				`"train" or "test"; "all" for a file or directory without splits`,
				func(d *datasetValue) starlark.Value { return starlark.String(d.Split) },
			),
			language.Attr(
				"shape",
				"height, width and channels of each image",
				func(d *datasetValue) starlark.Value { return ints(d.Height, d.Width, d.Channels) },
			),
			language.Attr(
				"classes",
				"names of the classes, by label",
				func(d *datasetValue) starlark.Value { return texts(d.Classes) },
			),
			language.Attr("labels", "label of each image", func(d *datasetValue) starlark.Value {
				labels := make([]int, d.Dataset.Len())
				for i, y := range d.Labels {
					labels[i] = int(y)
				}
				return list(labels)
			}),
			language.Attr(
				"indices",
				"index of each image in the original split",
				func(d *datasetValue) starlark.Value { return list(d.Indices) },
			),
			language.Attr(
				"note",
				"the notes in one string, empty if there are none",
				func(d *datasetValue) starlark.Value {
					return starlark.String(strings.Join(d.Notes(), "; "))
				},
			),
			language.Attr(
				"notes",
				"unusual properties of the images, such as files that differ from the published ones",
				func(d *datasetValue) starlark.Value { return texts(d.Notes()) },
			),
		},
	}
}

func (d *datasetValue) Attr(name string) (starlark.Value, error) { return d.Lookup(d, name) }
func (d *datasetValue) Index(i int) starlark.Value               { return d.image(i) }

func (d *datasetValue) image(i int) *imageValue {
	one, err := d.Dataset.Select([]int{i})
	if err != nil {
		panic(err) // Starlark has checked the index
	}
	return &imageValue{Dataset: one, of: i}
}

// Slice copies the images. Starlark has clamped the bounds.
func (d *datasetValue) Slice(start, end, step int) starlark.Value {
	part, err := d.Dataset.Slice(start, end, step)
	if err != nil {
		panic(err)
	}
	return &datasetValue{Dataset: part, dir: d.dir}
}

func (d *datasetValue) Iterate() starlark.Iterator { return &imageIterator{of: d} }

type imageIterator struct {
	of *datasetValue
	at int
}

func (it *imageIterator) Next(p *starlark.Value) bool {
	if it.at >= it.of.Len() {
		return false
	}
	*p = it.of.image(it.at)
	it.at++
	return true
}

func (*imageIterator) Done() {}

func (d *datasetValue) Report() report.Report {
	r := report.Dataset{
		Line:     d.String(),
		Name:     d.Dataset.Name,
		Split:    d.Split,
		Note:     strings.Join(d.Notes(), "; "),
		Images:   d.Dataset.Len(),
		Total:    d.Total,
		Pick:     d.Pick(),
		Height:   d.Height,
		Width:    d.Width,
		Channels: d.Channels,
		Classes:  d.Classes,
	}
	for i := range min(maxSamples, d.Dataset.Len()) {
		y := int(d.Labels[i])
		r.Samples = append(
			r.Samples,
			report.Sample{Index: d.Indices[i], Label: y, Class: d.Classes[y], Image: picture(d.Dataset, i)},
		)
	}
	return r
}

// picture returns the image at a position for display.
func picture(d *dataset.Dataset, i int) report.Image {
	return report.Image{Height: d.Height, Width: d.Width, Channels: d.Channels, Pixels: d.Image(i)}
}

// Describe lists the attributes and methods of images.
func (*imageValue) Describe() *language.Kind {
	return &language.Kind{Name: "image", Help: "One image of a data set.", Attributes: []language.Attribute{
		language.Attr(
			"index",
			"index in the original split",
			func(x *imageValue) starlark.Value { return starlark.MakeInt(x.Indices[0]) },
		),
		language.Attr(
			"label",
			"the true class",
			func(x *imageValue) starlark.Value { return starlark.MakeInt(int(x.Labels[0])) },
		),
		language.Attr(
			"class_name",
			"name of the true class",
			func(x *imageValue) starlark.Value { return starlark.String(x.Classes[x.Labels[0]]) },
		),
		language.Attr(
			"shape",
			"height, width and channels",
			func(x *imageValue) starlark.Value { return ints(x.Height, x.Width, x.Channels) },
		),
		language.Attr(
			"pixels",
			"values from 0 to 255, row by row, with the channels of a pixel next to each other",
			func(x *imageValue) starlark.Value {
				p := make([]int, len(x.Pixels))
				for i, v := range x.Pixels {
					p[i] = int(v)
				}
				return list(p)
			},
		),
	}}
}

func (x *imageValue) Attr(name string) (starlark.Value, error) { return x.Lookup(x, name) }

func (x *imageValue) String() string {
	return fmt.Sprintf("%s %s image %d, label %s", x.Name, x.Split, x.Indices[0], labelled(x.Dataset, 0))
}

// labelled returns the label at a position, followed by the class name if the two differ.
func labelled(d *dataset.Dataset, i int) string {
	y := int(d.Labels[i])
	if name := d.Classes[y]; name != fmt.Sprint(y) {
		return fmt.Sprintf("%d (%s)", y, name)
	}
	return fmt.Sprint(y)
}

func (x *imageValue) Report() report.Report {
	y := int(x.Labels[0])
	return report.Picture{
		Dataset: x.Name,
		Split:   x.Split,
		Index:   x.Indices[0],
		Label:   y,
		Class:   x.Classes[y],
		Image:   picture(x.Dataset, 0),
	}
}

// datasetArgs are the arguments of dataset().
type datasetArgs struct {
	Name     string         `arg:"name,required" complete:"dataset" help:"name of a data set, listed by help(\"datasets\"); or the path of an .npz file with arrays x and y, or of a directory with one subdirectory of images per class"`
	Split    string         `arg:"split" complete:"split" help:"\"train\" or \"test\"; ignored for a file or directory without splits"`
	Dir      string         `arg:"folder" complete:"file" default:"None" help:"directory to search first, instead of SMOOTHLAB_DATA"`
	Classes  starlark.Value `arg:"classes" want:"a list of class names, a classifier, or a dataset" help:"class names in the order of the labels, or a classifier or dataset whose order is used; None for the order in the files"`
	Channels int            `arg:"channels" default:"None" help:"channels per image, 1 or 3; None for the number in the files, which is 1 where red, green and blue are equal"`
}

// openDataset implements dataset(). It prints notes on unusual images.
func (s *Session) openDataset(c *language.Call, a *datasetArgs) (starlark.Value, error) {
	names, err := classNames("dataset", a.Classes)
	if err != nil {
		return nil, err
	}
	d, err := s.dataset(c, a.Name, a.Split, dataset.Options{Dir: a.Dir, Classes: names, Channels: a.Channels})
	if err != nil {
		return nil, err
	}
	printNotes(c, d)
	return &datasetValue{Dataset: d, dir: a.Dir}, nil
}

// printNotes prints notes on unusual images, both when they are opened and when they are used.
func printNotes(c *language.Call, d *dataset.Dataset) {
	for _, note := range d.Notes() {
		c.Out.Print("note: " + d.Name + ": " + note + "\n")
	}
}

// dataset opens a data set and shows the progress of downloads. The default directory is the session's.
func (s *Session) dataset(c *language.Call, name, split string, o dataset.Options) (*dataset.Dataset, error) {
	if o.Dir = expandTilde(o.Dir); o.Dir == "" {
		o.Dir = s.options.Data.Dir
	}
	progress, over := downloads(c)
	defer over()
	o.Progress = progress
	return dataset.Open(c.Ctx, expandTilde(name), split, o)
}

// downloads shows the progress of downloads until over is called.
func downloads(c *language.Call) (progress func(file string, done, total int64), over func()) {
	shown := map[string]report.Progress{}
	progress = func(file string, done, total int64) {
		p := report.Progress{
			ID:     file,
			Part:   "downloading " + file,
			Done:   int(done >> 10),
			Total:  int(max(0, total) >> 10),
			Detail: "kB",
		}
		shown[file] = p
		c.Out.Progress(p)
	}
	return progress, func() {
		for _, p := range shown {
			p.End = true
			c.Out.Progress(p)
		}
	}
}
