package classifier

import (
	"slices"
	"strings"

	"github.com/nlpodyssey/safetensors"
)

// currentName is the prefix of a checkpoint's Current weights.
const currentName = "current"

// bufferNames lists the buffers that optimizers keep of each trained parameter; the names of their tensors begin with
// them.
func bufferNames() []string { return []string{"momentum", "exp_avg", "exp_avg_sq"} }

// isTrainers reports whether a tensor of that name belongs to the trainer and not to the classifier.
func isTrainers(tensor string) bool {
	return slices.ContainsFunc(append(bufferNames(), currentName), func(name string) bool {
		return strings.HasPrefix(tensor, name+".")
	})
}

// group is a set of tensors that a trainer keeps under one prefix.
type group struct {
	prefix string
	params []Param
	values [][]float32
}

// groups returns what the checkpoint holds besides the classifier, in a fixed order.
func (c *Checkpoint) groups() []group {
	var all []group
	for _, name := range bufferNames() {
		if values := c.Buffers[name]; values != nil {
			all = append(all, group{name + ".", c.Arch.trained(), values})
		}
	}
	if c.Current != nil {
		all = append(all, group{currentName + ".", c.Arch.Params, c.Current})
	}
	return all
}

// takeGroups reads the groups that groups lists.
func (c *Checkpoint) takeGroups(st safetensors.SafeTensors) error {
	has := func(prefix string) bool {
		return slices.ContainsFunc(st.Names(), func(n string) bool { return strings.HasPrefix(n, prefix) })
	}
	for _, name := range bufferNames() {
		if !has(name + ".") {
			continue
		}
		values, err := takeTensors(st, c.Arch.Name, name+".", c.Arch.trained())
		if err != nil {
			return err
		}
		if c.Buffers == nil {
			c.Buffers = map[string][][]float32{}
		}
		c.Buffers[name] = values
	}
	var err error
	if has(currentName + ".") {
		c.Current, err = takeTensors(st, c.Arch.Name, currentName+".", c.Arch.Params)
	}
	return err
}
