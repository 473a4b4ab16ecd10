package report

// InFull returns r as show() displays it: the text includes asides and all pictures. The JSON form does not change.
func InFull(r Report) Report {
	if _, already := r.(inFull); already || r == nil {
		return r
	}
	return inFull{r}
}

type inFull struct{ Report }

// Unwrapped returns the report without [InFull] and [Shown], and whether to show it in full.
func Unwrapped(r Report) (_ Report, full bool) {
	for {
		switch wrapped := r.(type) {
		case inFull:
			r, full = wrapped.Report, true
		case Shown:
			r = wrapped.Report
		default:
			return r, full
		}
	}
}

func (r inFull) Blocks() []Block { return opened(r.Report.Blocks()) }

func opened(blocks []Block) []Block {
	var all []Block
	for _, b := range blocks {
		switch b := b.(type) {
		case Aside:
			all = append(all, opened(b)...)
		case Pictures:
			b.full = true
			all = append(all, b)
		default:
			all = append(all, b)
		}
	}
	return all
}
