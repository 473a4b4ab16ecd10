package selfcheck

import "runtime"

// busy starts loops that compete with XLA for the processor, as other programs would, until stop is called. Each of
// them gets its own thread: Go's scheduler runs at most GOMAXPROCS goroutines at once.
func busy(loops int) (stop func()) {
	if loops == 0 {
		return func() {}
	}
	before := runtime.GOMAXPROCS(0)
	runtime.GOMAXPROCS(before + loops)
	done := make(chan struct{})
	for range loops {
		go func() {
			for x := uint64(1); ; x++ {
				if x%(1<<20) == 0 {
					select {
					case <-done:
						return
					default:
					}
				}
			}
		}()
	}
	return func() {
		close(done)
		runtime.GOMAXPROCS(before)
	}
}
