// Package suggest helps with names that were mistyped: given a list, the one list that the caller keeps, it finds the
// name that was most likely meant and words the error. [Of] finds the nearest, [Sentence] words the error, [Find] looks
// up and does both; [Number] is for numbers.
package suggest

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/agnivade/levenshtein"
)

// Of returns the name that is most like word, or "" where every name would need
// more than a third of its letters (rounded up) or all of them changed. Case
// does not count; of equally near names the first wins.
func Of(word string, names []string) string {
	best, bestDistance := "", -1
	letters := utf8.RuneCountInString(word)
	for _, name := range names {
		of := utf8.RuneCountInString(name)
		longer := max(letters, of)
		if longer-min(letters, of) > (longer+2)/3 { // the distance is at least this
			continue
		}
		d := levenshtein.ComputeDistance(strings.ToLower(word), strings.ToLower(name))
		if d > (longer+2)/3 || d == longer {
			continue
		}
		if bestDistance < 0 || d < bestDistance {
			best, bestDistance = name, d
		}
	}
	return best
}

// Sentence returns an error text: word is not a name of that kind ("data set"),
// the nearest name, and all names. A long word is cut.
func Sentence(kind, word string, names []string) string {
	const shown = 200
	if len(word) > shown {
		word = strings.ToValidUTF8(word[:shown], "") + "…"
	}
	guess := ";"
	if name := Of(word, names); name != "" {
		guess = fmt.Sprintf(": did you mean %q?", name)
	}
	return fmt.Sprintf("unknown %s %q%s known: %s", kind, word, guess, strings.Join(names, ", "))
}

// Number is the error that there is no such number among those of a kind ("sigma"), with the nearest one.
func Number(kind string, x float64, known []float64) error {
	if len(known) == 0 {
		return fmt.Errorf("unknown %s %v: there is none", kind, x)
	}
	sorted := slices.Sorted(slices.Values(known))
	closest := slices.MinFunc(sorted, func(a, b float64) int { return cmp.Compare(math.Abs(a-x), math.Abs(b-x)) })
	return fmt.Errorf(
		"unknown %s %v: the nearest is %v; known: %s",
		kind,
		x,
		closest,
		strings.Trim(strings.Join(strings.Fields(fmt.Sprint(sorted)), ", "), "[]"),
	)
}

// Find returns the element of a list that has the given name, or an error that is a [Sentence].
func Find[T any](kind, word string, list []T, name func(T) string) (T, error) {
	names := make([]string, len(list))
	for i, e := range list {
		if names[i] = name(e); names[i] == word {
			return e, nil
		}
	}
	var none T
	return none, errors.New(Sentence(kind, word, names))
}
