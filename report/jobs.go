package report

import (
	"strconv"

	"smoothlab/internal/humanize"
)

// Jobs are the trainings and certifications of a session.
type Jobs struct {
	Jobs []Job `json:"jobs"`
}

// Job is a training or a certification.
type Job struct {
	ID      int     `json:"id"`
	Kind    string  `json:"kind"`    // "train", "certify", "sweep"
	What    string  `json:"what"`    // the method as a call, or the plan
	State   string  `json:"state"`   // as in Run
	Done    int     `json:"done"`    // finished part of Total, in Unit
	Total   int     `json:"total"`   //
	Unit    string  `json:"unit"`    // "updates", "images", "cells"
	Detail  string  `json:"detail"`  // the loss, votes per second
	Seconds float64 `json:"seconds"` // time since it was started or resumed
	Left    float64 `json:"left"`    // estimated seconds left; 0 if unknown
	Path    string  `json:"path"`    // may be empty
}

func (Jobs) Type() string { return "smoothlab.jobs/1" }

func (j Jobs) Blocks() []Block {
	if len(j.Jobs) == 0 {
		return []Block{Line("no training or certification jobs in this session")}
	}
	t := Table{Head: []string{"run", "", "", "state", "done", "", "left"}, Left: 7}
	for _, job := range j.Jobs {
		done, left := "", ""
		if job.Total > 0 {
			done = humanize.Grouped(job.Done) + " of " + humanize.Grouped(job.Total) + " " + job.Unit
		}
		if job.Left > 0 {
			left = duration(job.Left)
		}
		what := job.What
		if job.Path != "" {
			what += " → " + job.Path
		}
		t.Rows = append(t.Rows, []string{strconv.Itoa(job.ID), job.Kind, what, job.State, done, job.Detail, left})
	}
	return []Block{t}
}
