package main

import (
	"container/heap"
	"errors"
	"math"
	"math/rand/v2"

	"smoothlab/certify"
)

// job is a certification on many nodes. Times are in seconds.
type job struct {
	Images      int     `default:"1000000" help:"Number of images."`
	Nodes       int     `default:"100" help:"Number of nodes, which compute one shard each at a time."`
	Seconds     float64 `default:"0.5" help:"Seconds per image on an ordinary node."`
	Start       float64 `default:"5" help:"Seconds until a task computes its first image."`
	Slow        float64 `default:"0.05" help:"Fraction of the nodes that are slow."`
	Slowness    float64 `default:"3" help:"How many times longer a slow node takes."`
	Preemptions float64 `default:"0.1" help:"Preemptions per node and hour."`
	Away        float64 `default:"120" help:"Seconds until a preempted node takes another task."`
	Shards      int     `kong:"-"`
}

func (j job) check() error {
	switch {
	case j.Images < 1 || j.Nodes < 1 || j.Shards < 1 || j.Shards > j.Images:
		return errors.New("there must be at least one image, one node and one shard, and no more shards than images")
	case !(j.Seconds > 0) || !(j.Start >= 0) || !(j.Slow >= 0 && j.Slow <= 1) || !(j.Slowness >= 1) ||
		!(j.Preemptions >= 0) || !(j.Away >= 0):
		return errors.New("seconds must be positive, slow from 0 to 1, slowness at least 1, and the others at least 0")
	case j.Preemptions*(j.Start+j.Slowness*j.Seconds) > 3600:
		return errors.New("nodes are preempted before an image is finished; the job would not end")
	}
	return nil
}

// ideal returns the time of a job whose nodes are alike, always busy, and start at once.
func ideal(j job) float64 { return float64(j.Images) * j.Seconds / float64(j.Nodes) }

// outcome is what one simulation came to.
type outcome struct {
	seconds float64 // until the last shard is finished
	busy    float64 // seconds that all nodes together spent on tasks
	starts  int     // tasks that were started
	lost    int     // images that were in progress when a node was preempted
}

// shard is a task that waits or runs.
type shard struct{ left int } // images that are not in its log

// node is free from a time on.
type node struct {
	free  float64
	image float64 // seconds per image
}

// nodes is a heap: the node that is free first comes first.
type nodes []*node

func (n nodes) Len() int           { return len(n) }
func (n nodes) Less(a, b int) bool { return n[a].free < n[b].free }
func (n nodes) Swap(a, b int)      { n[a], n[b] = n[b], n[a] }
func (n *nodes) Push(x any)        { *n = append(*n, x.(*node)) }
func (n *nodes) Pop() any {
	last := (*n)[len(*n)-1]
	*n = (*n)[:len(*n)-1]
	return last
}

// waiting is a shard that returns to the queue at a time.
type waiting struct {
	since float64
	shard shard
}

// simulate runs a job once. Nodes take tasks in the order in which they become free; a preempted shard is taken before
// those that were never begun, as Slurm and Kubernetes do with tasks that are queued again.
func simulate(j job, seed uint64) outcome {
	random := rand.New(rand.NewPCG(seed, 0))
	free := makeNodes(j)
	var again []waiting
	fresh := 0 // shards that were begun
	var o outcome
	for unfinished := j.Shards; unfinished > 0; {
		n := heap.Pop(free).(*node)
		var s shard
		if len(again) > 0 && (again[0].since <= n.free || fresh == j.Shards) {
			n.free = max(n.free, again[0].since)
			s, again = again[0].shard, again[1:]
		} else { // there is one: what was begun is finished or in again, even if it returns later than now
			fresh++
			s = shard{left: certify.Shard{Number: fresh, Of: j.Shards}.Size(j.Images)}
		}
		o.starts++
		needs := j.Start + float64(s.left)*n.image
		until := preemption(j, random)
		if needs <= until {
			n.free += needs
			o.busy += needs
			o.seconds = max(o.seconds, n.free)
			unfinished--
			heap.Push(free, n)
			continue
		}
		if computed := (until - j.Start) / n.image; computed > 0 {
			s.left -= int(computed)
			o.lost++
		}
		n.free += until
		o.busy += until
		again = insert(again, waiting{since: n.free, shard: s})
		n.free += j.Away
		heap.Push(free, n)
	}
	return o
}

// insert keeps the queue in the order of time.
func insert(queue []waiting, w waiting) []waiting {
	at := len(queue)
	for at > 0 && queue[at-1].since > w.since {
		at--
	}
	queue = append(queue, waiting{})
	copy(queue[at+1:], queue[at:])
	queue[at] = w
	return queue
}

// makeNodes returns the nodes, of which the slow ones are spread evenly over the order of their first tasks.
func makeNodes(j job) *nodes {
	all := make(nodes, j.Nodes)
	slow := 0.0
	for i := range all {
		all[i] = &node{image: j.Seconds}
		if slow += j.Slow; slow >= 1 {
			slow--
			all[i].image *= j.Slowness
		}
	}
	heap.Init(&all)
	return &all
}

// preemption returns the time from a task's start to its node's next preemption, which is exponentially distributed.
func preemption(j job, random *rand.Rand) float64 {
	if j.Preemptions == 0 {
		return math.Inf(1)
	}
	return random.ExpFloat64() * 3600 / j.Preemptions
}
