package report

// InFull is r as show() shows it: text has its asides too, and all its pictures. The JSON form is that of r.
func InFull(r Report) Report {
	if _, already := r.(inFull); already || r == nil {
		return r
	}
	return inFull{r}
}

type inFull struct{ Report }

// Unwrapped is the report itself, without [InFull] and [Shown], and whether it is to be shown in full.
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
