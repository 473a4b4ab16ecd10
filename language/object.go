package language

import (
	"errors"

	"go.starlark.net/starlark"
)

// Base implements the methods that Starlark requires of every value: live values are true, not frozen, and not
// hashable.
type Base struct{}

func (Base) Freeze()               {}
func (Base) Truth() starlark.Bool  { return true }
func (Base) Hash() (uint32, error) { return 0, errors.New("it cannot be a key of a dict") }

// Describer is implemented by live values whose attributes and methods depend on their Go type only.
//
// Describe does not use its receiver, which may be nil.
type Describer interface{ Describe() *Kind }

// KindOf returns the kind of the live values of type R.
func KindOf[R Describer]() *Kind {
	var none R
	return none.Describe()
}

// Object implements what live values of type R have in common: everything that follows from their kind. R embeds it:
//
//	type counter struct {
//		language.Object[*counter]
//		n int
//	}
//
//	func (*counter) Describe() *language.Kind                    { return &language.Kind{Name: "counter", …} }
//	func (c *counter) Attr(name string) (starlark.Value, error) { return c.Lookup(c, name) }
//	func (c *counter) String() string                           { return fmt.Sprintf("<counter at %d>", c.n) }
//
// Attr stays with R, because an embedded value cannot refer to the one that embeds it.
type Object[R Describer] struct{ Base }

func (Object[R]) Kind() *Kind         { return KindOf[R]() }
func (Object[R]) Type() string        { return KindOf[R]().Name }
func (Object[R]) AttrNames() []string { return KindOf[R]().Names() }

// SetField returns an error: attributes are read-only, unless R has a SetField of its own.
func (Object[R]) SetField(name string, _ starlark.Value) error {
	return KindOf[R]().ReadOnlyError(name)
}

// Lookup returns an attribute or a bound method of a live value.
func (Object[R]) Lookup(recv R, name string) (starlark.Value, error) {
	return KindOf[R]().Get(recv, name)
}
