package report

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image/color"
	"image/png"
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"smoothlab/certify"
	"smoothlab/dataset"
	"smoothlab/smoothing"
)

// The text of every type at a prompt of 80 columns, in full, and piped.
func TestLook(t *testing.T) {
	for _, r := range Types() {
		var b strings.Builder
		fmt.Fprintf(
			&b,
			"%s80 columns, in full:\n%spiped:\n%s",
			Text(r, Style{Width: 80}),
			Text(InFull(r), Style{Width: 80}),
			Text(r, Style{}),
		)
		golden(t, "text/"+fileName(r)+".txt", b.String())
	}
}

func TestHTMLLook(t *testing.T) {
	for _, r := range Types() {
		switch r.(type) {
		case Method, Certificates, Comparison:
			golden(t, "html/"+fileName(r)+".html", HTML(r))
		}
	}
}

// Notebooks show exact pixels, enlarged, with an alternative text.
func TestHTMLPictures(t *testing.T) {
	d := exampleDataset()
	page := HTML(d)
	found := regexp.MustCompile(`<img alt="([^"]*)" width="16" height="16" style="image-rendering: pixelated[^"]*" src="data:image/png;base64,([^"]*)"/>`).
		FindAllStringSubmatch(page, -1)
	if len(found) != len(d.Samples) {
		t.Fatalf("%d of %d pictures in\n%s", len(found), len(d.Samples), page)
	}
	for i, m := range found {
		if m[1] != []string{"image 0, label 7", "image 100, label 6"}[i] {
			t.Errorf("picture %d is named %q", i, m[1])
		}
		data, err := base64.StdEncoding.DecodeString(m[2])
		if err != nil {
			t.Fatal(err)
		}
		checkPNG(t, data, d.Samples[i].Image)
	}
}

func checkPNG(t *testing.T, data []byte, want Image) {
	t.Helper()
	got, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if got.Bounds().Dx() != want.Width || got.Bounds().Dy() != want.Height {
		t.Fatalf("%v, expected %d×%d", got.Bounds(), want.Width, want.Height)
	}
	for y := range want.Height {
		for x := range want.Width {
			if c := color.RGBAModel.Convert(got.At(x, y)); c != want.at(x, y) {
				t.Fatalf("the pixel at %d, %d is %v, expected %v", x, y, c, want.at(x, y))
			}
		}
	}
}

func TestImagePNG(t *testing.T) {
	rgb := Image{Height: 2, Width: 3, Channels: 3}
	for i := range 18 {
		rgb.Pixels = append(rgb.Pixels, byte(i*13))
	}
	for _, i := range []Image{rgb, examplePicture(3)} {
		data, err := i.PNG()
		if err != nil {
			t.Fatal(err)
		}
		checkPNG(t, data, i)
	}
	for _, c := range []struct {
		Image
		want string
	}{
		{Image{Height: 1, Width: 1, Channels: 4, Pixels: make([]byte, 4)}, "1 channel (gray) or 3 (RGB), got 4"},
		{Image{Height: 0, Width: 1, Channels: 1}, "1 to 16,384 pixels per side, got 0×1"},
		{Image{Height: 28, Width: 28, Channels: 1, Pixels: make([]byte, 10)}, "28×28×1 holds 784 values, got 10"},
	} {
		if _, err := c.PNG(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, expected %s", err, c.want)
		}
	}
}

