// Package await waits for work that cannot be interrupted.
package await

import "context"

// Do runs do and returns its result, or the error of ctx as soon as that ends. If do returns later and without an
// error, its result is passed to drop, which may be nil.
func Do[T any](ctx context.Context, do func() (T, error), drop func(T)) (T, error) {
	type result struct {
		value T
		err   error
	}
	var none T
	if err := ctx.Err(); err != nil {
		return none, err
	}
	done := make(chan result, 1)
	go func() {
		v, err := do()
		done <- result{v, err}
	}()
	select {
	case r := <-done:
		return r.value, r.err
	case <-ctx.Done():
		if drop != nil {
			go func() {
				if r := <-done; r.err == nil {
					drop(r.value)
				}
			}()
		}
		return none, ctx.Err()
	}
}
