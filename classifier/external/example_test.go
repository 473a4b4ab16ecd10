package external_test

import (
	"bufio"
	"context"
	"fmt"
	"strings"

	"smoothlab/classifier/external"
)

// Let a program classify images. (Not run as a test: it needs Python, and classify.py is the user's.)
func ExampleStart() {
	ctx := context.Background()
	p, err := external.Start(ctx, external.Options{
		Command:  []string{"python3", "classify.py"},
		Channels: 1, Height: 28, Width: 28, Classes: 10,
	})
	if err != nil {
		fmt.Println(err) // with the last lines that the program has written to its standard error
		return
	}
	defer p.Close()
	answer, err := p.Classify(ctx, make([]float32, 2*28*28)) // two black images
	fmt.Println(len(answer.Logits), err)
}

// The Python module that speaks the protocol; a user's program imports it.
func ExampleScript() {
	lines := bufio.NewScanner(strings.NewReader(external.Script()))
	for lines.Scan() && !strings.HasPrefix(lines.Text(), "def ") {
	}
	fmt.Println(lines.Text())
	// Output: def serve(classify, fingerprint, names=None):
}