// The lines of the acceptance examples.
func TestLines(t *testing.T) {
	images := make([]WalkImage, 8)
	for i := range images {
		images[i] = WalkImage{Index: 100 * i, Label: i, Class: fmt.Sprint(i)}
	}
	row := []Image{examplePicture(0), examplePicture(1)}
	noise := WalkNoise{
		Sigma:      0.5,
		Draws:      4,
		Dimensions: 784,
		Norm:       14.02,
		Images:     images,
		Pictures:   [][]Image{append(append(row, row...), row[0])},
	}
	var losses WalkLoss
	var mix WalkMix
	var update WalkUpdate
	for i, image := range images {
		loss, gradient := 0.05, 0.5
		switch i {
		case 0:
			loss, gradient = 0.07, 1.94
		case 7:
			loss, gradient = 1.31, 0.02
		}
		losses.Images = append(
			losses.Images,
			LossImage{WalkImage: image, Loss: loss, Gradient: gradient, Predicted: i, Probability: math.Exp(-loss)},
		)
		mix.Images = append(
			mix.Images,
			MixImage{
				WalkImage: image,
				Lambda:    0.03 + 0.44*float64(i)/7,
				Target:    0.96 - 0.41*float64(i)/7,
				Counted:   i != 7,
				Predicted: i,
			},
		)
		update.Images = append(update.Images, UpdateImage{WalkImage: image, Before: 0.842, After: 0.8501})
	}
	mix.Pictures = [][]Image{append(row, row[0])}
	update.Terms = []WalkTerm{
		{Name: "cross-entropy", Value: 0.61, Weight: 1},
		{Name: "KL", Value: 0.18, Weight: 5, Ramped: true, Warm: 1},
	}
	update.Total, update.Change = 1.51, 1.2e-3
	run := Run{
		ID:         1,
		State:      RunRunning,
		Background: true,
		Method:     "smoothmix(sigma=0.5, m=4, steps=4, alpha=1.0, eta=5.0)",
		LR:         0.01,
		Updates:    8442,
		Batch:      64,
		Left:       1560,
	}
	stopped := Run{ID: 1, State: RunStopped, Update: 655, Updates: 8442, Path: "runs/smix.safetensors"}
	for _, c := range []struct {
		r    Report
		want string
	}{
		{exampleDataset(), "mnist test: 100 of 10,000 images (every 100th), 28×28×1 in [0,1], 10 classes"},
		{Types()[7], "gaussian sigma=0.5 · 2 epochs, 470 updates of 256 · cross-entropy 0.41 · base accuracy under noise 88.2% · 18 s → runs/gauss.safetensors"},
		{run, "run 1 in background: smoothmix(sigma=0.5, m=4, steps=4, alpha=1.0, eta=5.0), lr 0.01, 8,442 updates of 64 images · about 26 min · r.stop(), jobs()"},
		{stopped, "run 1 stopped after update 655 of 8,442 → runs/smix.safetensors; the same train(…) resumes it"},
		{Run{ID: 2, State: RunStopped, Update: 3, Updates: 9}, "run 2 stopped after update 3 of 9"},
		{Run{ID: 2, State: RunFailed, Update: 3, Updates: 9, Message: "the loss is NaN"},
			"run 2 failed after update 3 of 9: the loss is NaN"},
		{Run{ID: 2, State: RunRunning, Method: "macer(sigma=0.25)", LR: 0.01, Update: 655, Updates: 8442,
			Now: []Term{{"cross-entropy", 0.613}, {"robustness", 0.0004}}},
			"run 2: macer(sigma=0.25), lr 0.01, update 655 of 8,442 · cross-entropy 0.61 · robustness 4.0e-04"},
		{Run{ID: 3, State: RunRunning, Method: "macer()", LR: 0.01, Updates: 9, Batch: 64, Devices: 4},
			"run 3: macer(), lr 0.01, 9 updates of 64 images on 4 devices"},
		{Run{State: RunLoaded, Method: "gaussian()", Updates: 2, Epochs: 1, Devices: 2},
			"gaussian · 1 epoch, 2 updates on 2 devices · loaded, already finished"},
		{Run{State: RunLoaded, Method: "gaussian()", Updates: 1, Epochs: 1, Path: "a"},
			"gaussian · 1 epoch, 1 update · loaded, already finished → a"},
		{Run{State: RunFinished, Method: "gaussian()", Updates: 2, Epochs: 1, Seconds: 3,
			History: []Epoch{{Terms: []Term{{"cross-entropy", 2.3}}, NoisyAccuracy: -1}}},
			"gaussian · 1 epoch, 2 updates · cross-entropy 2.30 · 3 s"},
		{noise, "[x | x+d1 … x+d4]   4 draws per image, |d| ≈ 14.0 = 0.5·√784"},
		{losses, "smoothed loss −log p̄(label): mean 0.21, worst 1.31 (image 700) · |gradient| 0.02 … 1.9"},
		{mix, "[x | z | v]   lambda 0.03 … 0.47 · target for the label 0.55 … 0.96 · 7 of 8 count (p̄ picks the label)"},
		{update, "0.61 cross-entropy + 5.0 × 1.00 warm-up × 0.18 KL = 1.51 · |Δw|/|w| 1.2e-03 · same noise: p̄(label) 0.842 → 0.850"},
		{WalkUpdate{Terms: update.Terms[:1], Total: 0.61, Change: 0.02}, "0.61 cross-entropy · |Δw|/|w| 2.0e-02"},
		{Picture{Dataset: "mnist", Split: "test", Index: 300, Label: 4, Class: "4"}, "mnist test image 300, label 4"},
		{Picture{Dataset: "cifar10", Split: "test", Index: 300, Label: 4, Class: "deer"},
			"cifar10 test image 300, label 4 (deer)"},
		{Classifier{Architecture: "lenet", Parameters: 431080, State: "untrained, seed 1", Dataset: "mnist"},
			"lenet (431,080 parameters), untrained, seed 1"},
		{Jobs{}, "no training or certification jobs in this session"},
		{WalkLoss{}, "no images"},
		{Certificate{Row: Row{Index: 7, Label: 2, Predicted: certify.Abstain, Votes: 5012, Used: 10000,
			PLower: 0.48579}}, "image 7, label 2: abstains · 5,012 of 10,000 votes, probability at least 0.4857"},
	} {
		if got := Text(c.r, Style{}); got != c.want+"\n" {
			t.Errorf("%s is\n%sexpected\n%s", c.r.Type(), got, c.want)
		}
	}
}

