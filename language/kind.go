package language

import (
	"errors"
	"fmt"
	"slices"

	"smoothlab/internal/suggest"

	"go.starlark.net/starlark"
)

// Kind describes the attributes and methods of one kind of live value.
type Kind struct {
	Name, Help string
	Hint       string // sentence added to errors about missing elements or attributes; may be empty
	Attributes []Attribute
	Methods    []*Function
	Examples   []string // source code that can be typed as it is; shown at the end of the help
}

// Attribute describes one attribute of a kind of value.
type Attribute struct {
	Name, Help string
	get        func(recv any) (starlark.Value, error)
}

// Attr describes an attribute of live values of type R.
func Attr[R any](name, help string, get func(recv R) starlark.Value) Attribute {
	return Attribute{Name: name, Help: help, get: func(recv any) (starlark.Value, error) { return get(recv.(R)), nil }}
}

// AttrErr is like Attr for attributes whose lookup may fail.
func AttrErr[R any](name, help string, get func(recv R) (starlark.Value, error)) Attribute {
	return Attribute{Name: name, Help: help, get: func(recv any) (starlark.Value, error) { return get(recv.(R)) }}
}

// Get returns an attribute or a method of a value.
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
	return nil, errors.New(k.unknown(name)) // not a NoSuchAttrError, to which Starlark would add its own guess
}

func (k *Kind) unknown(name string) string {
	return k.withHint(suggest.Sentence("attribute of "+article(k.Name), name, k.Names()))
}

// withHint adds the kind's hint to a sentence.
func (k *Kind) withHint(sentence string) string {
	if k.Hint == "" {
		return sentence
	}
	return sentence + ". " + k.Hint
}

// ReadOnlyError returns the error for an assignment to an attribute.
func (k *Kind) ReadOnlyError(name string) error {
	if !slices.Contains(k.Names(), name) {
		return errors.New(k.unknown(name))
	}
	return fmt.Errorf("%s of %s cannot be changed", name, article(k.Name))
}

// Names returns the names of all attributes and methods, sorted.
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

// Described is a live value with a known kind, which help and completion use.
type Described interface {
	starlark.HasAttrs
	Kind() *Kind
}

// Unsuited is a live value that explains to a user why a function that takes similar values does not take it.
type Unsuited interface {
	starlark.Value
	// Unsuited returns a sentence without a full stop.
	Unsuited() string
}
