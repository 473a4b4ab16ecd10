package engine

// Hold takes the first device, as a call that runs there does.
func (e *Engine) Hold() (release func()) {
	e.devices[0] <- struct{}{}
	return func() { <-e.devices[0] }
}
