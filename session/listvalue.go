package session

import (
	"smoothlab/report"

	"go.starlark.net/starlark"
)

// listValue is a report whose elements can be indexed, sliced and looped over, such as the points of a search. Elements
// are made when they are read.
type listValue struct {
	*reportValue
	n  int
	at func(i int) starlark.Value
}

var (
	_ starlark.Sliceable = (*listValue)(nil)
	_ starlark.Sequence  = (*listValue)(nil)
	_ reporter           = (*listValue)(nil)
)

func newListValue(r report.Report, n int, at func(i int) starlark.Value, parts ...part) *listValue {
	return &listValue{newReportValue(r, parts...), n, at}
}

// elements returns all elements as a list.
func elements(n int, at func(i int) starlark.Value) starlark.Value {
	list := make([]starlark.Value, n)
	for i := range list {
		list[i] = at(i)
	}
	return starlark.NewList(list)
}

func (v *listValue) Len() int                   { return v.n }
func (v *listValue) Index(i int) starlark.Value { return v.at(i) }
func (v *listValue) Iterate() starlark.Iterator { return &listIterator{of: v} }

// Slice returns a list of some elements.
func (v *listValue) Slice(start, end, step int) starlark.Value {
	var list []starlark.Value
	for i := start; step > 0 && i < end || step < 0 && i > end; i += step {
		list = append(list, v.at(i))
	}
	return starlark.NewList(list)
}

type listIterator struct {
	of   *listValue
	next int
}

func (it *listIterator) Next(p *starlark.Value) bool {
	if it.next >= it.of.n {
		return false
	}
	*p = it.of.at(it.next)
	it.next++
	return true
}

func (*listIterator) Done() {}
