package session

import (
	"smoothlab/internal/glossary"
	"smoothlab/report"
)

// glossaryHelp returns the glossary entry of a term, or the whole glossary for the name "glossary".
func glossaryHelp(name string) (r report.HelpIndex, ok bool) {
	if name == "glossary" {
		for _, group := range glossary.Groups() {
			g := report.HelpGroup{Name: group}
			for _, e := range glossary.Entries() {
				if e.Group == group {
					g.Entries = append(g.Entries, report.Entry{Name: e.Term, Help: e.Text})
				}
			}
			r.Groups = append(r.Groups, g)
		}
		return r, true
	}
	e, ok := glossary.Find(name)
	if !ok {
		return r, false
	}
	return report.HelpIndex{
		Groups: []report.HelpGroup{{Name: e.Group, Entries: []report.Entry{{Name: e.Term, Help: e.Text}}}},
	}, true
}
