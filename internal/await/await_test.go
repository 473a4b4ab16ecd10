package await

import (
	"context"
	"errors"
	"testing"
)

func TestDo(t *testing.T) {
	wrong := errors.New("wrong")
	if v, err := Do(t.Context(), func() (int, error) { return 7, wrong }, nil); v != 7 || !errors.Is(err, wrong) {
		t.Errorf("%d, %v", v, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	finish, dropped := make(chan struct{}), make(chan int)
	v, err := Do(ctx, func() (int, error) {
		cancel()
		<-finish
		return 7, nil
	}, func(v int) { dropped <- v })
	if v != 0 || !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %d, %v", v, err)
	}
	close(finish)
	if v := <-dropped; v != 7 {
		t.Errorf("%d was dropped", v)
	}
	started := false
	if _, err := Do(ctx, func() (int, error) { started = true; return 0, nil }, nil); err == nil || started {
		t.Errorf("it was started after the interrupt: %v", err)
	}
}
