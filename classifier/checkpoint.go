package classifier

import (
	"bufio"
	"cmp"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"smoothlab/classifier/onnx"
	"smoothlab/internal/atomicfile"

	"github.com/nlpodyssey/safetensors"
)

// Checkpoint is a classifier together with its trainer's state, kept as one safetensors file: the parameters under
// PyTorch's names, the optimizer's buffers under "momentum." or "exp_avg." and "exp_avg_sq.", and the rest as JSON in
// the metadata. It needs no random state, because package noise derives every draw from the seed and the position.
type Checkpoint struct {
	*Classifier
	// Buffers holds the optimizer's buffers by name: one of each trained parameter, in the order of Arch.Trained. It is
	// nil if only weights were saved.
	Buffers map[string][][]float32
	// Current holds the parameters that training continues from, if the classifier's parameters are their average; else
	// it is nil.
	Current  [][]float32
	Training json.RawMessage // settings, position and history, as its trainer wrote them; nil if there was none
}

// ErrNotCheckpoint marks files that are not checkpoints of this project, as opposed to damaged ones.
var ErrNotCheckpoint = errors.New("not a smoothlab checkpoint")

const (
	formatKey, formatName = "format", "smoothlab checkpoint"
	versionKey            = "version"
)

// A built-in network is written in version 1. A network with other outputs or another normalization is written in
// version 2, which programs that know only version 1 refuse, instead of computing another function.
const version1, version2 = "1", "2"

// maxFile bounds what Load reads into memory: ResNet-110 with its buffers takes 14 MB, ResNet-50 200 MB.
const maxFile = 1 << 30

// Save writes the checkpoint under another name and renames it, so that path always holds a whole file.
func (c *Checkpoint) Save(path string) error {
	data, err := c.encode()
	if err != nil {
		return fmt.Errorf("checkpoint %s is not written: %w", path, err)
	}
	if err := atomicfile.Write(path, data); err != nil {
		return fmt.Errorf("checkpoint not written, %s is as it was: %w", path, err)
	}
	return nil
}

// encode returns the bytes of the file; the same content gives the same bytes.
func (c *Checkpoint) encode() ([]byte, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	tensors := map[string]safetensors.TensorView{}
	for i, p := range c.Arch.Params {
		if err := addTensor(tensors, p.Name, p, c.Params[i]); err != nil {
			return nil, err
		}
	}
	for _, g := range c.groups() {
		for k, p := range g.params {
			if err := addTensor(tensors, g.prefix+p.Name, p, g.values[k]); err != nil {
				return nil, err
			}
		}
	}
	facts, err := json.Marshal(c.Facts)
	if err != nil {
		return nil, err
	}
	meta := map[string]string{formatKey: formatName, "input": c.Arch.Input.String(), "facts": string(facts)}
	if err := c.Arch.describe(meta); err != nil {
		return nil, err
	}
	if c.Training != nil {
		if !json.Valid(c.Training) { // Load would refuse the file
			return nil, errors.New("its training state is not valid JSON")
		}
		meta["training"] = string(c.Training)
	}
	return safetensors.Serialize(tensors, meta)
}

// check returns an error if the checkpoint must not be written, or not be used after reading.
func (c *Checkpoint) check() error {
	if err := checkNames(c.Arch.Name, c.Arch.Classes, c.Facts.Classes); err != nil {
		return err
	}
	if err := errors.Join(c.Check(), c.checkMembers()); err != nil {
		return err
	}
	for _, g := range c.groups() {
		if err := checkValues(c.Arch.Name, g.prefix, g.params, g.values); err != nil {
			return err
		}
	}
	return nil
}

// describe adds to a file's metadata what [described] needs to make the network.
func (a *Architecture) describe(meta map[string]string) error {
	meta[versionKey], meta["arch"] = version1, cmp.Or(a.Base, a.Name)
	if a.Graph != nil {
		meta[graphKey] = base64.StdEncoding.EncodeToString(a.Graph)
	}
	if a.Ensemble != nil {
		return a.Ensemble.describe(meta)
	}
	if a.Scaling != nil {
		meta["scaling"] = a.Scaling.String()
	}
	if a.Name == meta["arch"] {
		return nil
	}
	scaling, err := json.Marshal(a.Scaling)
	meta[versionKey], meta["classes"], meta["normalize"] = version2, strconv.Itoa(a.Classes), string(scaling)
	return err
}

// graphKey is the key of an imported network's graph in the metadata; the graph is in base64.
const graphKey = "onnx"

// namedBy returns the network that a file's metadata name, without the file's changes to it: a built-in one, the graph
// in the file, or an ensemble.
func namedBy(meta map[string]string) (*Architecture, error) {
	if _, several := meta[membersKey]; several {
		return ensembleOf(meta)
	}
	text, carried := meta[graphKey]
	if !carried {
		return Lookup(meta["arch"])
	}
	graph, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("the graph of its network is damaged: %w", err)
	}
	n, err := onnx.Parse(graph)
	if err != nil {
		return nil, fmt.Errorf("the graph of its network cannot be used: %w", err)
	}
	if n.Name != meta["arch"] {
		return nil, fmt.Errorf("it is of %q, and carries the graph of %s", meta["arch"], n.Name)
	}
	return imported(n), nil
}

