// The part of PJRT's C API that this package calls. Within a major version of the API, functions keep their places in
// the table and fields their places in the arguments; both only grow at the end. TestLayout compares every place and
// size with the header that go-xla ships.
#ifndef SMOOTHLAB_PJRT_H
#define SMOOTHLAB_PJRT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Places in the table, counted in functions.
enum {
	errorDestroy = 0,
	clientCompile = 20,
	executableDestroy = 40,
	executableSerialize = 49,
	loadedGetExecutable = 51,
	executableDeserializeAndLoad = 56,
};

typedef void *(*function)(void *args);

typedef struct {
	size_t size;
	void *extensions;
	struct {
		size_t size;
		void *extensions;
		int major, minor;
	} version;
	function functions[];
} table;

typedef struct {
	size_t size;
	void *extensions;
	void *error;
} errorDestroyArgs;

typedef struct {
	size_t size;
	void *extensions;
	char *code;
	size_t codeSize;
	const char *format;
	size_t formatSize;
} program;

typedef struct {
	size_t size;
	void *extensions;
	void *client;
	const program *program;
	const char *options;
	size_t optionsSize;
	void *executable; // out
} compileArgs;

typedef struct {
	size_t size;
	void *extensions;
	void *executable;
} executableDestroyArgs;

typedef struct {
	size_t size;
	void *extensions;
	void *loaded;
	void *executable; // out
} getExecutableArgs;

typedef struct {
	size_t size;
	void *extensions;
	const void *executable;
	const char *bytes; // out, as long as backing
	size_t bytesSize;  // out
	void *backing;     // out
	void (*deleter)(void *backing); // out
} serializeArgs;

typedef struct {
	size_t size;
	void *extensions;
	void *client;
	const char *bytes;
	size_t bytesSize;
	void *loaded; // out
	const char *options; // NULL: those within bytes
	size_t optionsSize;
} deserializeArgs;

// smallestTable is the size of a table that has all of the places above.
enum { smallestTable = offsetof(table, functions) + (executableDeserializeAndLoad + 1) * sizeof(function) };

// openTable loads the library at path and returns its table, or NULL and a message to be freed.
const table *openTable(const char *path, char **message);

// cachedTable returns the copy of api that uses the Go cache with this handle, 0 for none; NULL if another table has
// been copied.
const table *cachedTable(const table *api, uintptr_t handle);

// callTable calls a function of the table and returns its error.
void *callTable(const table *api, int place, void *args);

// loadProgram returns the loaded executable made of bytes, or NULL.
void *loadProgram(const table *api, void *client, const void *bytes, size_t size);

// serializeProgram returns whether a loaded executable was turned into bytes. freeSerialized frees them.
bool serializeProgram(const table *api, void *loaded, serializeArgs *out);
void freeSerialized(const serializeArgs *args);

#endif
