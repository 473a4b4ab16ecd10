package external

import _ "embed"

//go:embed smoothlab_external.py
var script string

// Script is the Python module that speaks the protocol, smoothlab_external.py.
func Script() string { return script }
