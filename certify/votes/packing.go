package votes

import "smoothlab/certify"

// maxSlots is the largest number of images per call. With more, a chunk of 1000 would have fewer than 16 votes per
// image, and every call copies them all to the device.
const maxSlots = 64

// slotsOf returns the number of images of a chunk: one number per shape, so that there is one program.
func slotsOf(chunk int) int { return min(maxSlots, chunk) }

// batch is the work of one call: one row per noisy copy.
type batch struct {
	requests []int    // by slot
	slot     []int32  // by row: the image; 0 in rows that are not used
	sample   []uint32 // by row: the number of the copy
	used     int      // rows that count, the first ones
	first    int      // number of the first row's copy in a [copies]; else unused
}

// packing cuts requests into batches. It holds no more than one of them.
type packing struct {
	requests  []certify.Request
	chunk     int
	at, taken int // the request whose copies come next, and how many of it are gone
}

func newPacking(requests []certify.Request, chunk int) *packing {
	return &packing{requests: requests, chunk: chunk}
}

// batches returns the smallest possible number of batches, before the first is taken.
func (p *packing) batches() int {
	votes := 0
	for _, r := range p.requests {
		votes += r.N
	}
	return (votes + p.chunk - 1) / p.chunk
}

// next returns the next batch, false if there is none.
func (p *packing) next() (b batch, more bool) {
	b = batch{slot: make([]int32, p.chunk), sample: make([]uint32, p.chunk)}
	for p.at < len(p.requests) && b.used < p.chunk && len(b.requests) < slotsOf(p.chunk) {
		r := p.requests[p.at]
		n := min(r.N-p.taken, p.chunk-b.used)
		if n > 0 {
			for i := range n {
				b.slot[b.used+i] = int32(len(b.requests))
				b.sample[b.used+i] = uint32(r.First + p.taken + i)
			}
			b.requests = append(b.requests, p.at)
			b.used += n
			p.taken += n
		}
		if p.taken == r.N {
			p.at, p.taken = p.at+1, 0
		}
	}
	return b, b.used > 0
}
