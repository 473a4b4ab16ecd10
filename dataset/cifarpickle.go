package dataset

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"smoothlab/internal/pickle"

	"github.com/nlpodyssey/gopickle/types"
)

// The Python version of CIFAR-10, which torchvision keeps: each batch is a pickle of a dict with labels, a list, and
// data, an array [N, 3072] of the same planes as in the binary version. Source:
// https://www.cs.toronto.edu/~kriz/cifar.html.
const (
	cifarPythonDir = "cifar-10-batches-py"
	maxCIFARPickle = 64 << 20 // the published batches have 31 MB
)

// readCIFARPickle reads a batch of the Python version. It returns the records in the layout of the binary version,
// whose checksum identifies the published ones.
func readCIFARPickle(ctx context.Context, name string, src io.Reader) (*cifarPart, error) {
	data, err := io.ReadAll(io.LimitReader(&interruptible{ctx, src}, maxCIFARPickle+1))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	records, err := unpickleCIFAR(data)
	if err != nil {
		return nil, fmt.Errorf("%s is not a batch of CIFAR-10 for Python: %w", name, err)
	}
	return readCIFAR(ctx, name, bytes.NewReader(records))
}

// unpickleCIFAR converts a batch to the layout of the binary version.
func unpickleCIFAR(data []byte) ([]byte, error) {
	v, err := pickle.Load(
		bytes.NewReader(data),
		pickle.Options{Find: pickle.NumPy, MaxBytes: maxCIFARPickle, Holds: "a batch of images"},
	)
	if err != nil {
		return nil, err
	}
	dict, ok := v.(*types.Dict)
	if !ok {
		return nil, errors.New("it holds no dict")
	}
	var labels *types.List
	var images *pickle.Array
	for _, entry := range *dict {
		switch string(pickle.Bytes(entry.Key)) {
		case "labels":
			labels, _ = entry.Value.(*types.List)
		case "data":
			images, _ = entry.Value.(*pickle.Array)
		}
	}
	if labels == nil || images == nil {
		return nil, errors.New("its dict has no list labels or no array data")
	}
	n := labels.Len()
	fits := len(images.Shape) == 2 && images.Shape[0] == n && images.Shape[1] == 3*cifarPlane
	if !fits || images.Type != "u1" || images.Fortran || len(images.Data) != n*3*cifarPlane {
		return nil, fmt.Errorf(
			"its data has the shape %v and the type %s, expected [%d %d] and u1 in C order",
			images.Shape,
			images.Type,
			n,
			3*cifarPlane,
		)
	}
	records := make([]byte, 0, n*cifarRecord)
	for i, label := range *labels {
		y, ok := label.(int)
		if !ok || y < 0 || y >= cifarClasses {
			return nil, fmt.Errorf("label %d is %v, expected a whole number from 0 to %d", i, label, cifarClasses-1)
		}
		records = append(records, byte(y))
		records = append(records, images.Data[i*3*cifarPlane:(i+1)*3*cifarPlane]...)
	}
	return records, nil
}