// 100 images of which 97, 94, 86 and 61 count at 0, sigma, 2 sigma and 3 sigma, and one abstains.
func hundred() *certify.Certificates {
	c := &certify.Certificates{Planned: 100, Settings: certify.Settings{Plan: certify.Fixed(100, 10_000, 0.001),
		Source: certify.Source{Smoothing: smoothing.Gaussian{Sigma: 0.5}, Dataset: "mnist", Split: "test"}}}
	for i := range 100 {
		row := certify.Row{Index: 100 * i, Label: 3, Predicted: 3, Correct: true}
		switch {
		case i < 61:
			row.Radius = 1.59
		case i < 86:
			row.Radius = 1.2
		case i < 94:
			row.Radius = 0.9
		case i < 97:
			row.Radius = 0.3
		case i == 97:
			row.Predicted, row.Correct = certify.Abstain, false
		default:
			row.Predicted, row.Radius, row.Correct = 5, 0.4, false
		}
		c.Rows = append(c.Rows, row)
	}
	return c
}

func TestCertificatesText(t *testing.T) {
	c := hundred()
	mean := (61*1.59 + 25*1.2 + 8*0.9 + 3*0.3) / 100
	se := math.Sqrt((61*sq(1.59-mean)+25*sq(1.2-mean)+8*sq(0.9-mean)+3*sq(0.3-mean)+3*sq(mean))/99) / 10
	want := fmt.Sprintf(
		"sigma 0.5 · N 10,000 (radius at most 1.599) · alpha 0.001 per image · 100 images (every 100th of mnist test) · fixed plan\n"+
			"ACR %.2f ± %.2f · smoothed clean 97.0%% · abstained 1 · certified at 0.5 / 1.0 / 1.5: 94.0 / 86.0 / 61.0 %%\n",
		mean,
		se,
	)
	if got := Text(NewCertificates(c, "", "every 100th"), Style{}); got != want {
		t.Errorf("got\n%sexpected\n%s", got, want)
	}
	c.Plan.N = 1000
	if got := Text(
		NewCertificates(c, "", ""),
		Style{},
	); !strings.Contains(got, "(radius at most 1.231)") ||
		!strings.HasSuffix(got, "certified at 0.5 / 1.0: 94.0 / 86.0 %\n") {
		t.Errorf("with 1,000 votes: %s", got) // 0.5·Φ⁻¹(0.001^(1/1000)) = 1.2316
	}
	c.ReexpressedFrom = 10_000
	if got := Text(
		NewCertificates(c, "", ""),
		Style{},
	); !strings.Contains(
		got,
		"re-expressed from 10,000 votes: an estimate, not a certificate\n",
	) {
		t.Errorf("re-expressed: %s", got)
	}
	c.ReexpressedFrom = 0
	c.Settings, c.Printed, c.Planned = certify.Settings{
		Source: certify.Source{Smoothing: smoothing.Gaussian{Sigma: 0.25}},
	}, true, 200
	if got := strings.Split(Text(NewCertificates(c, "", ""), Style{}),
		"\n")[0]; got != "sigma 0.25 · 100 of 200 images · radii as printed in the log (3 digits)" {
		t.Errorf("a published log is %s", got)
	}
	c.Rows = nil
	if got := Text(NewCertificates(c, "", ""), Style{}); !strings.HasSuffix(got, "\nno images certified yet\n") {
		t.Errorf("without rows: %s", got)
	}
}

