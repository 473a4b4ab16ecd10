package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"smoothlab/dataset"
	"smoothlab/internal/doctor"
	"smoothlab/internal/pjrt"
)

// doctorCommand is smoothlab doctor.
type doctorCommand struct{}

// Run prints the report; it fails if something is missing.
func (doctorCommand) Run(ctx context.Context, t *terminal) error {
	ctx, stop := t.interruptible(ctx)
	defer stop()
	c := t.console
	report := doctor.Examine(ctx, pjrt.Options{}, folders()...)
	c.Say(strings.TrimSuffix(report.String(), "\n"))
	if !report.Complete() {
		return errors.New("something is missing: see above")
	}
	return nil
}

// folders tells where data sets are looked for and what is there.
func folders() []doctor.Line {
	var lines []doctor.Line
	for _, f := range dataset.Folders(dataset.Options{}) {
		line := doctor.Line{Topic: "data", Found: fmt.Sprintf("%s (%s)", f.Path, f.From)}
		switch {
		case errors.Is(f.Err, fs.ErrNotExist) && f.From != "SMOOTHLAB_DATA":
			line.Found += ": not there yet; downloads will go there"
		case f.Err != nil:
			line.Mend = f.Err.Error()
		}
		for _, found := range f.Found {
			line.Found += fmt.Sprintf("; %s %s", found.Name, found.Split)
			if !found.Complete() {
				line.Found += " (one file missing)"
			}
		}
		lines = append(lines, line)
	}
	return append(lines, doctor.Line{Topic: "data", Found: "mnist-mini is embedded and needs no file"})
}
