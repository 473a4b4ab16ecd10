package bounded_test

import (
	"fmt"

	"smoothlab/language/bounded"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// A program that would take all memory is refused with a sentence.
func ExampleGuard_Rewrite() {
	guard := bounded.New(bounded.For(1 << 30))
	options := &syntax.FileOptions{}
	for _, source := range []string{`x = "ab" * 3`, `x = "ab" * 1000000000`} {
		file, err := options.Parse("cell", source, 0)
		if err != nil {
			fmt.Println(err)
			return
		}
		if err := guard.Rewrite(file); err != nil {
			fmt.Println(err)
			return
		}
		program, err := starlark.FileProgram(file, guard.Names().Has)
		if err != nil {
			fmt.Println(err)
			return
		}
		globals, err := program.Init(&starlark.Thread{Name: "cell"}, guard.Names())
		fmt.Println(globals["x"], err)
	}
	// Output:
	// "ababab" <nil>
	// <nil> x * y would have more than 16,777,216 bytes of text, which is the bound on this machine
}
