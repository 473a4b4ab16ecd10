package weights

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/big"
	"strings"

	"github.com/nlpodyssey/gopickle/types"
)

// archive is a file of torch.save since PyTorch 1.6: a zip archive of a pickle and of a file for each storage
// (torch/serialization.py, _save).
type archive struct {
	dir     string // directory of the pickle, with a slash
	pickle  *zip.File
	members map[string]*zip.File
}

func openArchive(data []byte) (*archive, error) {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, fmt.Errorf("damaged zip archive: %w", err)
	}
	a := &archive{members: map[string]*zip.File{}}
	for _, f := range z.File {
		a.members[f.Name] = f
		if dir, ok := strings.CutSuffix(
			f.Name,
			"data.pkl",
		); ok && a.pickle == nil &&
			(dir == "" || strings.HasSuffix(dir, "/")) {
			a.dir, a.pickle = dir, f
		}
	}
	return a, nil
}

// parse reads the weights of the archive.
func (a *archive) parse() (*File, error) {
	if _, ok := a.members[a.dir+"constants.pkl"]; ok {
		return nil, errors.New(
			"it is a TorchScript program, not weights: torch.save(model.state_dict(), path) saves these",
		)
	}
	if order, ok := a.members[a.dir+"byteorder"]; ok {
		if b, err := unpack(order, 16); err != nil || string(b) != "little" {
			return nil, fmt.Errorf("its numbers are in the order %q, expected little", b)
		}
	}
	data, err := unpack(a.pickle, maxPickle)
	if err != nil {
		return nil, err
	}
	storages := map[string]*storage{}
	v, err := unpickle(bytes.NewReader(data), func(id []any) (any, error) { return newStorage(id, storages) })
	if err != nil {
		return nil, err
	}
	return weights(v, func(s *storage) error {
		member, ok := a.members[a.dir+"data/"+s.key]
		if !ok {
			return fmt.Errorf("its storage %q is missing", s.key)
		}
		if s.data, err = unpack(
			member,
			int64(s.count)*int64(s.kind.size),
		); err == nil &&
			len(s.data) != s.count*s.kind.size {
			err = fmt.Errorf("its storage %q holds %d bytes of %d", s.key, len(s.data), s.count*s.kind.size)
		}
		return err
	})
}

// maxPickle bounds a pickle, which contains the numbers themselves if tensors were saved as NumPy arrays. Without them,
// ResNet-152's takes 100 kB, with the optimizer's state. See also maxOpcodes.
const maxPickle = 256 << 20

// unpack reads a member of at most most bytes.
func unpack(f *zip.File, most int64) ([]byte, error) {
	if most < 0 || most > maxFile {
		return nil, fmt.Errorf("its part %s would have %d bytes", f.Name, most)
	}
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	data, err := io.ReadAll(io.LimitReader(r, most+1))
	if err == nil && int64(len(data)) > most {
		err = fmt.Errorf("its part %s is longer than the %d bytes it should have", f.Name, most)
	}
	return data, err
}

// magic begins a file of torch.save before PyTorch 1.6, and protocol follows it (torch/serialization.py, _legacy_save).
const magic, protocol = "1950a86a20f9469cfc6c", 1001

// parseLegacy reads a sequence of pickles: magic number, protocol, facts of the machine, the object, and the keys of
// the storages, which then follow, each with its count of numbers before it.
func parseLegacy(data []byte) (*File, error) {
	r := bytes.NewReader(data)
	first, err := unpickle(r, nil)
	if err != nil {
		return nil, err
	}
	if items, _ := entries(first); len(items) > 0 { // pickle.dump of a dict of arrays
		return weights(first, func(s *storage) error { return fmt.Errorf("its storage %q is missing", s.key) })
	}
	if n, ok := first.(*big.Int); !ok || n.Text(16) != magic {
		return nil, errors.New("it is a pickle, but not one of torch.save")
	}
	if v, err := unpickle(r, nil); err != nil || v != protocol {
		return nil, fmt.Errorf("it is a file of torch.save in protocol %v, expected %d", v, protocol)
	}
	if _, err := unpickle(r, nil); err != nil {
		return nil, err
	}
	storages := map[string]*storage{}
	v, err := unpickle(r, func(id []any) (any, error) { return newStorage(id, storages) })
	if err != nil {
		return nil, err
	}
	keys, err := unpickle(r, nil)
	if err != nil {
		return nil, err
	}
	list, ok := keys.(*types.List)
	if !ok {
		return nil, errors.New("its list of storages is damaged")
	}
	rest := data[len(data)-r.Len():]
	for _, key := range *list {
		name, _ := key.(string)
		s, ok := storages[name]
		if !ok || len(rest) < 8 || binary.LittleEndian.Uint64(rest) != uint64(s.count) ||
			s.count > (len(rest)-8)/s.kind.size {
			return nil, fmt.Errorf("its storage %q is damaged or cut short", name)
		}
		s.data, rest = rest[8:8+s.count*s.kind.size], rest[8+s.count*s.kind.size:]
	}
	return weights(v, func(s *storage) error {
		if s.data == nil && s.count > 0 {
			return fmt.Errorf("its storage %q is missing", s.key)
		}
		return nil
	})
}
