package method

import . "github.com/gomlx/gomlx/core/graph"

// Selection holds what a method decides about the m noisy copies of each image, for a walk.
type Selection struct {
	Classes    *Node // [m, B] int32: class of each copy, in training mode
	Share      *Node // [B]: share of the copies that are classified as the label
	Confidence *Node // [B]: probability with which each copy is accepted: Share, or the target's
	Losses     *Node // [m, B]: cross-entropy of each copy with the label
	Accepted   *Node // [B]: number of copies, those of the smallest losses, that are trained on; at least 1
	Mask       *Node // [B]: 1 if all are
	Low        *Node // [B]: losses of the accepted copies, divided by m
	High       *Node // [B]: largest divergence from the target among the copies after the search
}

// ShowSelection records what the method decides, for a walk. Only the first call of a step counts.
func (st *Step) ShowSelection(selection Selection) {
	if st.chosen == nil {
		st.chosen = &selection
	}
}

// Selection returns what the method showed, or nil if it selects nothing.
func (st *Step) Selection() *Selection { return st.chosen }
