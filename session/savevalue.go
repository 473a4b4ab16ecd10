package session

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"

	"smoothlab/columns"
	"smoothlab/internal/atomicfile"
	"smoothlab/language"
	"smoothlab/language/bounded"
	"smoothlab/report"

	"go.starlark.net/starlark"
)

// saver is a value whose numbers can be written to a file.
type saver interface {
	starlark.Value
	columns() (columns.Table, error)
}

// saveDataArgs are the arguments of the method save().
type saveDataArgs struct {
	Path string `arg:"path,required" complete:"file" help:"the file; its name ends in .npz, .csv, .json, .jsonl or .parquet, and an older file is replaced"`
}

// saveMethod is the method save() of results.
func saveMethod() *language.Function {
	return language.Method(
		"save",
		"write the numbers to a file for NumPy (.npz), pandas (.csv, .parquet, .jsonl) or other programs (.json)",
		saveDataArgs{},
		func(c *language.Call, v saver, a *saveDataArgs) (starlark.Value, error) {
			return nil, saveColumns(c, v, a.Path)
		},
	)
}

// saveColumns writes the numbers of a value to a file.
func saveColumns(c *language.Call, v saver, path string) error {
	path = expandTilde(path)
	if err := columns.CheckPath(path); err != nil {
		return fmt.Errorf("save: %w", err)
	}
	if err := notSidecar(path); err != nil {
		return err
	}
	if err := notLog(path); err != nil {
		return fmt.Errorf("save: %w", err)
	}
	t, err := v.columns()
	if err != nil {
		return fmt.Errorf("save: %w", err)
	}
	if err := columns.Save(path, t); err != nil {
		return fmt.Errorf("save: %w", err)
	}
	c.Out.Print("saved → " + path + "\n")
	return nil
}

// notSidecar returns an error if path names the JSON file of a certification log.
func notSidecar(path string) error {
	log, isJSON := strings.CutSuffix(path, ".json")
	if !isJSON {
		return nil
	}
	info, err := os.Stat(log)
	switch {
	case err == nil && info.Mode().IsRegular():
		return fmt.Errorf("save: %s belongs to the log %s; choose another file name", path, filepath.Base(log))
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("save: %s may belong to a log %s, which cannot be examined: %w; choose another file name",
			path, filepath.Base(log), atomicfile.Cause(err))
	}
	return nil
}

// columns returns the table of a tabular report.
func (v *reportValue) columns() (columns.Table, error) {
	if t, ok := v.r.(report.Tabular); ok {
		return t.Columns()
	}
	return columns.Of(rowsOf([]reflect.Value{reflect.ValueOf(v.r)}).Interface())
}

// saves reports whether the report can be saved.
func (v *reportValue) saves() bool {
	_, ok := v.r.(report.Tabular)
	return ok
}

func (k *certificatesValue) columns() (columns.Table, error) {
	return report.NewCertificates(k.Certificates, k.path, k.pick).Columns()
}

// saved returns the saver of a value that is given to the function save(): a result, or a list of results of one kind.
func saved(v starlark.Value) (saver, error) {
	switch v := v.(type) {
	case saver:
		return v, nil
	case *starlark.List:
		return newRows(v)
	}
	return nil, fmt.Errorf("save: x must be a classifier, a result, or a list of results of one kind, got %s%s",
		bounded.InError(v), language.Reason(v))
}

// rowsValue is a list of results of one kind, such as the predictions for a data set: one row each.
type rowsValue struct {
	*starlark.List
	rows reflect.Value // a slice of structs
}

func (v *rowsValue) columns() (columns.Table, error) { return columns.Of(v.rows.Interface()) }

func newRows(list *starlark.List) (*rowsValue, error) {
	var rows []reflect.Value
	for item := range starlark.Elements(list) {
		var row reflect.Value
		switch item := item.(type) {
		case *recordValue:
			row = item.v
		case interface{ report() report.Report }:
			row = reflect.ValueOf(item.report())
		default:
			return nil, fmt.Errorf("save: %s in a list cannot be a row of a table", item.Type())
		}
		if len(rows) > 0 && row.Type() != rows[0].Type() {
			return nil, errors.New("save: the results in the list are of different kinds; save them one by one")
		}
		rows = append(rows, row)
	}
	if len(rows) == 0 {
		return nil, errors.New("save: the list is empty")
	}
	if rows[0].Kind() != reflect.Struct {
		return nil, fmt.Errorf("save: %s in a list cannot be a row of a table", list.Index(0).Type())
	}
	return &rowsValue{list, rowsOf(rows)}, nil
}

// report returns the report that the value holds.
func (v *reportValue) report() report.Report { return v.r }

// rowsOf returns a slice of structs of one type.
func rowsOf(rows []reflect.Value) reflect.Value {
	all := reflect.MakeSlice(reflect.SliceOf(rows[0].Type()), 0, len(rows))
	return reflect.Append(all, rows...)
}
