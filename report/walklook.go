package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"smoothlab/internal/humanize"
)

func (w Walk) Blocks() []Block {
	images := Listed(" ", w.Dataset, w.Split, humanize.Plural(len(w.Images), "image"))
	if len(w.Images) != 1 {
		images = humanize.Grouped(len(w.Images)) + " " + images
	}
	done := "next: noise()"
	if len(w.Done) > 0 {
		done = "so far: " + strings.Join(w.Done, ", ")
	}
	warm := ""
	if w.Epoch >= 0 {
		warm = fmt.Sprintf("warm-up of epoch %d", w.Epoch)
	}
	line := Line(Listed(" · ", "walk of "+images+" with "+w.Method, fmt.Sprintf("seed %d", w.Seed), warm, done))
	t := Table{Head: []string{"image", "label"}}
	for _, i := range w.Images {
		t.Rows = append(t.Rows, []string{strconv.Itoa(i.Index), labelName(i.Label, i.Class)})
	}
	return []Block{line, Aside{t}}
}

func (w WalkNoise) Blocks() []Block {
	text := fmt.Sprintf("%s per image, |d| ≈ %s", humanize.Count(w.Draws, "draw"), fixed(w.Norm, 1))
	if w.Noise == "" {
		text += fmt.Sprintf(" = %s·√%d", plain(w.Sigma), w.Dimensions)
	} else {
		text += " of " + w.Noise
	}
	if w.Clipped > 0 {
		text += " · shown clipped to [0,1]"
	}
	heads := []string{"x"}
	for i := 1; i < longest(w.Pictures); i++ {
		heads = append(heads, fmt.Sprintf("x+d%d", i))
	}
	return []Block{pictured(heads, w.Pictures, w.Images, text)}
}

// pictured returns one row of pictures per image. If pictures are not drawn, their headers precede the text.
func pictured(heads []string, pictures [][]Image, images []WalkImage, text string) Block {
	p := Pictures{Heads: heads, Caption: text}
	for i, row := range pictures[:min(len(pictures), len(images))] {
		p.Rows = append(p.Rows, PictureRow{Caption: images[i].caption(), Images: row})
	}
	return p
}

func longest(rows [][]Image) int {
	n := 0
	for _, row := range rows {
		n = max(n, len(row))
	}
	return n
}

func (i WalkImage) caption() string {
	return imageName(i.Index) + "\nlabel " + labelName(i.Label, i.Class)
}

func (i WalkImage) named() WalkImage { return i }

// names returns the captions of per-image results.
func names[T interface{ named() WalkImage }](list []T) []WalkImage {
	images := make([]WalkImage, len(list))
	for i, v := range list {
		images[i] = v.named()
	}
	return images
}

func (w WalkLoss) Blocks() []Block {
	if len(w.Images) == 0 {
		return []Block{Line("no images")}
	}
	worst := w.Images[0]
	for _, i := range w.Images {
		if i.Loss > worst.Loss || math.IsNaN(i.Loss) {
			worst = i
		}
	}
	losses := each(w.Images, func(i LossImage) float64 { return i.Loss })
	text := "smoothed loss −log p̄(label): " + fixed(mean(losses), 2)
	if len(w.Images) > 1 {
		text = fmt.Sprintf(
			"smoothed loss −log p̄(label): mean %s, worst %s (%s)",
			fixed(mean(losses), 2),
			fixed(worst.Loss, 2),
			imageName(worst.Index),
		)
	}
	text += " · |gradient| " + span(each(w.Images, func(i LossImage) float64 { return i.Gradient }))
	t := Table{Head: []string{"image", "label", "p̄ picks", "p̄(label)", "loss", "|gradient|"}}
	for _, i := range w.Images {
		t.Rows = append(
			t.Rows,
			[]string{
				strconv.Itoa(i.Index),
				labelName(i.Label, i.Class),
				strconv.Itoa(i.Predicted),
				fixed(i.Probability, 3),
				fixed(i.Loss, 2),
				short(i.Gradient),
			},
		)
	}
	blocks := []Block{Line(text), Aside{t}}
	if len(w.Pictures) > 0 {
		blocks = []Block{pictured([]string{"x", "gradient"}, w.Pictures, names(w.Images), text), Aside{t}}
	}
	return blocks
}

