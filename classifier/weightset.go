package classifier

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"smoothlab/classifier/weights"
)

// weightSet holds tensors of a file whose names, after a prefix, are names of a network's parameters.
type weightSet struct {
	arch    *Architecture // with as many outputs as the tensors have
	set     weights.Set
	prefix  string   // "" or ending in a dot
	matched int      // parameters that have a tensor
	wrong   []string // what does not fit
	stray   []string // names of the set that are neither parameters nor bookkeeping, sorted
}

// name is what Import.Weights calls the weights: the keys of the dict and the prefix.
func (w *weightSet) name() string { return dotted(w.set.Path, strings.TrimSuffix(w.prefix, ".")) }

func dotted(keys ...string) string {
	return strings.Join(slices.DeleteFunc(keys, func(k string) bool { return k == "" }), ".")
}

// counter ends the names of batch norm's count of batches. No result depends on it, so a file may lack it, or have it
// where the architecture has none.
const counter = "num_batches_tracked"

// bookkeeping reports whether no logit depends on the tensor of that name; torch.optim.swa_utils writes n_averaged.
func bookkeeping(name string) bool {
	return strings.HasSuffix(name, counter) || name == "n_averaged" || strings.HasSuffix(name, ".n_averaged")
}

// weightSets returns each way to read tensors as parameters of the network, the way with most parameters first.
func (a *Architecture) weightSets(sets []weights.Set) []*weightSet {
	place := map[string]bool{}
	for _, p := range a.Params {
		place[p.Name] = true
	}
	var all []*weightSet
	for _, s := range sets {
		prefixes := map[string]int{}
		for name := range s.Tensors {
			for at := 0; at >= 0; at = after(name, at) {
				if place[name[at:]] {
					prefixes[name[:at]]++
				}
			}
		}
		if len(prefixes) == 0 {
			prefixes[""] = 0
		}
		for _, prefix := range slices.Sorted(maps.Keys(prefixes)) {
			w := &weightSet{arch: a, set: s, prefix: prefix, matched: prefixes[prefix]}
			w.resize()
			w.compare()
			all = append(all, w)
		}
	}
	slices.SortStableFunc(all, func(v, w *weightSet) int { return cmp.Compare(w.matched, v.matched) })
	return all
}

// after returns the position after the next dot of a name, −1 if there is none.
func after(name string, at int) int {
	dot := strings.IndexByte(name[at:], '.')
	if dot < 0 {
		return -1
	}
	return at + dot + 1
}

// resize gives the network as many outputs as the tensors of its last layer have.
func (w *weightSet) resize() {
	outputs := 0
	for _, name := range w.arch.Head {
		dims := w.set.Tensors[w.prefix+name].Dims
		if len(dims) == 0 || outputs > 0 && dims[0] != outputs {
			return
		}
		outputs = dims[0]
	}
	if a, err := w.arch.WithClasses(outputs); outputs > 0 && err == nil {
		w.arch = a
	}
}

