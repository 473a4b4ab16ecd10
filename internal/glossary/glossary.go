// Package glossary lists the terms of randomized smoothing, training and certification that this project uses.
//
// docs/glossary.md is made from [Entries] by package docgen, and help("ACR") in a session prints the entry that [Find]
// returns. To add a term, add one line to the list, in alphabetical order.
package glossary

import "strings"

// Entry explains one term.
type Entry struct {
	Term  string
	Also  []string // other spellings and close synonyms under which it is found
	Group string   // certification, training or program
	Text  string   // one to three sentences, Markdown without links
}

// Find returns the entry of a term, without regard to case.
func Find(term string) (Entry, bool) {
	for _, e := range Entries() {
		if strings.EqualFold(e.Term, term) {
			return e, true
		}
		for _, also := range e.Also {
			if strings.EqualFold(also, term) {
				return e, true
			}
		}
	}
	return Entry{}, false
}

// Groups returns the groups of the glossary in their order.
func Groups() []string { return []string{certification, training, program} }

const certification, training, program = "certification", "training", "program"

// Entries returns the glossary, sorted by group and term.
func Entries() []Entry {
	return append(append(certificationTerms(), trainingTerms()...), programTerms()...)
}
