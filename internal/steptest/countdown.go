package steptest

import "context"

// Countdown is a context that ends after a number of calls of Err.
type Countdown struct {
	context.Context
	Looks int
}

// Err counts the call, and returns an error once the number is exceeded.
func (c *Countdown) Err() error {
	if c.Looks--; c.Looks < 0 {
		return context.Canceled
	}
	return nil
}
