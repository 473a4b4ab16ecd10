// Package pjrt makes XLA available: it finds a PJRT plugin, or installs one, and
// opens GoMLX's backend on it.
//
// # Nouns
//
// A [Plugin] is the shared library (hundreds of megabytes of C++) in which XLA compiles and runs programs for one
// [Device], behind the PJRT C API. An [Env] holds the environment's settings for plugins. A [Rejected] file has the
// name of a plugin but cannot be one. Package wheel installs the CPU plugin.
//
// # Lifecycle
//
// The CPU plugin is taken from the first of
//
//   - the file that SMOOTHLAB_PJRT_PLUGIN names, or GOMLX_BACKEND=xla:/abs/path.so;
//   - the directories that PJRT_PLUGIN_LIBRARY_PATH lists; if that is not set, go-xla and gomlx/pjrt in ~/.local/lib
//     and /usr/local/lib, and the directories of LD_LIBRARY_PATH;
//   - our own directory, $XDG_DATA_HOME/smoothlab/pjrt/WHEEL-VERSION, by default under ~/.local/share;
//   - the pinned wheel, compared with its SHA-256, and unpacked into our own directory under a lock. It may be put
//     there by hand. For x86-64 it is lammps-jax-pjrt-cpu 0.11.2, XLA as jaxlib 0.11.2 has it; for arm64 xla-cpu-pjrt
//     0.0.1, which is older.
//
// CPU plugins of 2025 multiply by weights of an earlier call when new weights are at the same address (stale.go). The
// flag that prevents this is set for them, and every CPU plugin is tested when it is opened: one that has the fault is
// refused unless SMOOTHLAB_FAULTY_PLUGIN=allow.
//
// A CUDA plugin is used when GOMLX_BACKEND=xla:cuda or [Options].Device asks for
// it, and only go-xla's installer can install one. That path follows go-xla's
// sources and has never been run. TF32 is off there unless it is requested.
//
// # Traps
//
//   - Given a mere name, go-xla contacts GitHub before it looks for a plugin, and then loads every file with the name
//     of one, and crashes on a nil pointer if one is broken. So files are checked here first, without loading them, and
//     go-xla gets an absolute path, with its automatic installation turned off.
//   - go-xla determines the device by the words CPU, CUDA and NVIDIA anywhere in the path. So a CPU plugin is loaded by
//     capi, and go-xla gets its functions under a name of our own. That also lets compiled programs be kept on disk
//     ([Options.Programs]).
//   - GOMLX_NO_AUTO_INSTALL is about GoMLX's installer and changes nothing here.
//   - A plugin whose header is whole but whose code is damaged ends the process when it is loaded; so does an unknown
//     flag in XLA_FLAGS.
//   - Open one backend in a process: two cannot share tensors.
//
// # Entry points
//
// [Open] returns a backend, [Ensure] only a plugin; [ReadEnv] and [Env.Find] change nothing.
package pjrt
