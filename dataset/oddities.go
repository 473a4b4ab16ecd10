package dataset

// oddities counts image files with something that is not read.
type oddities struct{ turned, transparent, framed faint }

// look looks at the file of the i-th image.
func (o *oddities) look(i int, file []byte, transparent bool) {
	if orientation(file) > 1 {
		o.turned.add(i)
	}
	if transparent {
		o.transparent.add(i)
	}
	if hasFrames(file) {
		o.framed.add(i)
	}
}

// note adds a note for each oddity.
func (o *oddities) note(d *Dataset) {
	if o.turned.count > 0 {
		d.notef(
			"%s rotated by an EXIF orientation, which is not applied, as in PIL and torchvision: rotate the pixels first",
			o.turned.say(d),
		)
	}
	if o.framed.count > 0 {
		d.notef("%s the first of several in a file, whose other pages or frames are left out", o.framed.say(d))
	}
	if o.transparent.count > 0 {
		d.notef(
			"%s partly transparent: the colours are taken from the file, without a background, as with PIL's convert(\"RGB\")",
			o.transparent.say(d),
		)
	}
}
