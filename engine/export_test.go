package engine

// Hold acquires the first device, as a call that runs there does.
func (e *Engine) Hold() (release func()) { return e.HoldDevice(0) }

// HoldDevice acquires a device.
func (e *Engine) HoldDevice(device int) (release func()) {
	e.devices[device] <- struct{}{}
	return func() { <-e.devices[device] }
}

// Held reports whether a call runs on a device.
func (e *Engine) Held(device int) bool { return len(e.devices[device]) > 0 }
