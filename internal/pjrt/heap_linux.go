package pjrt

/*
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

// XLA's CPU backend allocates the working memory of every call anew, some 100 MB in a training step of LeNet. By
// default glibc requests it from the system each time and returns it afterwards, and the system clears it page by page,
// which takes a fifth to a third of the time of a call (docs/evidence.md). So the allocator is set to keep freed
// memory, up to 2 GiB at the end of the heap, for the next call. This has an effect only before the first thread has
// allocated anything, hence at load time. If the allocator's own environment variables are set, nothing is changed.
__attribute__((constructor)) static void keepHeap(void) {
#if defined(__GLIBC__)
	static const char *const own[] = {
		"MALLOC_ARENA_MAX", "MALLOC_MMAP_MAX_", "MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_", "MALLOC_TOP_PAD_",
	};
	for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
		if (getenv(own[i])) {
			return;
		}
	}
	const char *tunables = getenv("GLIBC_TUNABLES");
	if (tunables && strstr(tunables, "glibc.malloc.")) {
		return;
	}
	mallopt(M_ARENA_MAX, 1);
	mallopt(M_MMAP_MAX, 0);
	mallopt(M_TRIM_THRESHOLD, 0x7fffffff);
#endif
}
*/
import "C"
