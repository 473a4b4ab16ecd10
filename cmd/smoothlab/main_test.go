package main

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// The test binary is also the program, so that scripts run the code that was compiled for the test.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"smoothlab": main})
}

// Commands and their output, in testdata/script. Scripts use the plugin of the real home directory, and only embedded
// data.
func TestScripts(t *testing.T) {
	home, err := os.UserHomeDir()
	if err != nil {
		t.Fatal(err)
	}
	data := os.Getenv("XDG_DATA_HOME")
	if data == "" {
		data = filepath.Join(home, ".local", "share")
	}
	deploy, err := filepath.Abs(filepath.Join("..", "..", "deploy"))
	if err != nil {
		t.Fatal(err)
	}
	programs := t.TempDir() // most of the time would go into compiling the same programs for each script
	testscript.Run(t, testscript.Params{
		Dir:  filepath.Join("testdata", "script"),
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"waitfile": waitFile, "terminate": terminate},
		Setup: func(e *testscript.Env) error {
			e.Setenv("HOME", home)
			e.Setenv("DEPLOY", deploy)
			e.Setenv("XDG_DATA_HOME", data)
			e.Setenv("SMOOTHLAB_PROGRAMS", programs)
			for _, name := range []string{"SMOOTHLAB_PJRT_PLUGIN", "PJRT_PLUGIN_LIBRARY_PATH", "GOMLX_BACKEND"} {
				if v, ok := os.LookupEnv(name); ok {
					e.Setenv(name, v)
				}
			}
			return nil
		},
	})
}

// waitFile waits up to five minutes for a file, since XLA compiles slowly on a busy machine: waitfile NAME.
func waitFile(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: waitfile NAME")
	}
	for range 3000 {
		if _, err := os.Stat(ts.MkAbs(args[0])); err == nil {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	ts.Fatalf("%s did not appear", args[0])
}

// terminate sends SIGTERM to the programs in the background, as a system does at shutdown: terminate.
func terminate(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: terminate")
	}
	for _, cmd := range ts.BackgroundCmds() {
		ts.Check(cmd.Process.Signal(syscall.SIGTERM))
	}
}
