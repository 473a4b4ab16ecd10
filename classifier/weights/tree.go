package weights

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/nlpodyssey/gopickle/types"
)

// maxDepth bounds the nesting of dicts and lists around weights.
const maxDepth = 16

// found is a dict that holds tensors: their names in the order of the file.
type found struct {
	path  string
	names []string
	views map[string]*view
}

// weights extracts the tensors of a state_dict, or of a checkpoint with some at any depth; load reads their numbers.
func weights(v any, load func(*storage) error) (*File, error) {
	items, ok := entries(v)
	switch t := v.(type) {
	case *view:
		items, ok = []entry{{"tensor", t}}, true
	case *ndarray:
		items, ok = []entry{{"tensor", t}}, true
	}
	if !ok {
		return nil, errors.New("it holds no dict of tensors: torch.save(model.state_dict(), path) writes one")
	}
	f := &File{Format: "PyTorch"}
	for _, e := range items {
		if arch, ok := e.value.(string); ok && e.key == "arch" {
			f.Arch = arch
		}
	}
	sets := (&search{seen: map[any]bool{v: true}}).in(items, "", 0)
	if len(sets) == 0 {
		var names []string
		for _, e := range items {
			names = append(names, e.key)
		}
		slices.Sort(names)
		return nil, fmt.Errorf("it holds no tensors, only %s", strings.Join(names[:min(10, len(names))], ", "))
	}
	if err := checkStorages(sets); err != nil {
		return nil, err
	}
	var err error
	f.Sets, err = loadSets(sets, load)
	return f, err
}

// search walks through dicts and lists, visiting each once.
type search struct{ seen map[any]bool }

// in finds the dicts with tensors in and below a dict with these items.
func (s *search) in(items []entry, path string, depth int) []found {
	if depth > maxDepth {
		return nil
	}
	here := found{path: path, views: map[string]*view{}}
	var under []found
	for _, e := range items {
		value := e.value
		if array, ok := value.(*ndarray); ok && array.view != nil {
			value = array.view
		}
		if v, ok := value.(*view); ok {
			here.names = append(here.names, e.key)
			here.views[e.key] = v
			continue
		}
		inner, ok := entries(value)
		if !ok {
			inner, ok = elements(value)
		}
		if !ok || s.seen[value] {
			continue
		}
		s.seen[value] = true
		under = append(under, s.in(inner, joined(path, e.key), depth+1)...)
	}
	if len(here.names) == 0 {
		return under
	}
	return append([]found{here}, under...)
}

// loadSets reads the numbers of all tensors.
func loadSets(sets []found, load func(*storage) error) ([]Set, error) {
	var all []Set
	loaded, total := map[*storage]bool{}, 0
	for _, s := range sets {
		set := Set{Path: s.path, Tensors: map[string]Tensor{}}
		for _, name := range s.names {
			v := s.views[name]
			if !loaded[v.of] && !v.of.inline {
				if err := load(v.of); err != nil {
					return nil, err
				}
				loaded[v.of] = true
			}
			t, err := v.tensor()
			if err != nil {
				return nil, fmt.Errorf("%s: %w", joined(s.path, name), err)
			}
			if total += len(t.Values); total > maxFile/4 { // many may be views of one storage
				return nil, fmt.Errorf("its tensors have more than %d numbers", maxFile/4)
			}
			set.Tensors[name] = t
		}
		all = append(all, set)
	}
	return all, nil
}

// checkStorages bounds the memory of all storages together, which may compress well.
func checkStorages(sets []found) error {
	counted, total := map[*storage]bool{}, 0
	for _, s := range sets {
		for _, v := range s.views {
			if counted[v.of] {
				continue
			}
			counted[v.of] = true
			if total += min(maxFile+1, v.of.count*v.of.kind.size); total > maxFile {
				return fmt.Errorf("its storages have more than %d bytes", int64(maxFile))
			}
		}
	}
	return nil
}

// entry is an item of a dict or list.
type entry struct {
	key   string
	value any
}

// entries returns the items of a dict whose keys are texts, the last of each key.
func entries(v any) ([]entry, bool) {
	var items []entry
	at := map[string]int{}
	add := func(key, value any) {
		name, ok := key.(string)
		if !ok {
			return
		}
		if i, ok := at[name]; ok {
			items[i].value = value
			return
		}
		at[name] = len(items)
		items = append(items, entry{name, value})
	}
	switch d := v.(type) {
	case *types.Dict:
		for _, e := range *d {
			add(e.Key, e.Value)
		}
	case *types.OrderedDict:
		for at := d.List.Front(); at != nil; at = at.Next() {
			if e, _ := at.Value.(*types.OrderedDictEntry); e != nil {
				add(e.Key, e.Value)
			}
		}
	default:
		return nil, false
	}
	return items, true
}

// elements returns the items of a list or tuple, whose keys are their positions.
func elements(v any) ([]entry, bool) {
	var values []any
	switch l := v.(type) {
	case *types.List:
		values = *l
	case *types.Tuple:
		values = *l
	default:
		return nil, false
	}
	var items []entry
	for i, value := range values {
		items = append(items, entry{strconv.Itoa(i), value})
	}
	return items, true
}
