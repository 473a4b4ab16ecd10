package session

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"smoothlab/classifier"
	"smoothlab/internal/atomicfile"
	"smoothlab/language"

	"go.starlark.net/starlark"
)

// saveArgs are the arguments of save().
type saveArgs struct {
	Value starlark.Value `arg:"x,required" want:"a classifier, or results" help:"a classifier; or a result, or a list of results of one kind, such as the predictions for a data set"`
	Path  string         `arg:"path,required" complete:"file" help:"for a classifier, .safetensors is appended if missing; for results, the name ends in .npz, .csv, .json, .jsonl or .parquet"`
}

// save implements save().
func (s *Session) save(c *language.Call, a *saveArgs) (starlark.Value, error) {
	if v, ok := a.Value.(*classifierValue); ok {
		return nil, v.save(c, a.Path)
	}
	v, err := saved(a.Value)
	if err != nil {
		return nil, err
	}
	return nil, saveColumns(c, v, a.Path)
}

// save writes the weights and refuses to overwrite anything but a checkpoint of weights.
func (v *classifierValue) save(c *language.Call, path string) error {
	path, err := checkpointPath(path)
	if err != nil {
		return err
	}
	if err := replaceable(path); err != nil {
		return err
	}
	if err := prepareOutputPath(path); err != nil {
		return err
	}
	now, err := v.read(c.Ctx)
	if err != nil {
		return err
	}
	if err := (&classifier.Checkpoint{Classifier: now}).Save(path); err != nil {
		return err
	}
	v.savedAs(now, path)
	c.Out.Print("saved → " + path + "\n")
	return nil
}

// checkpointPath returns the path of a checkpoint with its extension. It checks the name before appending the
// extension, which would hide a bad name; a directory may have the name without the extension.
func checkpointPath(path string) (string, error) {
	path = expandTilde(path)
	base := path[strings.LastIndexByte(path, filepath.Separator)+1:]
	info, err := os.Stat(path)
	named := err == nil && info.IsDir() && base != "" && base != "." && base != ".."
	if !named || strings.HasSuffix(path, checkpointExt) {
		if err := atomicfile.CheckName(path); err != nil {
			return "", err
		}
	}
	if !strings.HasSuffix(path, checkpointExt) {
		path += checkpointExt
	}
	return path, nil
}

// savedAs records that a file holds the classifier, unless it has changed since it was written.
func (v *classifierValue) savedAs(c *classifier.Classifier, path string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.c == c {
		v.path = path
	}
}

// replaceable returns an error if path exists and is not a checkpoint of weights.
func replaceable(path string) error {
	old, err := classifier.Load(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf(
			"%s exists and is not a smoothlab checkpoint; choose another file name (%w)",
			path,
			err,
		)
	case old.Training != nil:
		return fmt.Errorf(
			"%s holds a training run, which save would reduce to its weights; choose another file name",
			path,
		)
	}
	return nil
}
