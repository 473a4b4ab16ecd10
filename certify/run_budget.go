package certify

import (
	"fmt"
	"time"

	"smoothlab/internal/humanize"
)

// Budget bounds the cost of one call of [RunWithin]. Zero fields mean no bound.
type Budget struct {
	Votes int // largest number of votes to draw
	// Time bounds the duration of the call. The first calls of the voter, which may compile, do not count, and the
	// call in progress is finished.
	Time time.Duration
}

// Check returns an error if a bound is negative.
func (b Budget) Check() error {
	if b.Votes < 0 {
		return fmt.Errorf("max_votes, the largest number of votes to draw, must be at least 1; got %d", b.Votes)
	}
	if b.Time < 0 {
		return fmt.Errorf("max_time must be above 0 s; got %v", b.Time)
	}
	return nil
}

// BudgetError reports that a budget ended a certification. Finished rows are kept, as after an interrupt.
type BudgetError struct {
	Budget
	Spent bool // whether the time is used up; otherwise the next votes would be too many
}

func (e *BudgetError) Error() string {
	if e.Spent {
		return fmt.Sprintf("its time of %v is used up", e.Time)
	}
	return fmt.Sprintf("more votes would exceed the %s of its budget", humanize.Grouped(e.Votes))
}
