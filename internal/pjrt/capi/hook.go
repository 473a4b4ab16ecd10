package capi

// #include "pjrt.h"
import "C"

import (
	"runtime/cgo"
	"unsafe"
)

// Cache keeps compiled programs. Its methods are called by several goroutines at once and must not panic.
type Cache interface {
	// Key returns the key of a program with its format and compile options. The bytes are valid during the call only.
	Key(format string, program, options []byte) [32]byte
	// Get returns a compiled program that [Cache.Put] was called with, or nil.
	Get(key [32]byte) []byte
	// Put takes a compiled program. The bytes are valid during the call only. They are nil if the plugin cannot return
	// the program as bytes.
	Put(key [32]byte, compiled []byte)
	// Loaded reports whether the plugin accepted what Get returned. If it did not, the program is compiled.
	Loaded(key [32]byte, accepted bool)
}

// goCompile is the compile function of the copied table.
//
//export goCompile
func goCompile(handle C.uintptr_t, api *C.table, arguments unsafe.Pointer) unsafe.Pointer {
	cache := cgo.Handle(handle).Value().(Cache)
	args := (*C.compileArgs)(arguments)
	key := cache.Key(
		C.GoStringN(args.program.format, C.int(args.program.formatSize)),
		view(args.program.code, args.program.codeSize),
		view(args.options, args.optionsSize),
	)
	if compiled := cache.Get(key); len(compiled) > 0 {
		loaded := C.loadProgram(api, args.client, unsafe.Pointer(&compiled[0]), C.size_t(len(compiled)))
		cache.Loaded(key, loaded != nil)
		if loaded != nil {
			args.executable = loaded
			return nil
		}
	}
	if err := C.callTable(api, C.clientCompile, arguments); err != nil {
		return err
	}
	var serialized C.serializeArgs
	if !C.serializeProgram(api, args.executable, &serialized) {
		cache.Put(key, nil)
		return nil
	}
	cache.Put(key, view(serialized.bytes, serialized.bytesSize))
	C.freeSerialized(&serialized)
	return nil
}

// view returns C's bytes without copying them.
func view(bytes *C.char, size C.size_t) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(bytes)), int(size))
}
