package capi

import (
	"cmp"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// pairs lists names of ours with those of the official header: places in the table, then arguments with their fields.
const pairs = `
errorDestroy PJRT_Error_Destroy
clientCompile PJRT_Client_Compile
executableDestroy PJRT_Executable_Destroy
executableSerialize PJRT_Executable_Serialize
loadedGetExecutable PJRT_LoadedExecutable_GetExecutable
executableDeserializeAndLoad PJRT_Executable_DeserializeAndLoad
errorDestroyArgs PJRT_Error_Destroy_Args size:struct_size extensions:extension_start error:error
program PJRT_Program size:struct_size code:code codeSize:code_size format:format formatSize:format_size
compileArgs PJRT_Client_Compile_Args client:client program:program options:compile_options
compileArgs PJRT_Client_Compile_Args optionsSize:compile_options_size executable:executable
executableDestroyArgs PJRT_Executable_Destroy_Args executable:executable
getExecutableArgs PJRT_LoadedExecutable_GetExecutable_Args loaded:loaded_executable executable:executable
serializeArgs PJRT_Executable_Serialize_Args executable:executable bytes:serialized_bytes
serializeArgs PJRT_Executable_Serialize_Args bytesSize:serialized_bytes_size backing:serialized_executable
serializeArgs PJRT_Executable_Serialize_Args deleter:serialized_executable_deleter
deserializeArgs PJRT_Executable_DeserializeAndLoad_Args client:client bytes:serialized_executable
deserializeArgs PJRT_Executable_DeserializeAndLoad_Args bytesSize:serialized_executable_size loaded:loaded_executable
deserializeArgs PJRT_Executable_DeserializeAndLoad_Args options:overridden_serialized_compile_options
deserializeArgs PJRT_Executable_DeserializeAndLoad_Args optionsSize:overridden_serialized_compile_options_size
`

// assertions returns C code that compiles only if ours and theirs agree.
func assertions() string {
	code := "#include \"pjrt_c_api.h\"\n#include \"pjrt.h\"\n"
	same := func(a, b string) { code += "_Static_assert(" + a + " == " + b + ", \"" + a + "\");\n" }
	same("offsetof(table, size)", "offsetof(PJRT_Api, struct_size)")
	for _, field := range []string{"size", "major", "minor"} {
		theirs := strings.Replace(field, "size", "struct_size", 1)
		if field != "size" {
			theirs += "_version"
		}
		same("offsetof(table, version."+field+")", "offsetof(PJRT_Api, pjrt_api_version."+theirs+")")
	}
	for line := range strings.Lines(strings.TrimSpace(pairs)) {
		words := strings.Fields(line)
		ours, theirs := words[0], words[1]
		if len(words) == 2 {
			same("offsetof(table, functions) + sizeof(function) * "+ours, "offsetof(PJRT_Api, "+theirs+")")
			continue
		}
		same("sizeof("+ours+")", "sizeof("+theirs+")")
		for _, field := range words[2:] {
			a, b, _ := strings.Cut(field, ":")
			same("offsetof("+ours+", "+a+")", "offsetof("+theirs+", "+b+")")
		}
	}
	return code
}

// Places and sizes agree with the header in go-xla's sources.
func TestLayout(t *testing.T) {
	sources, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", "github.com/gomlx/go-xla").Output()
	if err != nil {
		t.Fatal(err)
	}
	code := assertions()
	compile := func(code string) ([]byte, error) {
		path := filepath.Join(t.TempDir(), "layout.c")
		if err := os.WriteFile(path, []byte(code), 0o644); err != nil {
			t.Fatal(err)
		}
		header := filepath.Join(strings.TrimSpace(string(sources)), "pjrt")
		cc := cmp.Or(os.Getenv("CC"), "cc")
		return exec.CommandContext(t.Context(), cc, "-fsyntax-only", "-I", header, "-I", ".", path).CombinedOutput()
	}
	if out, err := compile(code); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	wrong := strings.Replace(code, "* clientCompile", "* executableDestroy", 1)
	if _, err := compile(wrong); err == nil {
		t.Error("a wrong place is not noticed")
	}
}