func sq(x float64) float64 { return x * x }

// Package certify computes the same from the report as from its own certificates.
func TestCertificatesAreCertifys(t *testing.T) {
	c := hundred()
	data, err := JSON(NewCertificates(c, "a.tsv", ""))
	if err != nil {
		t.Fatal(err)
	}
	r, err := Decode[Certificates](data)
	if err != nil {
		t.Fatal(err)
	}
	if r.ACR() != c.ACR() || r.ACRError() != c.ACRError() || r.Accuracy(1.2) != c.Accuracy(1.2) ||
		r.Plan.N != c.Plan.N {
		t.Errorf(
			"ACR %v ± %v, accuracy %v at N %d; expected %v ± %v, %v at %d",
			r.ACR(),
			r.ACRError(),
			r.Accuracy(1.2),
			r.Plan.N,
			c.ACR(),
			c.ACRError(),
			c.Accuracy(1.2),
			c.Plan.N,
		)
	}
	if _, err := certify.Compare(r.Certify(), c); err != nil {
		t.Error(err)
	}
}

// A terminal with 24-bit colours gets the exact colour of every pixel.
func TestPictureIsTheDigit(t *testing.T) {
	d, err := dataset.Open(t.Context(), "mnist-mini", "test", dataset.Options{})
	if err != nil {
		t.Fatal(err)
	}
	digit := Image{Height: 28, Width: 28, Channels: 1, Pixels: d.Image(15)}
	p := Picture{Dataset: "mnist", Split: "test", Index: d.Indices[15], Label: int(d.Labels[15]), Image: digit}
	for _, c := range []struct {
		color Color
		most  int // difference; half the largest step between grays of the palette
	}{{TrueColor, 0}, {Color256, 9}} {
		rows := screen(t, Text(p, Style{Width: 80, Color: c.color}))[1:]
		if rows = rows[:14]; len(rows[0]) != 28 {
			t.Fatalf("%d cells across", len(rows[0]))
		}
		for y, row := range rows {
			for x, cell := range row {
				for half, got := range []uint8{cell.ink.R, cell.paper.R} {
					want := digit.at(x, 2*y+half).R
					if cell.text != "▀" || abs(int(got)-int(want)) > c.most {
						t.Fatalf(
							"the pixel at %d, %d is %d in colours %v, expected %d",
							x,
							2*y+half,
							got,
							c.color,
							want,
						)
					}
				}
			}
		}
	}
	golden(t, "text/digit.txt", Text(p, Style{}))
}

// Pictures leave room on the screen for the input and for what follows; those of show() do not.
func TestPicturesOfAScreen(t *testing.T) {
	small := Image{Height: 28, Width: 28, Channels: 1, Pixels: make([]byte, 28*28)}
	r := WalkNoise{Draws: 1, Dimensions: 784}
	for i := range 8 {
		r.Images = append(r.Images, WalkImage{Index: i})
		r.Pictures = append(r.Pictures, []Image{small, small})
	}
	for _, c := range []struct{ height, rows int }{{0, 4}, {24, 1}, {40, 1}, {50, 2}, {200, 4}, {2, 1}} {
		rows := func(r Report) int {
			return strings.Count(Text(r, Style{Width: 100, Height: c.height, Color: TrueColor}), "image ")
		}
		if got := rows(r); got != c.rows {
			t.Errorf("%d rows of pictures on a screen of %d lines, want %d", got, c.height, c.rows)
		}
		if got := rows(InFull(r)); got != 8 {
			t.Errorf("in full %d rows of 8", got)
		}
	}
}