// described returns the network that a file's metadata describe.
func described(meta map[string]string) (*Architecture, error) {
	a, err := namedBy(meta)
	if err != nil || meta[versionKey] == version1 {
		return a, err
	}
	classes, err := strconv.Atoi(meta["classes"])
	if err != nil {
		return nil, fmt.Errorf("its number of classes is %q, expected a number", meta["classes"])
	}
	if a, err = a.WithClasses(classes); err != nil {
		return nil, err
	}
	var s *Scaling
	if err := json.Unmarshal([]byte(meta["normalize"]), &s); err != nil {
		return nil, fmt.Errorf("its normalization cannot be read: %w", err)
	}
	if s != nil {
		if s, err = NewScaling(s.Mean, s.SD, a.Input.Channels); err != nil {
			return nil, fmt.Errorf("its normalization cannot be used: %w", err)
		}
	}
	return a.WithScaling(s), nil
}

// Load reads a checkpoint. Every error is one sentence that names the file and what was expected.
func Load(path string) (*Checkpoint, error) {
	f, err := atomicfile.Open(path)
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %w", err)
	}
	defer f.Close()
	c, err := Read(f)
	if err != nil {
		return nil, fmt.Errorf("checkpoint %s: %w", path, err)
	}
	return c, nil
}

// Read reads a checkpoint from a stream.
func Read(from io.Reader) (*Checkpoint, error) {
	data, err := read(from)
	if err != nil {
		return nil, err
	}
	st, meta, err := parse(data)
	if err != nil {
		return nil, err
	}
	return fromTensors(st, meta)
}

// read checks the first bytes before it reads the whole file, which may be anything.
func read(from io.Reader) ([]byte, error) {
	r := bufio.NewReader(from)
	head, err := r.Peek(9)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if len(head) < 9 || head[8] != '{' || binary.LittleEndian.Uint64(head) > maxFile {
		return nil, fmt.Errorf("%w: a safetensors file starts with a length and a JSON header", ErrNotCheckpoint)
	}
	data, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxFile {
		return nil, fmt.Errorf("%w: it is larger than %d bytes", ErrNotCheckpoint, maxFile)
	}
	return data, nil
}

// parse distinguishes a damaged checkpoint from a file of another kind.
func parse(data []byte) (safetensors.SafeTensors, map[string]string, error) {
	none := safetensors.SafeTensors{}
	_, header, err := safetensors.ReadMetadata(data)
	if err != nil {
		return none, nil, fmt.Errorf(
			"damaged or cut short, in its %d bytes: %w; take an older copy or train again",
			len(data),
			err,
		)
	}
	meta := header.Metadata()
	if meta[formatKey] != formatName {
		return none, nil, fmt.Errorf("%w: its metadata has no %s %q", ErrNotCheckpoint, formatKey, formatName)
	}
	if v := meta[versionKey]; v != version1 && v != version2 {
		return none, nil, fmt.Errorf(
			"written in version %q of the format, this program reads versions %s and %s",
			v,
			version1,
			version2,
		)
	}
	st, err := safetensors.Deserialize(data)
	return st, meta, err
}

func fromTensors(st safetensors.SafeTensors, meta map[string]string) (*Checkpoint, error) {
	a, err := described(meta)
	if err != nil {
		return nil, err
	}
	c := &Checkpoint{Classifier: &Classifier{Arch: a}}
	if err := json.Unmarshal([]byte(meta["facts"]), &c.Facts); err != nil {
		return nil, fmt.Errorf("its facts cannot be read as JSON: %w", err)
	}
	if t, ok := meta["training"]; ok {
		if !json.Valid([]byte(t)) {
			return nil, errors.New("its training state is not valid JSON")
		}
		c.Training = json.RawMessage(t)
	}
	if c.Params, err = takeTensors(st, a.Name, "", a.Params); err != nil {
		return nil, err
	}
	if err := c.takeGroups(st); err != nil {
		return nil, err
	}
	if err := c.check(); err != nil {
		if errors.Is(err, ErrBadWeights) {
			err = fmt.Errorf("%w; take an older copy or train again", err)
		}
		return nil, err
	}
	return c, nil
}

// takeTensors reads the tensors of some parameters of a network; the error lists all that are missing or misshapen.
func takeTensors(st safetensors.SafeTensors, network, prefix string, params []Param) ([][]float32, error) {
	var wrong []string
	values := make([][]float32, len(params))
	for i, p := range params {
		t, ok := st.Tensor(prefix + p.Name)
		switch {
		case !ok:
			wrong = append(wrong, fmt.Sprintf("%s%s is missing", prefix, p.Name))
		case t.DType() != p.stored():
			wrong = append(wrong, fmt.Sprintf("%s%s is %v, not %v", prefix, p.Name, t.DType(), p.stored()))
		case !slices.Equal(toInts(t.Shape()), p.Dims):
			wrong = append(wrong, fmt.Sprintf("%s%s is %v, not %v", prefix, p.Name, t.Shape(), p.Dims))
		default:
			values[i] = fromBytes(p.Role, t.Data())
		}
	}
	if wrong != nil {
		return nil, fmt.Errorf("does not fit %s: %s", network, strings.Join(wrong, "; "))
	}
	return values, nil
}
