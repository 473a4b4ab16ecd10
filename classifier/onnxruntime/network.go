package onnxruntime

import (
	"context"
	"errors"
	"fmt"
	"runtime"

	"smoothlab/classifier/onnx"
	"smoothlab/internal/await"

	ort "github.com/yalue/onnxruntime_go"
)

// Network is a network in ONNX Runtime. Its methods may be called from any goroutine; one batch is computed at a time,
// on all processors.
type Network struct {
	session *ort.DynamicAdvancedSession
	input   onnx.Shape
	classes int
	turn    chan struct{} // full while a batch is computed, and after Close
}

// Load prepares an ONNX file that classifies images of a shape, with the input onnx.FileInput and the output
// onnx.FileOutput.
func (l *Library) Load(ctx context.Context, file []byte, input onnx.Shape, classes int) (*Network, error) {
	session, err := await.Do(ctx, func() (*ort.DynamicAdvancedSession, error) { return newSession(file) },
		func(s *ort.DynamicAdvancedSession) { _ = s.Destroy() })
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, fmt.Errorf("ONNX Runtime %s refuses the network: %w", l.Version, err)
	}
	return &Network{session: session, input: input, classes: classes, turn: make(chan struct{}, 1)}, nil
}

// newSession prepares a file. Its threads do not spin: XLA draws the next noise on the same processors.
func newSession(file []byte) (session *ort.DynamicAdvancedSession, err error) {
	o, err := ort.NewSessionOptions()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, o.Destroy()) }()
	for _, set := range []func() error{
		func() error { return o.SetIntraOpNumThreads(runtime.GOMAXPROCS(0)) },
		func() error { return o.SetLogSeverityLevel(ort.LoggingLevelFatal) },
		func() error { return o.AddSessionConfigEntry("session.intra_op.allow_spinning", "0") },
	} {
		if err := set(); err != nil {
			return nil, err
		}
	}
	return ort.NewDynamicAdvancedSessionWithONNXData(file, []string{onnx.FileInput}, []string{onnx.FileOutput}, o)
}

// Classify returns the logits [n, classes] of images [n, channels, height, width]. When ctx ends, it stops at the next
// operation of the network.
func (n *Network) Classify(ctx context.Context, images []float32) (logits []float32, err error) {
	size := n.input.Channels * n.input.Height * n.input.Width
	if len(images) == 0 || len(images)%size != 0 {
		return nil, fmt.Errorf("a batch of %d values is not of images with %d values each", len(images), size)
	}
	select {
	case n.turn <- struct{}{}:
		defer func() { <-n.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if n.session == nil {
		return nil, errors.New("the network in ONNX Runtime is closed")
	}
	batch := len(images) / size
	logits = make([]float32, batch*n.classes)
	err = n.run(ctx, ort.NewShape(int64(batch), int64(n.input.Channels), int64(n.input.Height), int64(n.input.Width)),
		images, ort.NewShape(int64(batch), int64(n.classes)), logits)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		return nil, fmt.Errorf("ONNX Runtime failed: %w", err)
	}
	return logits, nil
}

// run computes one batch into out.
func (n *Network) run(
	ctx context.Context,
	inShape ort.Shape,
	in []float32,
	outShape ort.Shape,
	out []float32,
) (err error) {
	var pinned runtime.Pinner // ONNX Runtime keeps the addresses until the tensors are destroyed
	defer pinned.Unpin()
	pinned.Pin(&in[0])
	pinned.Pin(&out[0])
	x, err := ort.NewTensor(inShape, in)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, x.Destroy()) }()
	y, err := ort.NewTensor(outShape, out)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, y.Destroy()) }()
	options, err := ort.NewRunOptions()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, options.Destroy()) }()
	over := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(over)
		_ = options.Terminate() // the call then ends with an error
	})
	err = n.session.RunWithOptions([]ort.Value{x}, []ort.Value{y}, options)
	if !stop() {
		<-over
	}
	return err
}

// Close waits for the batch in progress and frees the network.
func (n *Network) Close() error {
	n.turn <- struct{}{}
	defer func() { <-n.turn }()
	if n.session == nil {
		return nil
	}
	err := n.session.Destroy()
	n.session = nil
	return err
}
