package lineedit

import (
	"strings"

	"github.com/chzyer/readline"
)

// search is the state of a search through the history.
type search struct {
	query   string
	back    bool   // towards older items
	at      int    // the item that is shown
	failing bool   // nothing more was found
	was     string // the text before the search
	wasPos  int    // the cursor in it
}

func (e *editor) beginSearch(back bool) {
	e.search = &search{back: back, at: len(e.history.items), was: string(e.text), wasPos: e.pos}
	if back {
		e.search.at = e.history.at
	}
	e.showSearch()
}

// searchKey handles a key of the search. It returns false for other keys, which end the search and then act as usual.
func (e *editor) searchKey(r rune) bool {
	s := e.search
	switch r {
	case readline.CharBckSearch, readline.CharFwdSearch:
		s.back = r == readline.CharBckSearch
		e.find(s.at+s.step(), string(e.text))
	case readline.CharBackspace, readline.CharCtrlH:
		if runes := []rune(s.query); len(runes) > 0 {
			s.query = string(runes[:len(runes)-1])
		}
		e.find(len(e.history.items)-1, "")
	case readline.CharBell: // Ctrl-G
		e.text, e.pos = []rune(s.was), s.wasPos
		e.search, e.below = nil, nil
		return true
	case readline.CharEnter, readline.CharCtrlJ:
		e.endSearch()
		return true
	case keyPaste:
		e.query(strings.TrimSpace(e.input.paste()))
	case keyMore, keyIndented, keyNothing:
	default:
		if r < ' ' || r >= keyNothing {
			return false
		}
		e.query(string(r))
	}
	if e.search != nil {
		e.showSearch()
	}
	return true
}

// query adds to the query and searches.
func (e *editor) query(more string) {
	s := e.search
	s.query += more
	e.find(min(s.at, len(e.history.items)-1), "")
}

func (s *search) step() int {
	if s.back {
		return -1
	}
	return 1
}

// find shows the next item, from an index on, that contains the query and differs from other.
func (e *editor) find(from int, other string) {
	s := e.search
	if s.query == "" {
		s.failing = false
		return
	}
	at := e.history.search(s.query, from, s.step())
	for at >= 0 && e.history.items[at] == other {
		at = e.history.search(s.query, at+s.step(), s.step())
	}
	s.failing = at < 0
	if s.failing {
		return
	}
	s.at = at
	item := e.history.items[at]
	e.text = []rune(item)
	e.pos = len([]rune(item[:strings.Index(item, s.query)]))
	e.pasted = false
}

func (e *editor) showSearch() {
	line := "search: " + e.search.query + "_"
	if e.search.failing {
		line += "   nothing more"
	}
	e.below = []string{line + "   (Ctrl-R older, Ctrl-S newer, Enter takes it, Ctrl-G leaves)"}
}

// endSearch keeps the item that was found; Up and Down continue from there.
func (e *editor) endSearch() {
	if s := e.search; s.at < len(e.history.items) && e.history.items[s.at] == string(e.text) {
		e.history.drafts[e.history.at] = s.was
		e.history.at = s.at
	}
	e.search, e.below = nil, nil
}
