package engine

// Hold takes the device, as a call that runs does.
func (e *Engine) Hold() (release func()) {
	e.device <- struct{}{}
	return func() { <-e.device }
}
