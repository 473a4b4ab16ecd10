package report

import (
	"fmt"
	"strings"

	"smoothlab/internal/humanize"
	"smoothlab/internal/textwidth"
)

const (
	pictureGap = 2  // cells between pictures
	maxLines   = 64 // maximum height of a block of pictures, unless it is shown in full
	smallest   = 24 // pixels; smaller pictures are not halved
	halfBlock  = "▀"
)

// ramp lists characters of increasing brightness, light on dark.
const ramp = " .:-=+*#%@"

// writePictures draws pictures in colour, two pixels per cell. Without colour, a single picture is drawn with
// characters; several are replaced by their headers.
func writePictures(b *strings.Builder, p Pictures, s Style) {
	p = p.drawable()
	total := 0
	for _, row := range p.Rows {
		total += len(row.Images)
	}
	switch {
	case total == 0:
		if p.Caption != "" {
			writeLines(b, p.Caption, s)
		}
		return
	case s.Color != NoColor:
		writeColored(b, p, s)
	case total == 1:
		writeRamp(b, p.Rows[0], s)
	default:
		writeLines(b, Listed("   ", "["+p.legend()+"]", p.Caption), s)
		return
	}
	if p.Caption != "" {
		writeLines(b, p.Caption, s)
	}
}

// drawable removes pictures that cannot be drawn.
func (p Pictures) drawable() Pictures {
	rows := make([]PictureRow, 0, len(p.Rows))
	for _, row := range p.Rows {
		kept := PictureRow{Caption: row.Caption}
		for _, i := range row.Images {
			if i.Check() == nil {
				kept.Images = append(kept.Images, i)
			}
		}
		rows = append(rows, kept)
	}
	p.Rows = rows
	return p
}

// legend lists the headers, for instance "x | x+d1 … x+d4".
func (p Pictures) legend() string {
	heads := make([]string, len(p.Heads))
	for i, h := range p.Heads {
		heads[i] = strings.ReplaceAll(h, "\n", ", ")
	}
	switch n := len(heads); {
	case n == 0:
		total := 0
		for _, row := range p.Rows {
			total += len(row.Images)
		}
		return fmt.Sprintf("%d pictures", total)
	case n > 4:
		return heads[0] + " | " + heads[1] + " … " + heads[n-1]
	}
	return strings.Join(heads, " | ")
}

func writeRamp(b *strings.Builder, row PictureRow, s Style) {
	picture := row.Images[0]
	k := (picture.Width + s.width() - 1) / s.width()
	small := picture.reduced(k, 2*k)
	for y := range small.Height {
		line := make([]byte, small.Width)
		for x := range line {
			c := small.at(x, y)
			light := (int(c.R)*299 + int(c.G)*587 + int(c.B)*114) / 1000
			line[x] = ramp[light*(len(ramp)-1)/255]
		}
		b.WriteString(strings.TrimRight(string(line), " ") + "\n")
	}
}

// frame is the layout of pictures.
type frame struct {
	captions int // cells of the captions on the left, including the gap; 0 if they are above
	scale    int // pixels of a picture per drawn pixel
	column   int // cells per picture
	columns  int // pictures side by side
}

func (p Pictures) frame(width int) frame {
	captions, most, widest := 0, 0, 0
	for _, row := range p.Rows {
		for line := range strings.SplitSeq(clean(row.Caption, true), "\n") {
			if n := textwidth.Of(line); n > 0 {
				captions = max(captions, n+pictureGap)
			}
		}
		most = max(most, len(row.Images))
		for _, i := range row.Images {
			widest = max(widest, i.Width)
		}
	}
	f := frame{captions: captions, scale: 1}
	total := func() int { return f.captions + most*((widest+f.scale-1)/f.scale+pictureGap) - pictureGap }
	if total() > width && widest >= smallest {
		f.scale = 2
	}
	if total() > width {
		f.captions = 0
	}
	for (widest+f.scale-1)/f.scale > width {
		f.scale++
	}
	f.column = (widest + f.scale - 1) / f.scale
	f.columns = max(1, min(most, (width-f.captions+pictureGap)/(f.column+pictureGap)))
	return f
}

