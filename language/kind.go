package language

import (
	"errors"
	"fmt"
	"slices"

	"smoothlab/internal/suggest"

	"go.starlark.net/starlark"
)

// Kind describes one kind of live value: what attributes and methods it has.
type Kind struct {
	Name, Help string
	Instead    string // what to do where somebody looks for elements or attributes that it has not; a sentence, "" for none
	Attributes []Attribute
	Methods    []*Function
}

// Attribute is one attribute of a kind of value.
type Attribute struct {
	Name, Help string
	get        func(recv any) (starlark.Value, error)
}

// Attr describes an attribute of live values of type R.
func Attr[R any](name, help string, get func(recv R) starlark.Value) Attribute {
	return Attribute{Name: name, Help: help, get: func(recv any) (starlark.Value, error) { return get(recv.(R)), nil }}
}

// AttrErr is Attr where looking may fail.
func AttrErr[R any](name, help string, get func(recv R) (starlark.Value, error)) Attribute {
	return Attribute{Name: name, Help: help, get: func(recv any) (starlark.Value, error) { return get(recv.(R)) }}
}

// Get is an attribute or a method of a value.
func (k *Kind) Get(recv any, name string) (starlark.Value, error) {
	for _, a := range k.Attributes {
		if a.Name == name {
			return a.get(recv)
		}
	}
	for _, f := range k.Methods {
		if f.Name == name {
			return f.bound(recv), nil
		}
	}
	return nil, errors.New(k.unknown(name)) // no NoSuchAttrError: Starlark would add a guess of its own
}

func (k *Kind) unknown(name string) string {
	return k.instead(suggest.Sentence("attribute of "+article(k.Name), name, k.Names()))
}

// instead adds to a sentence what to do instead.
func (k *Kind) instead(sentence string) string {
	if k.Instead == "" {
		return sentence
	}
	return sentence + ". " + k.Instead
}

// Refuse says why an attribute cannot be assigned to.
func (k *Kind) Refuse(name string) error {
	if !slices.Contains(k.Names(), name) {
		return errors.New(k.unknown(name))
	}
	return fmt.Errorf("%s of %s cannot be changed", name, article(k.Name))
}

// Names are the names of all attributes and methods, in order.
func (k *Kind) Names() []string {
	var names []string
	for _, a := range k.Attributes {
		names = append(names, a.Name)
	}
	for _, f := range k.Methods {
		names = append(names, f.Name)
	}
	slices.Sort(names)
	return names
}

// Described is a live value whose kind is known: help and completion explain its attributes.
type Described interface {
	starlark.HasAttrs
	Kind() *Kind
}

// Base gives live values what Starlark asks of each value: they are true, not frozen, and no keys.
type Base struct{}

func (Base) Freeze()               {}
func (Base) Truth() starlark.Bool  { return true }
func (Base) Hash() (uint32, error) { return 0, errors.New("it cannot be a key of a dict") }
