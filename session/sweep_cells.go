package session

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"smoothlab/certify"
	"smoothlab/classifier"
	"smoothlab/internal/humanize"
	"smoothlab/internal/suggest"
	"smoothlab/language"
	"smoothlab/language/bounded"
	"smoothlab/method"
	"smoothlab/smoothing"
	"smoothlab/sweep"

	"go.starlark.net/starlark"
)

// axis is a setting that a sweep varies.
type axis struct {
	name   string // as given, perhaps with the prefix of its owner: "certify.alpha"
	owner  string // one of the owners below
	key    string // name without the prefix
	values []starlark.Value
}

// Owners of settings: the method, the arguments of train and of certify, and the sweep itself.
const (
	ofMethod  = "method"
	ofTrain   = "train"
	ofCertify = "certify"
	ofSweep   = "sweep"
)

// sweepPlan makes the cells of a sweep from the arguments of sweep().
type sweepPlan struct {
	session *Session
	call    *language.Call
	args    *sweepArgs
	axes    []axis
}

// Arguments of train and certify that a sweep does not take: it chooses them for each cell.
var (
	notInTrain   = []string{"c", "out", "background", "devices"}
	notInCertify = []string{"c", "out", "background", "shard", "max_votes", "max_time"}
)

// cells returns the cells, one for each combination of values, the last axis varying fastest.
func (p *sweepPlan) cells() ([]sweep.Cell, error) {
	for _, given := range []struct {
		dict    *starlark.Dict
		name    string
		refused []string
	}{{p.args.Train, ofTrain, notInTrain}, {p.args.Certify, ofCertify, notInCertify}} {
		for _, name := range given.refused {
			if _, found, err := given.dict.Get(starlark.String(name)); err != nil || found {
				return nil, fmt.Errorf("sweep: %s does not take %s, which the sweep chooses for each cell", given.name, name)
			}
		}
	}
	if err := p.readAxes(); err != nil {
		return nil, err
	}
	count := 1
	for _, a := range p.axes {
		if count *= len(a.values); count > maxEntries {
			return nil, fmt.Errorf("sweep: at most %s cells can be made, and over has more", humanize.Grouped(maxEntries))
		}
	}
	var cells []sweep.Cell
	chosen := make([]starlark.Value, len(p.axes))
	for n := range count {
		if err := p.call.Ctx.Err(); err != nil {
			return nil, err
		}
		rest := n
		for i := len(p.axes) - 1; i >= 0; i-- {
			chosen[i] = p.axes[i].values[rest%len(p.axes[i].values)]
			rest /= len(p.axes[i].values)
		}
		c, err := p.cell(chosen)
		if err != nil {
			return nil, err
		}
		cells = append(cells, c)
	}
	return cells, nil
}

// readAxes reads the argument over.
func (p *sweepPlan) readAxes() error {
	for _, item := range p.args.Over.Items() {
		name, ok := starlark.AsString(item[0])
		if !ok {
			return fmt.Errorf("sweep: over must be a dict of lists by name, got the name %s", bounded.InError(item[0]))
		}
		values, ok := item[1].(*starlark.List)
		if ok && values.Len() == 0 {
			return fmt.Errorf("sweep: over[%q] has no values to try", name)
		}
		if !ok {
			return fmt.Errorf("sweep: over[%q] must be a list of values, got %s", name, bounded.InError(item[1]))
		}
		a := axis{name: name}
		for v := range starlark.Elements(values) {
			twice := slices.ContainsFunc(a.values, func(other starlark.Value) bool {
				same, err := starlark.Equal(v, other)
				return err == nil && same
			})
			if twice {
				return fmt.Errorf("sweep: over[%q] has %s twice", name, bounded.InError(v))
			}
			a.values = append(a.values, v)
		}
		p.axes = append(p.axes, a)
	}
	if len(p.axes) == 0 {
		return errors.New(`sweep: over is empty: give the values to try, as in over={"sigma": [0.25, 0.5], "seed": [1, 2]}`)
	}
	for i := range p.axes {
		if err := p.assignOwner(&p.axes[i]); err != nil {
			return err
		}
	}
	return nil
}

