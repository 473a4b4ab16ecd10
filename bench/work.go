package main

import (
	"slices"
	"strings"
)

// work is a task that both sides do.
type work struct {
	name  string
	unit  string
	n     int                // units per round
	goals map[string]float64 // ratios to be reached on two cores, by anchor
	// A derived work is the difference of two others per unit: a search step takes a third of the difference between
	// T=4 and T=1.
	longer, shorter string
	times           float64
	gpu             bool // too large for a CPU
	// flop is the number of multiplications and additions that the network needs per unit, in whatever form they are
	// computed.
	flop float64
}

// Multiplications and additions of LeNet per image: forward; forward and gradient of the input; forward and gradients
// of the parameters (docs/algorithms.md §14 counts the multiplications).
const (
	lenetForward = 4.586e6
	lenetAttack  = 9.17e6
	lenetTrain   = 13.18e6
)

// resnet20Forward is twice the multiplications of ResNet-20's convolutions and its last layer: 40.55e6 (He et al. 2016
// have 41e6); a training step takes three times as many, for the gradients of inputs and of weights.
const resnet20Forward = 81.1e6

// cnnForward is twice the multiplications of bench.py's CNN, a network that is imported from ONNX:
// 32·32·27·32 + 16·16·288·64 + 8·8·576·64 + 1024·10.
const cnnForward = 2 * 7.97e6

// works returns the list. To add a work, add one line here and one line on each side.
func works() []work {
	inference := map[string]float64{eager: 3, onnxRuntime: 1, openVINO: 1}
	return []work{
		{name: "gaussian_step", unit: "step of 256 images", n: 10, flop: 256 * lenetTrain},
		{
			name:  "smoothmix_step",
			unit:  "step of 64 images, m=4, T=4",
			n:     8,
			goals: map[string]float64{eager: 2.5, compiler: 2},
			flop:  256 * (4*lenetAttack + 2*lenetTrain),
		},
		{
			name: "smoothmix_step_t1",
			unit: "step of 64 images, m=4, T=1",
			n:    8,
			flop: 256 * (lenetAttack + 2*lenetTrain),
		},
		{
			name:    "search_step",
			unit:    "step of 64 images, m=4",
			longer:  "smoothmix_step",
			shorter: "smoothmix_step_t1",
			times:   3,
			goals:   map[string]float64{eager: 2.5},
			flop:    256 * lenetAttack,
		},
		{name: "smoothadv_step", unit: "step of 64 images, m=4, T=10", n: 4, flop: 256 * (10*lenetAttack + lenetTrain)},
		{name: "votes_lenet", unit: "batch of 1000 votes", n: 10, goals: inference, flop: 1000 * lenetForward},
		{name: "certify_lenet", unit: "image at N=10,000", n: 2, flop: 10_100 * lenetForward},
		{
			name:  "resnet20_step",
			unit:  "step of 256 images",
			n:     1,
			goals: map[string]float64{compiler: 1},
			flop:  256 * 3 * resnet20Forward,
		},
		{name: "votes_resnet20", unit: "batch of 1000 votes", n: 1, goals: inference, flop: 1000 * resnet20Forward},
		{name: "votes_cnn", unit: "batch of 1000 votes", n: 1, goals: inference, flop: 1000 * cnnForward},
		{name: "noise_digits", unit: "noise of 1000 digits", n: 20},
		{name: "noise_pictures", unit: "noise of 1000 pictures", n: 5},
		{name: "resnet110_step", unit: "step of 256 images", n: 4, gpu: true},
		{name: "votes_resnet110", unit: "batch of 1000 votes", n: 4, gpu: true},
	}
}

// worksOn returns the works for a device; the goals apply to a CPU.
func worksOn(device string) []work {
	all := works()
	if device == "cpu" {
		return slices.DeleteFunc(all, func(w work) bool { return w.gpu })
	}
	for i := range all {
		all[i].goals = nil
	}
	return all
}

// anchor is another way to do the works, all in the process of theirs: a work's name has its suffix there.
type anchor struct{ name, suffix string }

// Names of the anchors.
const (
	eager       = "PyTorch"
	compiler    = "torch.compile"
	onnxRuntime = "ONNX Runtime"
	openVINO    = "OpenVINO"
)

// anchorsOn returns the anchors for a device. The inference engines are installed for a CPU.
func anchorsOn(device string) []anchor {
	all := []anchor{{eager, ""}, {compiler, "_compiled"}, {onnxRuntime, "_onnxruntime"}, {openVINO, "_openvino"}}
	if device != "cpu" {
		return all[:2]
	}
	return all
}

func names(works []work) []string {
	var list []string
	for _, w := range works {
		list = append(list, w.name)
	}
	return list
}

// only returns the works whose name contains a text, and those that they are derived from.
func only(all []work, text string) []work {
	wanted := map[string]bool{}
	for _, w := range all {
		if strings.Contains(w.name, text) {
			wanted[w.name] = true
			wanted[w.longer], wanted[w.shorter] = true, true
		}
	}
	return slices.DeleteFunc(slices.Clone(all), func(w work) bool { return !wanted[w.name] })
}
