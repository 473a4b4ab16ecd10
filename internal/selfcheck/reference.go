package selfcheck

import (
	_ "embed"
	"encoding/json"
	"math"

	"smoothlab/noise"
)

// projections is the number of projections that are kept of an array.
const projections = 8

// sketch is what is kept of a right result: for each array its size and its projections on random signs. The mean
// square of the projections of a difference is the square of its size.
type sketch []sketchedArray

type sketchedArray struct {
	Norm        float64              `json:"norm"` // L2
	Projections [projections]float64 `json:"projections"`
}

//go:embed testdata/references.json
var referencesJSON []byte

// references are sketches of what GoMLX's Go backend computes, which shares no code with XLA, by case and variant.
var references = func() (all map[string][Variants]sketch) {
	if err := json.Unmarshal(referencesJSON, &all); err != nil {
		panic(err) // an embedded file that the test reads
	}
	return all
}()

// sketchOf is the sketch of a result.
func sketchOf(result [][]float32) sketch {
	s := make(sketch, len(result))
	for i, array := range result {
		signs := noise.NewStream(0, noise.Simulate, uint32(i))
		square := 0.0
		for _, x := range array {
			bits := signs.Uint64()
			square += float64(x) * float64(x)
			for p := range s[i].Projections {
				s[i].Projections[p] += float64(x) * float64(1-2*int(bits>>p&1))
			}
		}
		s[i].Norm = math.Sqrt(square)
	}
	return s
}

// off estimates the largest ‖a−b‖/‖b‖ of a result's arrays, where b is what was sketched.
func (s sketch) off(result [][]float32) float64 {
	if len(s) != len(result) {
		return math.Inf(1)
	}
	largest := 0.0
	for i, a := range sketchOf(result) {
		square := 0.0
		for p, x := range a.Projections {
			d := x - s[i].Projections[p]
			square += d * d
		}
		off := math.Sqrt(square/projections) / s[i].Norm
		switch {
		case square == 0:
			continue
		case math.IsNaN(off):
			off = math.Inf(1)
		}
		largest = max(largest, off)
	}
	return largest
}