// assignOwner finds the owner of an axis: the one that a prefix names, or else the first with a setting of that name.
func (p *sweepPlan) assignOwner(a *axis) error {
	var known []string
	prefix, key, prefixed := strings.Cut(a.name, ".")
	for _, o := range p.owners() {
		known = append(known, o.names...)
		switch {
		case a.owner != "":
		case prefixed && prefix == o.name && slices.Contains(o.names, key):
			a.owner, a.key = o.name, key
		case !prefixed && slices.Contains(o.names, a.name):
			a.owner, a.key = o.name, a.name
		}
	}
	if a.owner == "" {
		slices.Sort(known)
		return fmt.Errorf("sweep: over: %s", suggest.Sentence("setting", a.name, slices.Compact(known)))
	}
	side := map[string]*starlark.Dict{ofTrain: p.args.Train, ofCertify: p.args.Certify}[a.owner]
	if side == nil || a.key == "method" {
		return nil
	}
	if _, found, err := side.Get(starlark.String(a.key)); err != nil || found {
		return fmt.Errorf("sweep: %s is given in %s and in over: leave it out of one", a.key, a.owner)
	}
	return nil
}

// owner is a name of the list above, with the names of the settings that can be varied.
type owner struct {
	name  string
	names []string
}

// owners returns the owners in the order in which an axis without a prefix is looked up.
func (p *sweepPlan) owners() []owner {
	methodNames := []string{}
	add := func(v starlark.Value) {
		if o, ok := v.(objective); ok {
			m, _ := o.objective()
			for _, f := range method.Fields(m.now()) {
				methodNames = append(methodNames, f.Name)
			}
		}
	}
	for _, item := range p.args.Train.Items() {
		add(item[1])
	}
	for _, a := range p.axes {
		for _, v := range a.values {
			add(v)
		}
	}
	without := func(names, never []string) []string {
		return slices.DeleteFunc(names, func(n string) bool { return slices.Contains(never, n) })
	}
	return []owner{
		{ofMethod, methodNames},
		{ofTrain, without(argumentNames[trainArgs](), append([]string{"data", "test"}, notInTrain...))},
		{ofCertify, without(argumentNames[certifyArgs](), append([]string{"data"}, notInCertify...))},
		{ofSweep, []string{"arch"}},
	}
}

// argumentNames returns the names of the arguments of a function.
func argumentNames[A any]() (names []string) {
	var none A
	for _, p := range language.Func("", "", none, func(*language.Call, *A) (starlark.Value, error) { return nil, nil }).Params {
		names = append(names, p.Name)
	}
	return names
}

// cell returns the cell of one combination of values, one for each axis.
func (p *sweepPlan) cell(chosen []starlark.Value) (sweep.Cell, error) {
	c := sweep.Cell{}
	var parts []string
	for i, a := range p.axes {
		text := settingText(chosen[i])
		c.Values = append(c.Values, sweep.Setting{Name: a.name, Value: text})
		parts = append(parts, a.name+"-"+pathText(chosen[i], text))
	}
	if c.Path = strings.Join(parts, "_"); len(c.Path) > maxCellPath {
		return c, fmt.Errorf("sweep: the names of settings and values are too long for the name of a file: %.60s…", c.Path)
	}
	of := func(owner string, given *starlark.Dict) (*starlark.Dict, error) {
		d := starlark.NewDict(given.Len())
		for _, item := range given.Items() {
			if err := d.SetKey(item[0], item[1]); err != nil {
				return nil, err
			}
		}
		for i, a := range p.axes {
			if a.owner == owner {
				if err := d.SetKey(starlark.String(a.key), chosen[i]); err != nil {
					return nil, err
				}
			}
		}
		return d, nil
	}
	training, err := of(ofTrain, p.args.Train)
	if err == nil {
		err = p.train(&c, training, chosen)
	}
	if err != nil {
		return c, fmt.Errorf("%s: %w", c, err)
	}
	certifying, err := of(ofCertify, p.args.Certify)
	if err == nil {
		err = p.certify(&c, certifying)
	}
	if err != nil {
		return c, fmt.Errorf("%s: %w", c, err)
	}
	return c, nil
}

// maxCellPath is the maximum length of a cell's path, which gets endings and must be the name of a file.
const maxCellPath = 200

// settingText formats a value of an axis.
func settingText(v starlark.Value) string {
	switch v := v.(type) {
	case objective:
		m, _ := v.objective()
		return formatCall(m.now())
	case starlark.String:
		return string(v)
	}
	return bounded.InError(v)
}

// unusual matches characters that do not belong in the name of a file.
var unusual = regexp.MustCompile(`[^A-Za-z0-9.+-]+`)

