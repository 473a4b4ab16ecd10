package session

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"smoothlab/classifier"
	"smoothlab/dataset"
	"smoothlab/internal/glossary"
	"smoothlab/language"
	"smoothlab/report"
	"smoothlab/train"
)

// topic is one thing that help() finds.
type topic struct {
	name    string   // as help lists it: "train", "train(lr=…)", "certificates.acr"
	names   []string // names under which it is found: the last part, synonyms
	summary string
	text    string // what else is searched
}

// topics lists everything that help() searches: functions with their arguments, attributes and methods of values, the
// glossary, and the entries of the lists.
func (s *Session) topics() []topic {
	var all []topic
	for _, f := range s.interp.Functions() {
		all = append(all, functionTopics("", f)...)
	}
	for _, k := range Kinds() {
		all = append(all, topic{name: k.Name, names: []string{k.Name}, summary: k.Help})
		for _, a := range k.Attributes {
			all = append(all, topic{name: k.Name + "." + a.Name, names: []string{a.Name}, summary: a.Help})
		}
		for _, f := range k.Methods {
			all = append(all, functionTopics(k.Name+".", f)...)
		}
	}
	for _, e := range glossary.Entries() {
		all = append(all, topic{name: e.Term, names: append([]string{e.Term}, e.Also...), summary: e.Text})
	}
	for _, l := range helpLists() {
		if l.name == recipesList {
			continue
		}
		for _, e := range l.entries() {
			all = append(all, topic{name: l.name + ": " + e.Name, names: []string{e.Name}, summary: e.Help})
		}
	}
	return all
}

// functionTopics lists a function and its arguments.
func functionTopics(of string, f *language.Function) []topic {
	_, details, _ := strings.Cut(f.Help, "\n")
	all := []topic{{
		name:    of + f.Name,
		names:   []string{f.Name},
		summary: f.Summary(),
		text:    details + " " + strings.Join(f.Examples, " "),
	}}
	for _, p := range f.Params {
		all = append(all, topic{
			name:    fmt.Sprintf("%s%s(%s=…)", of, f.Name, p.Name),
			names:   []string{p.Name},
			summary: p.Help,
		})
	}
	return all
}

// helpList is a list of names that help() shows.
type helpList struct {
	name    string
	entries func() []report.Entry
}

// helpLists returns all of them but the zoo, which must be read.
func helpLists() []helpList {
	return []helpList{
		{"datasets", func() (all []report.Entry) {
			for _, e := range dataset.List() {
				all = append(all, report.Entry{Name: e.Name, Help: e.Help})
			}
			return all
		}},
		{"classifiers", func() (all []report.Entry) {
			for _, a := range classifier.Architectures() {
				all = append(all, report.Entry{Name: a.Name, Help: a.Help})
			}
			return all
		}},
		{recipesList, func() (all []report.Entry) {
			for _, r := range train.Recipes() {
				all = append(all, report.Entry{Name: r.Dataset + " " + r.Arch, Help: formatCall(r.Method)})
			}
			return all
		}},
		{"schedules", func() (all []report.Entry) {
			for _, e := range train.Schedules() {
				all = append(all, report.Entry{Name: e.Name, Help: e.Help})
			}
			return all
		}},
		{"optimizers", func() (all []report.Entry) {
			for _, o := range train.Optimizers() {
				all = append(all, report.Entry{Name: o.Name, Help: o.Help})
			}
			return all
		}},
	}
}

// recipesList is the list that a search leaves out: its entries have the same names many times.
const recipesList = "recipes"

// Weights of the places where help() finds a word.
const (
	isName = 100 // the word is a name of the topic
	begins = 40  // a name begins with it
	inName = 25  // a part of a name begins with it
	inLine = 10  // a word of the summary begins with it
	inText = 4   // a word of the other text does
)

// score rates how well a topic fits the words; 0 if one of them is nowhere.
func (t topic) score(words []string) int {
	total := 0
	for _, w := range words {
		best := 0
		for _, name := range t.names {
			name = strings.ToLower(name)
			switch {
			case name == w:
				best = max(best, isName)
			case strings.HasPrefix(name, w):
				best = max(best, begins)
			case slices.ContainsFunc(split(name), func(part string) bool { return strings.HasPrefix(part, w) }):
				best = max(best, inName)
			}
		}
		for _, place := range []struct {
			text   string
			weight int
		}{{t.summary, inLine}, {t.text, inText}} {
			if slices.ContainsFunc(split(place.text), func(part string) bool { return strings.HasPrefix(part, w) }) {
				best += place.weight
			}
		}
		if best == 0 {
			return 0
		}
		total += best
	}
	return total
}

// split returns the words of a text in lower case.
func split(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
}

// maxFound is the largest number of topics that a search lists.
const maxFound = 12

// search returns the topics that fit a text, best first, except one; false if there are none.
func (s *Session) search(text, except string) (report.HelpGroup, bool) {
	type hit struct {
		topic
		score int
	}
	words := split(text)
	var hits []hit
	for _, t := range s.topics() {
		if score := t.score(words); len(words) > 0 && score > 0 && t.name != except {
			hits = append(hits, hit{t, score})
		}
	}
	slices.SortStableFunc(hits, func(a, b hit) int { return cmp.Compare(b.score, a.score) })
	g := report.HelpGroup{Name: "found in help"}
	for _, h := range hits[:min(len(hits), maxFound)] {
		g.Entries = append(g.Entries, report.Entry{Name: h.name, Help: h.summary})
	}
	if rest := len(hits) - maxFound; rest > 0 {
		g.Entries = append(g.Entries, report.Entry{Name: "…", Help: fmt.Sprintf("%d more; add a word to narrow the search", rest)})
	}
	return g, len(hits) > 0
}