func (w WalkSearch) Blocks() []Block {
	steps := 0
	for _, i := range w.Images {
		steps = max(steps, len(i.Path))
	}
	t := Table{Head: []string{"step", "p̄(label)", "loss", "|z−x|"}}
	if n := len(w.Images); n > 1 {
		t.Caption = fmt.Sprintf("means over %d images; per image: w.path", n)
	}
	for step := max(w.First, 0); step < steps; step++ {
		var p, l, d []float64
		for _, i := range w.Images {
			if step < len(i.Path) {
				p, l, d = append(
					p,
					i.Path[step].Probability,
				), append(
					l,
					i.Path[step].Loss,
				), append(
					d,
					i.Path[step].Distance,
				)
			}
		}
		t.Rows = append(t.Rows, []string{strconv.Itoa(step), fixed(mean(p), 3), fixed(mean(l), 2), fixed(mean(d), 2)})
	}
	if len(w.Pictures) == 0 {
		return []Block{t}
	}
	var heads []string
	for step := max(w.First, 0); step < steps; step++ {
		heads = append(heads, stepName(step))
	}
	return []Block{pictured(heads, w.Pictures, names(w.Images), ""), t}
}

func stepName(step int) string {
	if step == 0 {
		return "x"
	}
	return fmt.Sprintf("z%d", step)
}

func (p SearchPath) Blocks() []Block { return WalkPath{Images: []SearchPath{p}}.Blocks() }

func (w WalkPath) Blocks() []Block {
	t := Table{Head: []string{"image", "label", "step", "p̄(label)", "loss", "|z−x|"}}
	c := Curves{Title: "smoothed probability of the label along the search", X: "step", Y: "p̄(label)"}
	for _, i := range w.Images {
		s := Series{Name: imageName(i.Index)}
		for step, z := range i.Path {
			row := []string{
				strconv.Itoa(i.Index),
				labelName(i.Label, i.Class),
				strconv.Itoa(step),
				fixed(z.Probability, 3),
				fixed(z.Loss, 2),
				fixed(z.Distance, 2),
			}
			if step > 0 {
				row[0], row[1] = "", ""
			}
			t.Rows = append(t.Rows, row)
			s.X, s.Y = append(s.X, float64(step)), append(s.Y, z.Probability)
		}
		c.Series = append(c.Series, s)
	}
	return []Block{t, c}
}

func (w WalkMix) Blocks() []Block {
	counted := 0
	t := Table{Head: []string{"image", "label", "lambda", "target for the label", "p̄ picks", "counts"}}
	for _, i := range w.Images {
		counts := "no"
		if i.Counted {
			counts = "yes"
			counted++
		}
		t.Rows = append(
			t.Rows,
			[]string{
				strconv.Itoa(i.Index),
				labelName(i.Label, i.Class),
				fixed(i.Lambda, 2),
				fixed(i.Target, 2),
				strconv.Itoa(i.Predicted),
				counts,
			},
		)
	}
	near := w.Near
	if near == "" {
		near = "x"
	}
	text := fmt.Sprintf(
		"lambda %s · target for the label %s · %d of %d count (p̄ picks the label)",
		span(
			each(w.Images, func(i MixImage) float64 { return i.Lambda }),
		),
		span(each(w.Images, func(i MixImage) float64 { return i.Target })),
		counted,
		len(w.Images),
	)
	return []Block{pictured([]string{near, "z", "v"}, w.Pictures, names(w.Images), text), Aside{t}}
}

func (w WalkUpdate) Blocks() []Block {
	parts := make([]string, len(w.Terms))
	for i, t := range w.Terms {
		parts[i] = t.String()
	}
	total := strings.Join(parts, " + ")
	if len(w.Terms) > 1 || len(w.Terms) == 1 && (w.Terms[0].Weight != 1 || w.Terms[0].Ramped) {
		total += " = " + fixed(w.Total, 2)
	}
	text := Listed(" · ", total, "|Δw|/|w| "+strconv.FormatFloat(w.Change, 'e', 1, 64))
	t := Table{Head: []string{"image", "label", "p̄(label) before", "after"}}
	for _, i := range w.Images {
		t.Rows = append(
			t.Rows,
			[]string{strconv.Itoa(i.Index), labelName(i.Label, i.Class), fixed(i.Before, 3), fixed(i.After, 3)},
		)
	}
	if len(w.Images) == 0 {
		return []Block{Line(text)}
	}
	text += fmt.Sprintf(
		" · same noise: p̄(label) %s → %s",
		fixed(mean(each(w.Images, func(i UpdateImage) float64 { return i.Before })), 3),
		fixed(mean(each(w.Images, func(i UpdateImage) float64 { return i.After })), 3),
	)
	return []Block{Line(text), Aside{t}}
}

// String formats the term as "0.61 cross-entropy" or "5.0 × 1.00 warm-up × 0.18 KL".
func (t WalkTerm) String() string {
	s := fixed(t.Value, 2) + " " + t.Name
	if t.Ramped {
		s = fixed(t.Warm, 2) + " warm-up × " + s
	}
	if t.Weight != 1 {
		s = setting(t.Weight) + " × " + s
	}
	return s
}
