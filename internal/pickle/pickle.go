// Package pickle reads Python's pickles without executing anything of them. A pickle is a program for a small
// interpreter that builds objects. The interpreter (gopickle) runs with a closed list of names: any other name is
// refused before anything is called. Lengths are checked before memory is allocated.
//
// Entry points: [Load], and [NumPy] for the names that make up arrays.
package pickle

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/nlpodyssey/gopickle/pickle"
	"github.com/nlpodyssey/gopickle/types"
)

// Options are the options of [Load].
type Options struct {
	// Find returns what a name of Python means, a value such as [Class]; nil refuses it.
	Find func(module, name string) any
	// Persistent returns objects outside of the pickle that it refers to; nil refuses all of them.
	Persistent func(id []any) (any, error)
	// MaxBytes bounds the pickle.
	MaxBytes int64
	// Holds describes the expected contents in errors: "weights". Remedy is appended to the error for a refused name.
	Holds, Remedy string
}

// Class is a name of Python that a pickle may use; calling it makes a Go value.
type Class func(args []any) (any, error)

// Call makes Class a types.Callable.
func (c Class) Call(args ...any) (any, error) { return c(args) }

// PyNew makes Class a types.PyNewable.
func (c Class) PyNew(args ...any) (any, error) { return c(args) }

// RefusedError is the error for a name that is not on the list.
type RefusedError struct{ Name, Holds, Remedy string }

func (e *RefusedError) Error() string {
	return fmt.Sprintf(
		"it refers to %s, which is not part of %s; nothing in it was executed%s",
		e.Name,
		e.Holds,
		e.Remedy,
	)
}

// Load runs the interpreter on the next pickle of r.
func Load(r *bytes.Reader, o Options) (v any, err error) {
	wrong := fmt.Sprintf("its pickle is damaged, or holds more than %s", o.Holds)
	defer func() { // the interpreter trusts some of its input
		if p := recover(); p != nil {
			v, err = nil, fmt.Errorf("%s: %v", wrong, p)
		}
	}()
	if err := checkLengths(r, o.MaxBytes); err != nil {
		return nil, err
	}
	machine := pickle.NewUnpickler(r)
	machine.FindClass = func(module, name string) (any, error) {
		if known := o.Find(module, name); known != nil {
			return known, nil
		}
		return nil, &RefusedError{module + "." + name, o.Holds, o.Remedy}
	}
	machine.PersistentLoad = func(id any) (any, error) {
		t, ok := id.(*types.Tuple)
		if !ok || o.Persistent == nil {
			return nil, errors.New("its pickle refers to something outside of it")
		}
		return o.Persistent(*t)
	}
	machine.GetExtension = func(int) (any, error) {
		return nil, &RefusedError{"an extension of pickle", o.Holds, o.Remedy}
	}
	machine.NextBuffer = func() (any, error) { return nil, errors.New("its pickle keeps buffers outside of it") }
	v, err = machine.Load()
	var refused *RefusedError
	if err != nil && !errors.As(err, &refused) {
		err = fmt.Errorf("%s: %w", wrong, err)
	}
	return v, err
}
