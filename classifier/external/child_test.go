package external

import (
	"strings"
	"testing"
	"time"
)

// What a process prints before it ends is in the error, also if it ends before the request is written.
func TestEndedBeforeRequest(t *testing.T) {
	c, err := run([]string{"echo", "hello, here are some bytes"})
	if err != nil {
		t.Fatal(err)
	}
	defer c.stop()
	<-c.ended
	_, err = c.open(t.Context(), Options{Channels: 1, Height: 2, Width: 2, Classes: 3, StartWithin: 5 * time.Second})
	if err == nil || !strings.Contains(err.Error(), `it begins with "hell"`) {
		t.Errorf("%v, want what was printed", err)
	}
}