// compare records what does not fit, and what else the set holds.
func (w *weightSet) compare() {
	known := map[string]bool{}
	for _, p := range w.arch.Params {
		name := w.prefix + p.Name
		known[name] = true
		t, ok := w.set.Tensors[name]
		switch {
		case !ok && p.Role == Counter:
		case !ok:
			w.wrong = append(w.wrong, fmt.Sprintf("%s %v is missing", p.Name, p.Dims))
		case !slices.Equal(t.Dims, p.Dims):
			w.wrong = append(w.wrong, fmt.Sprintf("%s is %v, not %v", name, t.Dims, p.Dims))
		case p.Role == Counter && t.Values == nil, p.Role != Counter && !t.IsFloat():
			w.wrong = append(w.wrong, fmt.Sprintf("%s holds %s, not floating-point numbers", name, t.Type))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(w.set.Tensors)) {
		if !known[name] && !bookkeeping(name) {
			w.stray = append(w.stray, name)
		}
	}
}

// values returns the parameters, in their order.
func (w *weightSet) values() [][]float32 {
	var all [][]float32
	for _, p := range w.arch.Params {
		t, ok := w.set.Tensors[w.prefix+p.Name]
		if !ok { // a counter
			t.Values = make([]float32, p.Size())
		}
		all = append(all, t.Values)
	}
	return all
}

// same reports whether two sets hold the same numbers.
func (w *weightSet) same(v *weightSet) bool {
	return slices.EqualFunc(w.values(), v.values(), func(x, y []float32) bool { return slices.Equal(x, y) })
}

// strays describes names that are not parameters.
func (w *weightSet) strays(names []string) []string {
	var list []string
	for _, name := range names {
		list = append(list, fmt.Sprintf("%s %v is not a parameter", name, w.set.Tensors[name].Dims))
	}
	return list
}

// choose finds the weights of the network in a file. Notes say which were taken and what was left out.
func (how Import) choose(a *Architecture, f *weights.File) (*weightSet, []string, error) {
	all := a.weightSets(f.Sets)
	fitting := slices.DeleteFunc(slices.Clone(all), func(w *weightSet) bool { return w.wrong != nil })
	if len(fitting) == 0 {
		best := all[0]
		return nil, nil, fmt.Errorf(
			"does not fit %s: %s",
			a.Name,
			enumerate(append(best.strays(best.stray), best.wrong...)),
		)
	}
	chosen, err := how.pick(a, fitting)
	if err != nil {
		return nil, nil, err
	}
	chosen.disown(fitting)
	var notes, others []string
	if name := chosen.name(); name != "" {
		notes = append(notes, "weights of "+name)
	}
	for _, w := range fitting {
		if w != chosen && !w.same(chosen) {
			others = append(others, fmt.Sprintf("%q", w.label()))
		}
	}
	if others != nil {
		notes = append(notes, "not taken, though they fit: weights="+strings.Join(others, ", weights="))
	}
	if out := chosen.leftOut(how.Weights != ""); out != nil {
		notes = append(notes, "left out: "+strings.Join(out, ", "))
	}
	if chosen.wrong = chosen.alien(how.Weights != ""); chosen.wrong != nil {
		return nil, nil, fmt.Errorf("does not fit %s: %s%s", a.Name, enumerate(chosen.wrong), chosen.apart(how))
	}
	return chosen, notes, nil
}

// pick decides between weights that all fit.
func (how Import) pick(a *Architecture, fitting []*weightSet) (*weightSet, error) {
	if how.Weights != "" {
		return named(fitting, how.Weights)
	}
	ordinary := slices.DeleteFunc(slices.Clone(fitting), func(w *weightSet) bool { return averaged(w.name()) })
	if len(ordinary) == 0 {
		ordinary = fitting
	}
	for _, w := range ordinary[1:] {
		if !w.same(ordinary[0]) {
			return nil, fmt.Errorf(
				"it holds %d sets of weights that fit %s: choose one with weights=%s",
				len(fitting),
				a.Name,
				quotedNames(fitting, " or "),
			)
		}
	}
	return ordinary[0], nil
}

// label returns the value of weights= that selects these weights: their name, or "." if the names in the file have
// neither keys nor a prefix.
func (w *weightSet) label() string { return cmp.Or(w.name(), ".") }

// named returns the weights with a name, or with the only name that contains the text.
func named(fitting []*weightSet, name string) (*weightSet, error) {
	var like []*weightSet
	for _, w := range fitting {
		if w.label() == name {
			return w, nil
		}
		if strings.Contains(w.name(), name) {
			like = append(like, w)
		}
	}
	if len(fitting) == 1 && fitting[0].name() == "" {
		return nil, fmt.Errorf("weights=%q is not in the file, which holds one set of weights: leave weights out", name)
	}
	if len(like) != 1 {
		return nil, fmt.Errorf("weights=%q is not one of the sets that it holds: %s", name, quotedNames(fitting, ", "))
	}
	return like[0], nil
}

func quotedNames(sets []*weightSet, between string) string {
	var names []string
	for _, w := range sets {
		names = append(names, fmt.Sprintf("%q", w.label()))
	}
	return strings.Join(names, between)
}

// averaged reports whether a name belongs to a moving average of weights, which files hold next to the weights
// themselves.
func averaged(name string) bool {
	separator := func(r rune) bool { return r == '.' || r == '_' || r == '-' }
	for _, word := range strings.FieldsFunc(strings.ToLower(name), separator) {
		if strings.HasPrefix(word, "ema") || strings.HasSuffix(word, "ema") && word != "schema" || word == "swa" ||
			strings.HasPrefix(word, "average") ||
			word == "avg" ||
			word == "shadow" {
			return true
		}
	}
	return false
}

// disown removes the tensors of other weights in the same dict from the strays.
func (w *weightSet) disown(others []*weightSet) {
	for _, o := range others {
		if o == w || o.set.Path != w.set.Path || o.prefix == "" {
			continue
		}
		w.stray = slices.DeleteFunc(w.stray, func(name string) bool { return strings.HasPrefix(name, o.prefix) })
	}
}

// alien describes the strays that may be layers which this network lacks. If the caller chose weights by name, strays
// that do not begin with their prefix are left out.
func (w *weightSet) alien(byName bool) []string {
	names := slices.DeleteFunc(slices.Clone(w.stray), func(name string) bool {
		return w.normalizes(name) || byName && !strings.HasPrefix(name, w.prefix)
	})
	return w.strays(names)
}

// leftOut returns the strays that do not begin with the prefix of weights chosen by name.
func (w *weightSet) leftOut(byName bool) []string {
	var names []string
	for _, name := range w.stray {
		if byName && !w.normalizes(name) && !strings.HasPrefix(name, w.prefix) {
			names = append(names, name)
		}
	}
	return names[:min(len(names), maxListed)]
}

// apart describes how to leave out what the file holds next to the weights; it returns "" if that is not possible.
func (w *weightSet) apart(how Import) string {
	if w.prefix == "" || how.Weights != "" ||
		slices.ContainsFunc(w.stray, func(name string) bool { return strings.HasPrefix(name, w.prefix) }) {
		return ""
	}
	return fmt.Sprintf("; weights=%q leaves out what does not begin with that", w.name())
}
