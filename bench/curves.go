package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"smoothlab/figure"
	"smoothlab/internal/texttable"
	"smoothlab/smoothmix"
)

// curve is a cost as a function of one number, everything else being the same.
type curve struct {
	name   string
	axis   string // what x is
	unit   string
	values []int // of x
	cores  bool  // x is the number of cores
	// run computes once and returns what it took and the number of units.
	run func(ctx context.Context, s *ourSide, x int) (cost, int, error)
}

// defaultImages is the number of images of a SmoothMix step with the default settings.
const defaultImages = 64

// curves returns the list. Each varies one number of a default SmoothMix step of LeNet, or of votes for LeNet.
func curves() []curve {
	return []curve{
		{
			name: "votes_n", axis: "votes per image, N", unit: "vote",
			values: []int{1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000},
			run:    func(ctx context.Context, s *ourSide, n int) (cost, int, error) { return s.growVotes(ctx, 0, n) },
		},
		{
			name: "votes_batch", axis: "copies per call", unit: "vote",
			values: []int{50, 100, 200, 500, 1000, 2000, 4000},
			run: func(ctx context.Context, s *ourSide, chunk int) (cost, int, error) {
				return s.growVotes(ctx, chunk, 4000)
			},
		},
		{
			name: "certify_images", axis: "images, at N = 100", unit: "image", values: []int{10, 30, 100, 300},
			run: func(ctx context.Context, s *ourSide, images int) (cost, int, error) {
				took, err := s.certifyAt(ctx, "lenet", images, 100)
				return took, images, err
			},
		},
		{
			name: "step_m", axis: "noisy copies, m", unit: "step", values: []int{1, 2, 4, 8, 16},
			run: func(ctx context.Context, s *ourSide, m int) (cost, int, error) {
				return s.growStep(ctx, m, 4, defaultImages)
			},
		},
		{
			name: "step_t", axis: "search steps, T", unit: "step", values: []int{1, 2, 4, 8, 16},
			run: func(ctx context.Context, s *ourSide, t int) (cost, int, error) {
				return s.growStep(ctx, 4, t, defaultImages)
			},
		},
		{
			name: "step_batch", axis: "images per step", unit: "step", values: []int{16, 32, 64, 128, 256},
			run: func(ctx context.Context, s *ourSide, images int) (cost, int, error) {
				return s.growStep(ctx, 4, 4, images)
			},
		},
		{
			name: "votes_cores", axis: "cores", unit: "vote", values: []int{1, 2, 4, 8, 16, 32, 64}, cores: true,
			run: func(ctx context.Context, s *ourSide, _ int) (cost, int, error) { return s.growVotes(ctx, 0, 10_000) },
		},
		{
			name: "step_cores", axis: "cores", unit: "step", values: []int{1, 2, 4, 8, 16, 32, 64}, cores: true,
			run: func(ctx context.Context, s *ourSide, _ int) (cost, int, error) {
				return s.growStep(ctx, 4, 4, defaultImages)
			},
		},
	}
}

// growVotes takes votes of LeNet for one image.
func (s *ourSide) growVotes(ctx context.Context, chunk, number int) (cost, int, error) {
	c, d, err := s.network("lenet", 1)
	if err != nil {
		return cost{}, 0, err
	}
	took, err := s.count(ctx, c, d, chunk, number)
	return took, number, err
}

// growStep takes four SmoothMix steps of LeNet.
func (s *ourSide) growStep(ctx context.Context, m, steps, images int) (cost, int, error) {
	const repeat = 4
	how := smoothmix.New()
	how.M, how.Steps = m, steps
	took, err := s.trainBatch(ctx, "lenet", how, m*images, repeat)
	return took, repeat, err
}

// curveNames lists the curves of points, in their order.
func curveNames(all []point) []string {
	var names []string
	for _, p := range all {
		if !slices.Contains(names, p.Curve) {
			names = append(names, p.Curve)
		}
	}
	return names
}

// growthFigure draws one curve: milliseconds of a step or an image, or votes per second.
func growthFigure(name string, all []point) ([]byte, error) {
	var middle, low, high figure.Line
	f := figure.Figure{Title: name}
	for _, p := range all {
		if p.Curve != name {
			continue
		}
		y := func(seconds float64) float64 { return 1000 * seconds }
		f.Y.Name = "ms per " + p.Unit
		if p.Unit == "vote" {
			y = func(seconds float64) float64 { return 1 / seconds }
			f.Y.Name = "votes per second"
		}
		f.X.Name = p.Axis
		x := float64(p.X)
		middle.X, middle.Y = append(middle.X, x), append(middle.Y, y(p.Seconds))
		low.X, low.Y = append(low.X, x), append(low.Y, y(p.Low))
		high.X, high.Y = append(high.X, x), append(high.Y, y(p.High))
	}
	middle.Name, low.Name, high.Name = "median", "fastest round", "slowest round"
	f.Lines = []figure.Line{middle, low, high}
	return f.Draw("svg")
}

// growthTable formats the points for the terminal.
func growthTable(all []point) string {
	rows := [][]string{{
		"curve", "x", "cores", "ms per unit", "spread", "processors, ms", "per second", "peak MB",
	}}
	for _, p := range all {
		rows = append(rows, []string{
			p.Curve,
			strconv.Itoa(p.X),
			strconv.Itoa(p.Cores),
			fmt.Sprintf("%.3g", 1000*p.Seconds),
			fmt.Sprintf("%.3g…%.3g", 1000*p.Low, 1000*p.High),
			fmt.Sprintf("%.3g", 1000*p.CPU),
			fmt.Sprintf("%.4g", 1/p.Seconds),
			fmt.Sprint(p.Memory / 1_000_000),
		})
	}
	return texttable.New(rows, 1).Text(rows)
}
