package report

// Follower is an Output that can replace what it shows.
type Follower interface {
	// Follow shows a report at once, and again in the same place while it changes, until done is closed. It does not
	// block. The returned function waits until the state after done is shown; it need not be called.
	Follow(now func() Report, done <-chan struct{}) (last func())
}

// Find returns out, or the nearest Output that it wraps, as a T such as [Asker]. An Output wraps another one if it has
// a method Unwrap.
func Find[T any](out Output) (T, bool) {
	for {
		if t, ok := out.(T); ok {
			return t, true
		}
		w, ok := out.(interface{ Unwrap() Output })
		if !ok {
			var none T
			return none, false
		}
		out = w.Unwrap()
	}
}
