package main

import (
	"fmt"

	"smoothlab/classifier/external"
)

// externalScriptCommand is smoothlab external-script.
type externalScriptCommand struct{}

// Run prints the module.
func (externalScriptCommand) Run(t *terminal) error {
	_, err := fmt.Fprint(t.out, external.Script())
	return err
}
