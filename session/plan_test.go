package session_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"smoothlab/certify"
	"smoothlab/language"
	"smoothlab/session"
)

// Every certification procedure of the list has a function of its name, and is documented wherever the others are.
func TestProceduresAreOffered(t *testing.T) {
	functions := session.Functions(nil)
	find := func(name string) *language.Function {
		i := slices.IndexFunc(functions, func(f *language.Function) bool { return f.Name == name })
		if i < 0 {
			t.Fatalf("there is no function %s", name)
		}
		return functions[i]
	}
	page, err := os.ReadFile("../docs/certification.md")
	if err != nil {
		t.Fatal(err)
	}
	params := find("certify").Params
	plan := params[slices.IndexFunc(params, func(p language.Param) bool { return p.Name == "plan" })]
	for _, k := range certify.Procedures() {
		f := find(k.Name)
		if f.Group != find("certify").Group || len(f.Examples) == 0 {
			t.Errorf("%s is in the group %q, with the examples %q", f.Name, f.Group, f.Examples)
		}
		names := make([]string, len(f.Params))
		for i, p := range f.Params {
			names[i] = p.Name
		}
		for _, name := range []string{"n0", "n", "alpha"} {
			if !slices.Contains(names, name) {
				t.Errorf("%s has no argument %s", f.Name, name)
			}
		}
		if slices.Contains(names, "radii") != k.OnGrid {
			t.Errorf("%s has the arguments %q; does it prove radii of a grid?", f.Name, names)
		}
		if !strings.Contains(plan.Help, k.Name+"(…)") {
			t.Errorf("the help of plan= is %q, without %s", plan.Help, k.Name)
		}
		for _, want := range []string{"**`" + k.Name + "(", "\n| " + k.Name + " | "} {
			if !strings.Contains(string(page), want) {
				t.Errorf("docs/certification.md has no %q", want)
			}
		}
	}
}