func writeColored(b *strings.Builder, p Pictures, s Style) {
	f := p.frame(s.width())
	var lines []string
	for at, row := range p.Rows {
		drawn := f.row(p.Heads, row, s.Color, at == 0)
		if at > 0 && len(lines)+len(drawn) > s.lines() && !p.full {
			lines = append(lines, fmt.Sprintf("… and %s: show(_)", humanize.Count(len(p.Rows)-at, "more row")))
			break
		}
		lines = append(lines, drawn...)
	}
	if f.scale > 1 {
		lines = append(lines, textwidth.Cut(fmt.Sprintf("(drawn at 1/%d of their size)", f.scale), s.width()))
	}
	for _, line := range lines {
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
}

// row draws one row of pictures, broken into several rows if they do not fit side by side. Headers are above the first
// row and after each break.
func (f frame) row(heads []string, row PictureRow, c Color, isFirst bool) []string {
	var lines []string
	caption := strings.Split(clean(row.Caption, true), "\n")
	if f.captions == 0 {
		if row.Caption != "" {
			lines = append(lines, textwidth.Cut(strings.Join(caption, ", "), f.columns*(f.column+pictureGap)-pictureGap))
		}
		caption = nil
	}
	for from := 0; from < len(row.Images); from += f.columns {
		images := row.Images[from:min(from+f.columns, len(row.Images))]
		if isFirst || len(row.Images) > f.columns {
			lines = append(lines, f.heads(heads, from, len(images))...)
		}
		lines = append(lines, f.pictures(images, caption, c)...)
		lines = append(lines, "")
		caption = nil
	}
	return lines
}

// heads returns the headers above the pictures from the given one on.
func (f frame) heads(heads []string, from, n int) []string {
	var parts [][]string
	height := 0
	for i := from; i < from+n && i < len(heads); i++ {
		var part []string
		for line := range strings.SplitSeq(clean(heads[i], true), "\n") {
			part = append(part, wrap(line, f.column)...)
		}
		parts = append(parts, part)
		height = max(height, len(part))
	}
	lines := make([]string, height)
	for y := range lines {
		lines[y] = strings.Repeat(" ", f.captions)
		for _, part := range parts {
			cell := ""
			if y < len(part) {
				cell = part[y]
			}
			lines[y] += textwidth.Left(textwidth.Cut(cell, f.column), f.column+pictureGap)
		}
	}
	return lines
}

func (f frame) pictures(images []Image, caption []string, c Color) []string {
	height := len(caption)
	small := make([]Image, len(images))
	for i, picture := range images {
		small[i] = picture.reduced(f.scale, f.scale)
		height = max(height, (small[i].Height+1)/2)
	}
	lines := make([]string, height)
	for y := range lines {
		text := ""
		if y < len(caption) {
			text = textwidth.Cut(caption[y], max(0, f.captions-pictureGap))
		}
		lines[y] = textwidth.Left(text, f.captions)
		for _, picture := range small {
			lines[y] += picture.halfBlocks(y, c) + strings.Repeat(" ", f.column-picture.Width+pictureGap)
		}
	}
	return lines
}

// halfBlocks draws two rows of pixels: the upper one as the foreground of ▀, the lower one as its background. Cells
// below the picture are blank.
func (i Image) halfBlocks(line int, c Color) string {
	if 2*line >= i.Height {
		return strings.Repeat(" ", i.Width)
	}
	var b strings.Builder
	ink, paper := "", ""
	for x := range i.Width {
		if e := c.escape(foreground, i.at(x, 2*line)); e != ink {
			b.WriteString(e)
			ink = e
		}
		if 2*line+1 < i.Height {
			if e := c.escape(background, i.at(x, 2*line+1)); e != paper {
				b.WriteString(e)
				paper = e
			}
		}
		b.WriteString(halfBlock)
	}
	return b.String() + reset
}