// pathText returns a value as part of the name of a file, with a digest if some of the text is left out.
func pathText(v starlark.Value, text string) string {
	if o, ok := v.(objective); ok {
		m, _ := o.objective()
		digest := sha256.Sum256([]byte(method.Describe(m.now())))
		return unusual.ReplaceAllString(m.now().Name(), "-") + "-" + hex.EncodeToString(digest[:4])
	}
	plain := unusual.ReplaceAllString(text, "-")
	if plain != text {
		digest := sha256.Sum256([]byte(text))
		plain += "-" + hex.EncodeToString(digest[:4])
	}
	return plain
}

// train fills in how a cell is trained.
func (p *sweepPlan) train(c *sweep.Cell, given *starlark.Dict, chosen []starlark.Value) error {
	a := trainDefaults()
	if err := language.FillNamed(p.call.Ctx, ofTrain, &a, given); err != nil {
		return err
	}
	if a.Data == nil || a.Method == nil {
		return errors.New(`train needs data and method, as in train={"data": d, "method": smoothmix(sigma=0.5)}`)
	}
	value, recipe := a.Method.objective()
	settings, err := a.settings(p.call, recipe)
	if err != nil {
		return err
	}
	c.Method, c.Settings, c.Data = value.now(), settings, a.Data.Dataset
	arch := p.args.Arch
	for i, axis := range p.axes {
		switch axis.owner {
		case ofMethod:
			x, err := asNumber(axis.name, chosen[i])
			if err == nil {
				c.Method, err = method.With(c.Method, axis.key, x)
			}
			if err != nil {
				return err
			}
		case ofSweep:
			name, ok := starlark.AsString(chosen[i])
			if !ok {
				return fmt.Errorf("arch must be the name of a network, got %s", bounded.InError(chosen[i]))
			}
			arch = name
		}
	}
	if err := c.Settings.Check(c.Method, c.Data.Len()); err != nil {
		return err
	}
	labelled, err := withSoftLabels(c.Method, c.Data, a.SoftLabels)
	if err != nil {
		return err
	}
	c.Data = labelled
	network, err := classifier.Lookup(arch)
	if err != nil {
		return err
	}
	if network.Input == shapeOf(c.Data) { // else fitsTraining returns the error
		if network, err = network.WithClasses(len(c.Data.Classes)); err != nil {
			return err
		}
	}
	c.Start = untrained(network, c.Settings.Seed, c.Data.Classes)
	if err := fitsTraining(c.Start(), c.Data); err != nil {
		return err
	}
	c.Test, err = p.session.testImages(p.call, &a)
	return err
}

// untrained returns a function that makes a classifier with initial weights.
func untrained(network *classifier.Architecture, seed uint64, classes []string) func() *classifier.Classifier {
	return func() *classifier.Classifier {
		c := classifier.New(network, seed)
		c.Facts.Classes = classes
		return c
	}
}

// certify fills in how a cell is certified: by default under the noise that it is trained with.
func (p *sweepPlan) certify(c *sweep.Cell, given *starlark.Dict) error {
	a := certifyDefaults()
	if err := language.FillNamed(p.call.Ctx, ofCertify, &a, given); err != nil {
		return err
	}
	if a.Data == nil {
		return errors.New(`certify needs data, as in certify={"data": t, "n": 1000}`)
	}
	c.Noise = method.Noise(c.Method)
	if g, ok := c.Noise.(smoothing.Gaussian); a.Sigma != 0 || a.Noise != nil || ok && g.Sigma == 0 {
		under, err := noiseOf(ofCertify, a.Sigma, a.Noise)
		if err != nil {
			return err
		}
		c.Noise = under
	}
	var err error
	if c.Votes, err = a.plan(c.Noise); err != nil {
		return err
	}
	images, points := a.Data.votable()
	if points != nil {
		return errors.New("certify needs images here, not points that a search has found")
	}
	if c.Held, err = judged(p.call, c.Start(), images); err != nil {
		return err
	}
	if c.Held.Len() == 0 {
		return errors.New("there are no images to certify; give at least one")
	}
	for pos, index := range c.Held.Indices {
		c.Images = append(c.Images, certify.Image{Pos: pos, Index: index, Label: int(c.Held.Labels[pos])})
	}
	c.Seed, c.Sound = a.Seed, a.Sound
	return nil
}
