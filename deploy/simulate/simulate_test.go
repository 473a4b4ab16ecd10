package main

import (
	"bytes"
	"math"
	"strings"
	"testing"
)

// Without trouble, and with slow nodes, times can be counted by hand.
func TestSimulateExactly(t *testing.T) {
	for _, c := range []struct {
		name string
		job  job
		want outcome
	}{
		{"one node", job{Images: 10, Nodes: 1, Seconds: 2, Start: 5, Shards: 1}, outcome{seconds: 25, busy: 25, starts: 1}},
		// Shards of 4, 3 and 3 images.
		{"alike", job{Images: 10, Nodes: 3, Seconds: 2, Start: 5, Shards: 3}, outcome{seconds: 13, busy: 35, starts: 3}},
		{"more nodes than shards", job{Images: 2, Nodes: 9, Seconds: 2, Start: 1, Shards: 2},
			outcome{seconds: 3, busy: 6, starts: 2}},
		// The second node takes 3 s per image: 5 images there take 15 s.
		{"one slow, large shards", job{Images: 10, Nodes: 2, Seconds: 1, Slow: 0.5, Slowness: 3, Shards: 2},
			outcome{seconds: 15, busy: 20, starts: 2}},
		// Shards of one image: each node takes the next when it is free. At 6 s both are, with two images left.
		{"one slow, small shards", job{Images: 10, Nodes: 2, Seconds: 1, Slow: 0.5, Slowness: 3, Shards: 10},
			outcome{seconds: 9, busy: 16, starts: 10}},
	} {
		if got := simulate(c.job, 1); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}

// Preemptions are a Poisson process: their number is the rate times the time under it, within five standard deviations,
// and each costs at most an image and a start.
func TestSimulatePreemptions(t *testing.T) {
	j := job{Images: 200_000, Nodes: 50, Seconds: 1, Start: 10, Preemptions: 2, Away: 100, Shards: 400}
	o := simulate(j, 1)
	preemptions := float64(o.starts - j.Shards)
	expected := j.Preemptions * o.busy / 3600
	if math.Abs(preemptions-expected) > 5*math.Sqrt(expected) {
		t.Errorf("%g preemptions in %g s, want about %g", preemptions, o.busy, expected)
	}
	least := float64(j.Images)*j.Seconds + float64(j.Shards)*j.Start
	most := float64(j.Images+o.lost)*j.Seconds + float64(o.starts)*j.Start
	if o.busy < least || o.busy > most || o.lost == 0 || float64(o.lost) > preemptions {
		t.Errorf("%+v: busy for %g, want %g to %g", o, o.busy, least, most)
	}
	if o.seconds < ideal(j) {
		t.Errorf("%g s, less than the ideal %g", o.seconds, ideal(j))
	}
	if again := simulate(j, 1); again != o {
		t.Errorf("the same seed gives %+v and %+v", o, again)
	}
}

func TestRun(t *testing.T) {
	good := options{
		job:   job{Images: 1000, Nodes: 10, Seconds: 36, Start: 5, Slow: 0.1, Slowness: 3, Preemptions: 0.1, Away: 60},
		Tasks: []int{10, 100},
		Runs:  3,
	}
	var out bytes.Buffer
	if err := run(good, &out); err != nil {
		t.Fatal(err)
	}
	if text := out.String(); !strings.Contains(text, "10 nodes: 1.0 h if nothing goes wrong") ||
		strings.Count(text, "\n") != 2+1+2*len(troubles) {
		t.Error(text)
	}
	for name, change := range map[string]func(*options){
		"runs": func(o *options) { o.Runs = 0 }, "shards": func(o *options) { o.Tasks = []int{1001} },
		"nodes": func(o *options) { o.Nodes = 0 }, "seconds": func(o *options) { o.Seconds = math.NaN() },
		"slow": func(o *options) { o.Slow = 2 }, "never ends": func(o *options) { o.Preemptions = 1000 },
	} {
		bad := good
		change(&bad)
		if err := run(bad, &out); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
