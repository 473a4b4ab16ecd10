package dataset

import (
	"context"
	"fmt"
	"image"
	"slices"
	"smoothlab/internal/humanize"
)

// survey summarises the headers of all images.
type survey struct {
	sizes map[size]int // number of images by size
	first size
	odd   map[size]string // first image of each size
	grey  bool            // whether all are grey
}

// surveyPictures reads the headers of all images.
func surveyPictures(ctx context.Context, files []string, limit int64) (*survey, error) {
	s := &survey{sizes: map[size]int{}, odd: map[size]string{}, grey: true}
	for i, name := range files {
		if ctx.Err() != nil {
			return nil, fmt.Errorf("reading %s: %w", name, context.Cause(ctx))
		}
		c, err := config(name, limit)
		if err != nil {
			return nil, err
		}
		at := size{c.Height, c.Width}
		if i == 0 {
			s.first = at
		}
		if s.sizes[at] == 0 {
			s.odd[at] = name
		}
		s.sizes[at]++
		s.grey = s.grey && isGrey(c.ColorModel)
	}
	return s, nil
}

// form chooses the shape that the images are converted to.
func (s *survey) form(d *Dataset, count int) (form, error) {
	channels := 3
	if s.grey {
		channels = 1
	}
	if len(s.sizes) == 1 && min(s.first.height, s.first.width) < cropped {
		return form{s.first, channels, false}, nil
	}
	small := 0 // images that will be enlarged
	for at, n := range s.sizes {
		if min(at.height, at.width) >= cropped {
			continue
		}
		if small += n; 2*n > count {
			return form{}, s.oddSize(at, count)
		}
	}
	if len(s.sizes) > 1 {
		text := fmt.Sprintf(
			"the images have %d sizes: each is scaled to a short side of %d and cropped to %d×%d",
			len(s.sizes),
			scaled,
			cropped,
			cropped,
		)
		if small > 0 {
			text += fmt.Sprintf("; %s smaller and enlarged", are(small))
		}
		d.notef("%s", text)
	}
	return form{size{cropped, cropped}, 3, true}, nil
}

func are(n int) string {
	if n == 1 {
		return "1 is"
	}
	return fmt.Sprintf("%d are", n)
}

// oddSize returns an error that names an image of unusual size.
func (s *survey) oddSize(usual size, count int) error {
	var names []string
	for at, name := range s.odd {
		if at != usual {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for at, name := range s.odd {
		if name == names[0] {
			return fmt.Errorf(
				"%s is %v, but %d of %d images are %v: convert the images to one size, or remove %s",
				name,
				at,
				s.sizes[usual],
				count,
				usual,
				map[bool]string{true: "it", false: "those of other sizes"}[s.sizes[usual] == count-1],
			)
		}
	}
	return nil
}

// readPictures reads the pixels of all images, in one shape.
func (d *Dataset) readPictures(ctx context.Context, at string, files []string, opts Options) error {
	s, err := surveyPictures(ctx, files, opts.limit())
	if err != nil {
		return err
	}
	form, err := s.form(d, len(files))
	if err != nil {
		return err
	}
	d.Height, d.Width, d.Channels = form.height, form.width, form.channels
	d.Total, d.Indices = len(files), counted(len(files))
	if err := checkSize(int64(len(files))*int64(d.imageSize()), opts.limit()); err != nil {
		return fmt.Errorf(
			"%s, %s of %d×%d×%d: %w",
			at,
			humanize.Count(len(files), "image"),
			d.Height,
			d.Width,
			d.Channels,
			err,
		)
	}
	d.Pixels = make([]byte, 0, len(files)*d.imageSize())
	var odd oddities
	deep := depth{}
	for i, name := range files {
		picture, file, err := decode(ctx, name)
		if err != nil {
			return err
		}
		if size := picture.Bounds().Size(); !form.crop && (size.X != form.width || size.Y != form.height) {
			return fmt.Errorf("%s is damaged: its header says %v, but it is %d×%d", name, form.size, size.Y, size.X)
		}
		var transparent bool
		d.Pixels, transparent = form.append(d.Pixels, picture)
		odd.look(i, file, transparent)
		deep.look(picture)
	}
	odd.note(d)
	deep.note(d)
	return nil
}

// darkest16 is a 16-bit value that images rarely stay below unless they have fewer bits: an eighth of the range.
const darkest16 = 1<<13 - 1

// depth counts images of 16 bits per channel, with their largest value.
type depth struct{ pictures, peak int }

// note adds a note about how the images are read.
func (d *depth) note(of *Dataset) {
	switch {
	case d.pictures == 0:
	case d.peak <= darkest16:
		of.notef(
			"images of 16 bits per channel: %s, with values up to %d of 65,535, as from 12-bit cameras: scale them to 16 bits first",
			humanize.Grouped(d.pictures),
			d.peak,
		)
	default:
		of.notef(
			"images of 16 bits per channel: %s, read by their upper 8 bits; PIL's convert(\"RGB\") makes white of all values above 255",
			humanize.Grouped(d.pictures),
		)
	}
}

func (d *depth) look(picture image.Image) {
	var pix []byte
	switch p := picture.(type) {
	case *image.Gray16:
		pix = p.Pix
	case *image.RGBA64: // opaque; transparent PNG images are NRGBA64, whose alpha would be the peak
		for i := 0; i+7 < len(p.Pix); i += 8 {
			pix = append(pix, p.Pix[i:i+6]...)
		}
	default:
		return
	}
	d.pictures++
	for i := 0; i+1 < len(pix); i += 2 {
		d.peak = max(d.peak, int(pix[i])<<8|int(pix[i+1]))
	}
}

// channelsOfTraining returns 3 if test images are grey and some training image has colours, else 0.
func (d *Dataset) channelsOfTraining(ctx context.Context, train string, limit int64) (int, error) {
	if d.Channels == 3 {
		if at, err := d.colour(ctx); err != nil || at >= 0 {
			return 0, err
		}
	}
	l, err := list(ctx, train)
	if err != nil {
		return 0, err
	}
	for _, c := range l.classes {
		for _, name := range c.files {
			c, err := config(name, limit)
			if err != nil {
				return 0, err
			}
			if isGrey(c.ColorModel) {
				continue
			}
			picture, _, err := decode(ctx, name)
			if err != nil {
				return 0, err
			}
			one := Dataset{Channels: 3, Labels: make([]uint16, 1)}
			one.Height, one.Width = picture.Bounds().Dy(), picture.Bounds().Dx()
			one.Pixels, _ = form{channels: 3}.append(nil, picture)
			if at, err := one.colour(ctx); err != nil || at == 0 {
				return 3, err
			}
		}
	}
	return 0, nil
}
