package dataset

import (
	"cmp"
	"context"
	"fmt"
	"image"
	_ "image/jpeg" // the formats of OpenFolder
	_ "image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"smoothlab/internal/atomicfile"
)

// maxPixels bounds the pixels of a folder of pictures, all of which are held in memory: 26,000 images of 224×224×3.
const maxPixels = 4 << 30

// OpenFolder reads a folder of pictures as torchvision's ImageFolder does: one
// folder a class, named after it, with PNG and JPEG files at any depth; classes
// and files count in the order of their names. Where the folder has parts, train
// and test (or val), split names one; a folder without is the split [All].
//
// Pictures that all have one size, with a short side below 224, are taken as they
// are, in one channel if all are grey. Others become 224×224×3 as the authors
// test ImageNet (code/datasets.py:92-99): the short side scaled to 256, then the
// centre cut out. The authors train on other cuts, a random part scaled to
// 224×224 and flipped with probability ½; these need the pictures at full size
// and are not made here.
func OpenFolder(ctx context.Context, dir, split string) (*Dataset, error) {
	at, split, err := part(dir, split)
	if err != nil {
		return nil, err
	}
	d := &Dataset{Name: dir, Split: split}
	files, err := d.pictures(ctx, at)
	if err != nil {
		return nil, err
	}
	form, err := survey(ctx, files)
	if err != nil {
		return nil, err
	}
	d.Height, d.Width, d.Channels = form.height, form.width, form.channels
	d.Total, d.Indices = len(files), counted(len(files))
	if size := int64(len(files)) * int64(d.imageSize()); size > maxPixels {
		return nil, fmt.Errorf("%s: %s pictures of %d×%d×%d are %.1f GB of pixels, expected at most %.1f: take a folder with fewer of them",
			at, thousands(len(files)), d.Height, d.Width, d.Channels, float64(size)/1e9, float64(maxPixels)/1e9)
	}
	d.Pixels = make([]byte, 0, len(files)*d.imageSize())
	for _, name := range files {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("reading %s: %w", at, context.Cause(ctx))
		}
		picture, err := decode(name)
		if err != nil {
			return nil, err
		}
		d.Pixels = form.append(d.Pixels, picture)
	}
	return d, nil
}

// part is the folder of a split, and the split's name.
func part(dir, split string) (string, string, error) {
	if !isFolder(dir) {
		if _, err := os.Stat(dir); err != nil {
			return "", "", fmt.Errorf("no data set and no folder is named %s: %w", dir, atomicfile.Cause(err))
		}
		return "", "", fmt.Errorf("%s is no folder: expected one with a folder of pictures for each class, or an .npz file", dir)
	}
	names := []string{split}
	if split == "test" {
		names = append(names, "val")
	}
	for _, name := range names {
		if sub := filepath.Join(dir, name); isFolder(sub) {
			return sub, split, nil
		}
	}
	for _, name := range []string{"train", "test", "val"} {
		if isFolder(filepath.Join(dir, name)) {
			return "", "", fmt.Errorf("%s has a folder %s but none for the split %s", dir, name, split)
		}
	}
	return dir, All, nil
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// pictures lists the files of all classes, and sets labels and class names.
func (d *Dataset) pictures(ctx context.Context, dir string) ([]string, error) {
	entries, err := os.ReadDir(dir) // sorted by name
	if err != nil {
		return nil, err
	}
	var files []string
	for _, e := range entries {
		if !isFolder(filepath.Join(dir, e.Name())) || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		before := len(files)
		err := filepath.WalkDir(filepath.Join(dir, e.Name()), func(path string, f os.DirEntry, err error) error {
			if err == nil && f.Type().IsRegular() && isPicture(path) {
				files = append(files, path)
			}
			return cmp.Or(err, context.Cause(ctx))
		})
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", dir, err)
		}
		if len(files) == before {
			return nil, fmt.Errorf("%s holds no picture: expected PNG or JPEG files of the class %s", filepath.Join(dir, e.Name()), e.Name())
		}
		for range len(files) - before {
			d.Labels = append(d.Labels, uint16(len(d.Classes)))
		}
		d.Classes = append(d.Classes, e.Name())
	}
	if len(d.Classes) < 2 {
		return nil, fmt.Errorf("%s holds %d folders of pictures: expected one for each class, two at least", dir, len(d.Classes))
	}
	return files, nil
}

func isPicture(path string) bool {
	return slices.Contains([]string{".png", ".jpg", ".jpeg"}, strings.ToLower(filepath.Ext(path)))
}

// survey looks at the headers of all pictures and chooses the form that they are brought into.
func survey(ctx context.Context, files []string) (form, error) {
	same, grey := true, true
	var first image.Config
	for i, name := range files {
		if err := ctx.Err(); err != nil {
			return form{}, fmt.Errorf("reading %s: %w", name, context.Cause(ctx))
		}
		c, err := config(name)
		if err != nil {
			return form{}, err
		}
		if i == 0 {
			first = c
		}
		same = same && c.Width == first.Width && c.Height == first.Height
		grey = grey && isGrey(c.ColorModel)
	}
	if !same || min(first.Width, first.Height) >= cropped {
		return form{cropped, cropped, 3, true}, nil
	}
	channels := 3
	if grey {
		channels = 1
	}
	return form{first.Height, first.Width, channels, false}, nil
}

// maxSide and maxAspect bound a picture: one of 20,000×20,000 takes 1.6 GB while it is decoded, and scaling keeps the aspect.
const maxSide, maxAspect = 20_000, 20

func config(name string) (image.Config, error) {
	f, err := os.Open(name)
	if err != nil {
		return image.Config{}, err
	}
	defer f.Close()
	c, format, err := image.DecodeConfig(f)
	switch {
	case err != nil:
		return c, fmt.Errorf("%s is no PNG or JPEG picture: %w", name, err)
	case c.Width < 1 || c.Height < 1 || c.Width > maxSide || c.Height > maxSide:
		return c, fmt.Errorf("%s is a %s picture of %d×%d, expected sides from 1 to %s", name, format, c.Height, c.Width, thousands(maxSide))
	case max(c.Width, c.Height) > maxAspect*min(c.Width, c.Height):
		return c, fmt.Errorf("%s is a %s picture of %d×%d, expected sides that differ by a factor of at most %d", name, format, c.Height, c.Width, maxAspect)
	}
	return c, nil
}

func decode(name string) (image.Image, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	picture, _, err := image.Decode(f)
	if err != nil {
		return nil, fmt.Errorf("%s is damaged: %w", name, err)
	}
	return picture, nil
}
