#include "pjrt.h"

#include <dlfcn.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "_cgo_export.h"

const table *openTable(const char *path, char **message) {
	void *library = dlopen(path, RTLD_LAZY | RTLD_LOCAL);
	if (!library) {
		*message = strdup(dlerror());
		return NULL;
	}
	const table *(*get)(void) = (const table *(*)(void))dlsym(library, "GetPjrtApi");
	const table *api = get ? get() : NULL;
	if (!api) {
		*message = strdup(get ? "its GetPjrtApi returns no functions" : "it does not export GetPjrtApi");
		dlclose(library);
	}
	return api;
}

// The copied table, and the handle of its cache. See the package comment for why there is one.
static const table *original;
static table *copy;
static _Atomic uintptr_t cache;

static void *compile(void *args) {
	uintptr_t handle = atomic_load(&cache);
	return handle ? goCompile(handle, (table *)original, args) : original->functions[clientCompile](args);
}

const table *cachedTable(const table *api, uintptr_t handle) {
	if (!copy) {
		table *fresh = malloc(api->size);
		if (!fresh) {
			return NULL;
		}
		memcpy(fresh, api, api->size);
		fresh->functions[clientCompile] = compile;
		original = api;
		copy = fresh;
	}
	if (original != api) {
		return NULL;
	}
	atomic_store(&cache, handle);
	return copy;
}

void *callTable(const table *api, int place, void *args) { return api->functions[place](args); }

// failed reports whether a call returned an error, and frees it.
static bool failed(const table *api, void *error) {
	if (!error) {
		return false;
	}
	errorDestroyArgs args = {.size = sizeof args, .error = error};
	callTable(api, errorDestroy, &args);
	return true;
}

void *loadProgram(const table *api, void *client, const void *bytes, size_t size) {
	deserializeArgs args = {.size = sizeof args, .client = client, .bytes = bytes, .bytesSize = size};
	return failed(api, callTable(api, executableDeserializeAndLoad, &args)) ? NULL : args.loaded;
}

bool serializeProgram(const table *api, void *loaded, serializeArgs *out) {
	getExecutableArgs get = {.size = sizeof get, .loaded = loaded};
	if (failed(api, callTable(api, loadedGetExecutable, &get))) {
		return false;
	}
	*out = (serializeArgs){.size = sizeof *out, .executable = get.executable};
	bool done = !failed(api, callTable(api, executableSerialize, out));
	executableDestroyArgs destroy = {.size = sizeof destroy, .executable = get.executable};
	failed(api, callTable(api, executableDestroy, &destroy));
	return done;
}

void freeSerialized(const serializeArgs *args) { args->deleter(args->backing); }
