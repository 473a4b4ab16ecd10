package method

import . "github.com/gomlx/gomlx/core/graph"

// Search takes the setting "steps" steps of the method's search from x and returns the last point, without gradient:
// [B, …] → [B, …]. In a walk it returns the point that the walk has reached; then x must be X. A search that is OnNoise
// starts at Noise and returns noise: [m, B, …] → [m, B, …].
func (st *Step) Search(x *Node) *Node {
	if given := st.precomputed(x); given != nil {
		return given.Far
	}
	path := st.Path(x)
	return path[len(path)-1]
}

// NearSearch returns the point after the setting "mix_step" steps of the method's search from x: [B, …] → [B, …].
func (st *Step) NearSearch(x *Node) *Node {
	if given := st.precomputed(x); given != nil {
		return given.Near
	}
	return st.Path(x)[st.Int("mix_step")]
}

// precomputed returns the search from x if it was run before the step, or nil if it is part of the step.
func (st *Step) precomputed(x *Node) *Searched {
	if st.given == nil || x == st.origin() {
		return st.given
	}
	if st.given.Walk {
		panicf("a walk's search starts at the images, but %s starts elsewhere: it can be trained, not walked",
			st.method.Name())
	}
	return nil
}

// origin returns the node at which a search that runs before the step starts.
func (st *Step) origin() *Node {
	if st.method.Traits().OnNoise {
		return st.Noise
	}
	return st.X
}

// Path returns every point of the search from x, x first: steps+1 nodes [B, …].
func (st *Step) Path(x *Node) []*Node {
	path, ok := st.paths[x]
	if !ok {
		path = []*Node{x}
		for range st.Int("steps") {
			path = append(path, st.Advance(path[len(path)-1]))
		}
		st.paths[x] = path
	}
	return path
}

// Advance takes one step of the method's search: [B, …] → [B, …], without gradient.
func (st *Step) Advance(z *Node) *Node {
	advance := st.method.Traits().Advance
	if advance == nil {
		panicf("%s has no search step: give one as Advance in its Traits", st.method.Name())
	}
	return Detach(advance(st, Detach(z)))
}
