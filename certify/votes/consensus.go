package votes

import (
	"context"
	"slices"
	"sync"

	"smoothlab/certify"
	"smoothlab/noise"
)

// passes counts votes and the forward passes through single networks that they took.
type passes struct {
	mu              sync.Mutex
	networks, votes int
}

// add counts one vote.
func (p *passes) add(networks int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.networks += networks
	p.votes++
}

// members returns the number of networks that the classifier consists of.
func (v *Voter) members() int {
	if v.arch.Ensemble == nil {
		return 1
	}
	return len(v.arch.Ensemble.Members)
}

// Passes returns how many forward passes through single networks the votes took so far, the number of these votes, and
// the number of networks. Without K-consensus each vote takes one pass through every network. Copies that fill up a
// chunk are not counted.
func (v *Voter) Passes() (networks, votes, members int) {
	v.passes.mu.Lock()
	defer v.passes.mu.Unlock()
	return v.passes.networks, v.passes.votes, v.members()
}

// stopsEarly reports whether some votes do without some members.
func (v *Voter) stopsEarly() bool {
	e := v.arch.Ensemble
	return e != nil && e.Consensus > 0 && e.Consensus < len(e.Members)
}

// disputed is a noisy copy on which the first members disagree, with the sums of their logits.
type disputed struct {
	request int
	sample  uint32
	sums    []float32
}

// maxDisputed bounds the copies, in chunks, that are drawn before the disputed ones are settled, and with them memory.
const maxDisputed = 64

// agree counts votes by K-consensus (Horváth et al., ICLR 2022, section 5): the class of the first K members where they
// agree, else the class with the largest sum of all members' logits, which are added in their order as the whole
// ensemble does.
func (v *Voter) agree(ctx context.Context, p noise.Purpose, requests []certify.Request) error {
	for piece := range pieces(requests, maxDisputed*v.shape(p)) {
		if err := v.agreeOn(ctx, p, piece); err != nil {
			return err
		}
	}
	return nil
}

func (v *Voter) agreeOn(ctx context.Context, p noise.Purpose, requests []certify.Request) error {
	k, n, classes := v.arch.Ensemble.Consensus, v.members(), v.arch.Classes
	open := &copies{chunk: v.shape(p)}
	err := v.compute(ctx, p, requests, newPacking(requests, v.shape(p)), part{0, k}, func(b batch, a Answer) error {
		for row := range b.used {
			request := b.requests[b.slot[row]]
			class, agreed, sums, err := poll(a.Logits[row*k*classes:(row+1)*k*classes], classes)
			switch {
			case err != nil:
				return err
			case agreed:
				requests[request].Counts[class]++
				v.passes.add(k)
			default:
				open.list = append(open.list, disputed{request, b.sample[row], sums})
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return v.compute(ctx, p, requests, open, part{k, n}, func(b batch, a Answer) error {
		for row := range b.used {
			d := open.list[b.first+row]
			rest := a.Logits[row*(n-k)*classes : (row+1)*(n-k)*classes]
			for i, l := range rest {
				d.sums[i%classes] += l
			}
			class, ok := largest(d.sums)
			if !ok {
				return errNoNumbers
			}
			requests[d.request].Counts[class]++
			v.passes.add(n)
		}
		return nil
	})
}

// poll returns the class of all members with these logits [members·classes], if they agree, and else the sums of their
// logits.
func poll(logits []float32, classes int) (class int, agreed bool, sums []float32, err error) {
	agreed = true
	for i := 0; i < len(logits); i += classes {
		own, ok := largest(logits[i : i+classes])
		if !ok {
			return 0, false, nil, errNoNumbers
		}
		if i == 0 {
			class = own
		}
		agreed = agreed && own == class
	}
	if agreed {
		return class, true, nil, nil
	}
	sums = slices.Clone(logits[:classes])
	for i, l := range logits[classes:] {
		sums[i%classes] += l
	}
	return 0, false, sums, nil
}

// copies are single noisy copies, packed into batches in their order.
type copies struct {
	list  []disputed
	chunk int
	at    int
}

func (c *copies) batches() int { return (len(c.list) + c.chunk - 1) / c.chunk }

func (c *copies) next() (b batch, more bool) {
	b = batch{slot: make([]int32, c.chunk), sample: make([]uint32, c.chunk), first: c.at}
	for ; c.at < len(c.list) && b.used < c.chunk; c.at++ {
		d := c.list[c.at]
		slot := slices.Index(b.requests, d.request)
		if slot < 0 {
			if slot = len(b.requests); slot == slotsOf(c.chunk) {
				break
			}
			b.requests = append(b.requests, d.request)
		}
		b.slot[b.used], b.sample[b.used] = int32(slot), d.sample
		b.used++
	}
	return b, b.used > 0
}

// pieces cuts requests into lists of at most n votes, with the same counts.
func pieces(requests []certify.Request, n int) func(yield func([]certify.Request) bool) {
	return func(yield func([]certify.Request) bool) {
		var piece []certify.Request
		left := n
		for _, r := range requests {
			for r.N > 0 {
				part := r
				part.N = min(r.N, left)
				piece = append(piece, part)
				r.First, r.N, left = r.First+part.N, r.N-part.N, left-part.N
				if left > 0 {
					continue
				}
				if !yield(piece) {
					return
				}
				piece, left = nil, n
			}
		}
		if piece != nil {
			yield(piece)
		}
	}
}
