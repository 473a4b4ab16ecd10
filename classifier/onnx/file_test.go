package onnx

import (
	"testing"
)

// attributeType derives the types that attributes have in files exported by PyTorch.
func TestAttributeType(t *testing.T) {
	compared := map[string]bool{}
	for _, o := range opCases(t) {
		eachAttribute(t, o.file, func(name string, typ int) {
			compared[name] = true
			if got := attributeType(name); got != typ {
				t.Errorf("%s: %s has type %d, attributeType says %d", o.name, name, typ, got)
			}
		})
	}
	if len(compared) < 20 {
		t.Errorf("only %d attributes are in the files", len(compared))
	}
}

// eachAttribute calls f with the name and the declared type of each attribute of a file's operations.
func eachAttribute(t *testing.T, file []byte, f func(name string, typ int)) {
	t.Helper()
	within := func(b []byte, num int, inner func(b []byte)) {
		if err := fields(b, func(x field) error {
			if int(x.num) == num {
				inner(x.bytes)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	within(file, 7, func(graph []byte) {
		within(graph, 1, func(node []byte) {
			within(node, 5, func(attribute []byte) {
				name, typ := "", 0
				if err := fields(attribute, func(x field) error {
					switch x.num {
					case 1:
						name = string(x.bytes)
					case 20:
						typ = int(x.value)
					}
					return nil
				}); err != nil {
					t.Fatal(err)
				}
				f(name, typ)
			})
		})
	})
}
