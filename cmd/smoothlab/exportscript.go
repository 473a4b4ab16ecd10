package main

import (
	"fmt"

	"smoothlab/classifier/onnx"
)

// exportScriptCommand is smoothlab export-script.
type exportScriptCommand struct{}

// Run prints the script.
func (exportScriptCommand) Run(t *terminal) error {
	_, err := fmt.Fprint(t.out, onnx.Script())
	return err
}