// Rows that do not fit are halved, then have their captions above, and are finally broken; rows beyond some screens are
// only counted.
func TestPicturesFit(t *testing.T) {
	big := Image{Height: 28, Width: 28, Channels: 3, Pixels: make([]byte, 28*28*3)}
	for i := range big.Pixels {
		big.Pixels[i] = byte([]int{200, 100, 50}[i%3])
	}
	p := Pictures{Heads: []string{"x", "x+d1", "x+d2", "x+d3", "x+d4"}}
	for i := range 20 {
		p.Rows = append(
			p.Rows,
			PictureRow{Caption: fmt.Sprintf("image %d\nlabel 7", i), Images: []Image{big, big, big, big, big}},
		)
	}
	for _, c := range []struct {
		width      int
		lines      int // of the first row with heads and caption
		first, end string
	}{
		{160, 15, "           x                             x+d1                          x+d2                          x+d3                          x+d4", "… and 16 more rows: show(_)"},
		{90, 8, "          x               x+d1            x+d2            x+d3            x+d4",
			"(drawn at 1/2 of their size)"},
		{80, 9, "image 0, label 7", "(drawn at 1/2 of their size)"},
		{50, 17, "image 0, label 7", "(drawn at 1/2 of their size)"},
	} {
		var b strings.Builder
		writePictures(&b, p, Style{Width: c.width, Color: TrueColor})
		lines := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
		if strings.Join(strings.Fields(lines[0]), " ") != strings.Join(strings.Fields(c.first), " ") ||
			lines[len(lines)-1] != c.end {
			t.Errorf("width %d begins with %q and ends with %q", c.width, lines[0], lines[len(lines)-1])
		}
		blocks := 0
		for _, row := range screen(t, b.String()) {
			for _, cell := range row {
				if cell.text == "▀" {
					blocks++
					if cell.ink.R != 200 || cell.ink.G != 100 || cell.paper.B != 50 {
						t.Fatalf("colours %v and %v", cell.ink, cell.paper)
					}
				}
			}
		}
		if len(lines) > maxLines+2*c.lines {
			t.Errorf("width %d has %d lines", c.width, len(lines))
		}
		if blocks == 0 {
			t.Errorf("width %d has no pictures", c.width)
		}
	}
}

// A continued search shows only the new steps.
func TestSearchContinues(t *testing.T) {
	w := WalkSearch{First: 2, Images: exampleSearch(), Pictures: examplePictures(1)}
	want := "[z2]\nmeans over 2 images; per image: w.path\nstep  p̄(label)  loss  |z−x|\n   2     0.394  1.40   1.82\n"
	if got := Text(w, Style{}); got != want {
		t.Errorf("got\n%sexpected\n%s", got, want)
	}
}

// The nearest colours of the palette are used; most pixels are grays.
func TestPalette(t *testing.T) {
	for v := range 256 {
		gray := color.RGBA{uint8(v), uint8(v), uint8(v), 255}
		best := 255
		for i := 16; i < 256; i++ {
			if c := colorOf(t, []string{"5", strconv.Itoa(i)}); c.R == c.G && c.G == c.B {
				best = min(best, abs(int(c.R)-v))
			}
		}
		if got := colorOf(
			t,
			[]string{"5", strconv.Itoa(xterm(gray))},
		); got.R != got.G || got.G != got.B ||
			abs(int(got.R)-v) != best {
			t.Errorf("gray %d becomes %v; %d away would do", v, got, best)
		}
	}
	for _, c := range []struct {
		rgb  color.RGBA
		want int
	}{{color.RGBA{255, 0, 0, 255}, 196}, {color.RGBA{0, 250, 3, 255}, 46}, {color.RGBA{95, 135, 175, 255}, 67},
		{color.RGBA{0, 0, 0, 255}, 16}} {
		if got := xterm(c.rgb); got != c.want {
			t.Errorf("%v becomes %d, expected %d", c.rgb, got, c.want)
		}
	}
}

func TestStyleForAPipe(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	if s := StyleFor(w, func(string) string { return "xterm-256color" }); s != (Style{}) {
		t.Errorf("a pipe shows %v", s)
	}
}

func TestColors(t *testing.T) {
	for _, c := range []struct {
		environ map[string]string
		want    Color
	}{
		{nil, NoColor},
		{map[string]string{"TERM": "dumb", "COLORTERM": "truecolor"}, NoColor},
		{map[string]string{"TERM": "xterm-256color", "COLORTERM": "truecolor", "NO_COLOR": "1"}, NoColor},
		{map[string]string{"TERM": "xterm", "COLORTERM": "truecolor"}, TrueColor},
		{map[string]string{"TERM": "xterm-kitty", "COLORTERM": "24bit"}, TrueColor},
		{map[string]string{"TERM": "xterm-direct"}, TrueColor},
		{map[string]string{"TERM": "screen-256color"}, Color256},
		{map[string]string{"TERM": "vt100"}, NoColor},
	} {
		if got := colorFor(func(name string) string { return c.environ[name] }); got != c.want {
			t.Errorf("%v has colours %v, expected %v", c.environ, got, c.want)
		}
	}
}
