package dataset

import (
	"context"
	"fmt"
)

// checkChannels refuses a number of channels that images cannot have.
func checkChannels(wanted int) error {
	if wanted != 0 && wanted != 1 && wanted != 3 {
		return fmt.Errorf("channels must be 1 or 3, got %d", wanted)
	}
	return nil
}

// setChannels converts images to the wanted number of channels: to 1 if all three are equal, to 3 by repeating the one.
// 0 keeps the channels, but makes one channel of three equal ones, with a note.
func (d *Dataset) setChannels(ctx context.Context, wanted int) error {
	switch {
	case wanted == 3 && d.Channels == 1:
		pixels := make([]byte, 0, 3*len(d.Pixels))
		for _, p := range d.Pixels {
			pixels = append(pixels, p, p, p)
		}
		d.Pixels, d.Channels = pixels, 3
		return nil
	case wanted == 3 || d.Channels == 1:
		return nil
	}
	at, err := d.colour(ctx)
	switch {
	case err != nil:
		return err
	case at >= 0 && wanted == 1:
		return fmt.Errorf(
			"%s: image %d has colours, which do not fit into one channel: convert the images to grey first",
			d.Name,
			d.Indices[at],
		)
	case at >= 0:
		return nil
	}
	for i := range len(d.Pixels) / 3 {
		d.Pixels[i] = d.Pixels[3*i]
	}
	d.Pixels, d.Channels = d.Pixels[:len(d.Pixels)/3:len(d.Pixels)/3], 1
	if wanted == 0 {
		d.notef("red, green and blue are equal in every pixel, so one channel is kept; channels=3 keeps three")
	}
	return nil
}

// colour returns the position of the first image whose channels differ, −1 if there is none.
func (d *Dataset) colour(ctx context.Context) (int, error) {
	for i := range d.Len() {
		if i%4096 == 0 && ctx.Err() != nil {
			return 0, context.Cause(ctx)
		}
		image := d.Image(i)
		for at := 0; at+2 < len(image); at += 3 {
			if image[at] != image[at+1] || image[at] != image[at+2] {
				return i, nil
			}
		}
	}
	return -1, nil
}
