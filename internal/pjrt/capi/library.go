package capi

// #cgo LDFLAGS: -ldl
// #include <stdlib.h>
// #include "pjrt.h"
import "C"

import (
	"errors"
	"runtime/cgo"
	"unsafe"
)

// Library is a loaded plugin. It stays loaded until the process ends.
type Library struct{ table *C.table }

// Open loads the plugin at path. Loading the same file again returns the same library.
func Open(path string) (Library, error) {
	name := C.CString(path)
	defer C.free(unsafe.Pointer(name))
	var message *C.char
	table := C.openTable(name, &message)
	if table == nil {
		defer C.free(unsafe.Pointer(message))
		return Library{}, errors.New(C.GoString(message))
	}
	return Library{table}, nil
}

// Version returns the version of the API that the plugin speaks.
func (l Library) Version() (major, minor int) {
	return int(l.table.version.major), int(l.table.version.minor)
}

// Table returns the plugin's table, in the form in which go-xla takes it.
func (l Library) Table() uintptr { return uintptr(unsafe.Pointer(l.table)) }

// CachedTable returns a table whose compile function uses c from now on; a nil c means no cache. It returns the
// plugin's own table if another library has the copy, or if the plugin's version is not one whose layout is known.
func (l Library) CachedTable(c Cache) uintptr {
	if l.table.version.major != 0 || l.table.size < C.smallestTable {
		return l.Table()
	}
	var handle cgo.Handle
	if c != nil {
		handle = cgo.NewHandle(c) // never deleted: a compilation may be in progress, and a process has few
	}
	if table := C.cachedTable(l.table, C.uintptr_t(handle)); table != nil {
		return uintptr(unsafe.Pointer(table))
	}
	return l.Table()
}
