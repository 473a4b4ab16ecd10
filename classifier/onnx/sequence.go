package onnx

import (
	"errors"
	"fmt"
)

// splitToSequence plans SplitToSequence, whose result only SequenceAt can take apart.
func splitToSequence(c *call) ([]*value, error) {
	if c.node.int("keepdims", 1) == 0 && !c.has(1) {
		return nil, errors.New("without the axis that it splits is not supported")
	}
	x := c.in[0]
	along, err := axis(c.node.int("axis", 0), x.rank())
	if err != nil {
		return nil, err
	}
	var sizes []int
	each := 1
	if c.has(1) {
		if sizes, err = c.fixed(1); err != nil {
			return nil, err
		}
		if len(c.in[1].dims) == 0 { // one size for all, the last may be smaller
			each, sizes = sizes[0], nil
		}
	}
	if each < 1 {
		return nil, fmt.Errorf("into parts of %d is impossible", each)
	}
	if sizes == nil {
		for left := x.dims[along]; left > 0; left -= each {
			sizes = append(sizes, min(each, left))
		}
	}
	parts, err := c.parts(along, sizes)
	if err != nil {
		return nil, err
	}
	return []*value{{kind: list, place: nowhere, parts: parts}}, nil
}

// sequenceAt plans SequenceAt.
func sequenceAt(c *call) ([]*value, error) {
	if c.in[0].kind != list {
		return nil, errors.New("its input is not a list of values")
	}
	at, err := c.fixed(1)
	if err != nil {
		return nil, err
	}
	if len(at) != 1 {
		return nil, errors.New("its position is not one number")
	}
	i, err := axis(at[0], len(c.in[0].parts))
	if err != nil {
		return nil, fmt.Errorf("position %d of %d values", at[0], len(c.in[0].parts))
	}
	return []*value{c.in[0].parts[i]}, nil
}
