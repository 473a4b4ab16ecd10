package weights

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"smoothlab/internal/atomicfile"
	"smoothlab/internal/lfs"
	"smoothlab/internal/npz"
)

// Tensor is an array of numbers, row-major.
type Tensor struct {
	Dims   []int
	Type   string    // type of the numbers in the file, such as "float32" or "int8"
	Values []float32 // converted; nil for types that float32 cannot hold
}

// IsFloat reports whether the file holds floating-point numbers.
func (t Tensor) IsFloat() bool {
	return slices.Contains([]string{float32s.name, float64s.name, float16s.name, bfloat16s.name}, t.Type)
}

// Set holds the tensors of one dict of a file, by name.
type Set struct {
	Path    string // the keys and positions that lead to the dict, joined by dots; "" for the top level
	Tensors map[string]Tensor
}

// File is the content of a file of weights.
type File struct {
	Format string            // such as "PyTorch"
	Arch   string            // name of the network as the file has it; "" if it names none
	Sets   []Set             // in the order of the file, at least one, each with a tensor
	Meta   map[string]string // metadata of safetensors
}

// maxFile bounds the size of a file read into memory: ResNet-50 with its optimizer's buffers takes 200 MB.
const maxFile = 2 << 30

// Read reads a file of weights. It ends soon after ctx does. Every error is one sentence that names the file.
func Read(ctx context.Context, path string) (*File, error) {
	data, err := load(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("weights: %w", err)
	}
	f, err := parse(ctx, data)
	if err != nil {
		return nil, fmt.Errorf("weights %s: %w", path, err)
	}
	return f, nil
}

// load reads a file in pieces, so that it can be interrupted.
func load(ctx context.Context, path string) ([]byte, error) {
	f, err := atomicfile.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	switch info, err := f.Stat(); {
	case err != nil:
		return nil, err
	case info.Size() > maxFile:
		return nil, fmt.Errorf(
			"%s has %d bytes, more than the %d of the largest network",
			path,
			info.Size(),
			int64(maxFile),
		)
	}
	var b bytes.Buffer
	for {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("reading %s: %w", path, context.Cause(ctx))
		}
		if _, err := io.CopyN(&b, f, 16<<20); errors.Is(err, io.EOF) {
			return b.Bytes(), nil
		} else if err != nil {
			return nil, err
		}
	}
}

// parse reads a file of any format. Names in the result are printable.
func parse(ctx context.Context, data []byte) (*File, error) {
	f, err := decode(ctx, data)
	if err != nil {
		return nil, tidy(err)
	}
	for _, s := range f.Sets {
		for name := range s.Tensors {
			if full := joined(s.Path, name); !showable(full) {
				return nil, fmt.Errorf(
					"it has a tensor named %s: expected names of at most %d printable characters",
					brief(strconv.Quote(full)),
					maxName,
				)
			}
		}
	}
	if !showable(f.Arch) {
		f.Arch = ""
	}
	return f, nil
}

// maxName bounds the name of a tensor: those of networks have some 50 characters.
const maxName = 300

func showable(name string) bool { return len(name) <= maxName && printable(name) }

func printable(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) })
}

// maxText bounds error texts of libraries, which may quote the whole file.
const maxText = 800

// tidy shortens an error to one readable line.
func tidy(err error) error {
	text := err.Error()
	if len(text) <= maxText && printable(text) {
		return err
	}
	quoted := strconv.Quote(text)
	return errors.New(brief(quoted[1 : len(quoted)-1]))
}

// brief cuts a text off where it gets long.
func brief(text string) string {
	if len(text) <= maxText {
		return text
	}
	return strings.ToValidUTF8(text[:maxText], "") + "…"
}

// decode chooses the format by the first bytes.
func decode(ctx context.Context, data []byte) (*File, error) {
	switch {
	case bytes.HasPrefix(data, []byte("PK\x03\x04")):
		return parseZip(ctx, data)
	case len(data) > 8 && data[8] == '{' && binary.LittleEndian.Uint64(data) <= uint64(len(data)-8):
		return parseSafetensors(data)
	case len(data) > 1 && data[0] == 0x80,
		bytes.HasPrefix(data, []byte("L119547037146038801333356L\n")): // the magic number in pickle's first protocols
		return parseLegacy(data)
	}
	return nil, notWeights(data)
}

// notWeights returns the error for a file that holds no weights, or weights that are packed otherwise.
func notWeights(data []byte) error {
	begins := func(with string) bool { return bytes.HasPrefix(data, []byte(with)) }
	switch {
	case len(data) == 0:
		return errors.New("it is empty: save or copy it again")
	case lfs.Is(data):
		return lfs.ErrPointer
	case begins("\x1f\x8b"):
		return errors.New("it is packed by gzip: gunzip it")
	case begins("\x89HDF\r\n"):
		return errors.New("it is an HDF5 file, as Keras writes: save its arrays, with PyTorch's names and axes, by numpy.savez")
	case begins("\x93NUMPY"):
		return errors.New("it is one array: save all by numpy.savez(path, **arrays), named as PyTorch names them")
	}
	return errors.New("expected what torch.save, safetensors or numpy.savez writes, found none of these")
}

// parseZip reads a zip archive of PyTorch or NumPy.
func parseZip(ctx context.Context, data []byte) (*File, error) {
	a, err := openArchive(data)
	if err != nil {
		return nil, err
	}
	if a.pickle != nil {
		return a.parse()
	}
	arrays, err := npz.Read(ctx, bytes.NewReader(data), int64(len(data)), maxFile)
	if err != nil {
		return nil, err
	}
	tensors := map[string]Tensor{}
	for name, array := range arrays {
		if values := array.Float32(); values != nil {
			tensors[name] = Tensor{slices.Clone(array.Shape), array.Name, values}
		}
	}
	if len(tensors) == 0 {
		return nil, errors.New("it is a zip archive with neither a data.pkl of PyTorch nor arrays of NumPy")
	}
	return &File{Format: "NumPy", Sets: []Set{{Tensors: tensors}}}, nil
}

// joined joins keys that are not empty by dots.
func joined(keys ...string) string {
	return strings.Join(slices.DeleteFunc(keys, func(k string) bool { return k == "" }), ".")
}
