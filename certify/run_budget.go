package certify

import (
	"fmt"
	"time"
)

// Budget bounds what one call of [RunWithin] may cost; zero fields bound nothing.
type Budget struct {
	Votes int           // drawn by this call, at most
	Time  time.Duration // that this call takes, but for the first calls of the voter, which may compile, and the one under way
}

// Check says what is wrong with the budget, in a sentence.
func (b Budget) Check() error {
	if b.Votes < 0 {
		return fmt.Errorf("max_votes, the largest number of votes to draw, must be at least 1; got %d", b.Votes)
	}
	if b.Time < 0 {
		return fmt.Errorf("max_time must be above 0 s; got %v", b.Time)
	}
	return nil
}

// BudgetError says that a certification was ended by its budget. What was done is kept as if it had been interrupted.
type BudgetError struct {
	Budget
	Spent bool // by time; else the next votes would be too many
}

func (e *BudgetError) Error() string {
	if e.Spent {
		return fmt.Sprintf("its time of %v is used up", e.Time)
	}
	return fmt.Sprintf("more votes would exceed the %s of its budget", grouped(e.Votes))
}
