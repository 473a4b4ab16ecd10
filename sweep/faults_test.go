package sweep

import (
	"errors"
	"regexp"
	"testing"

	"smoothlab/internal/faulttest"
)

// timeColumn matches the time that an image took, in a log.
var timeColumn = regexp.MustCompile(`\d:\d\d:\d\d\.\d{6}`)

// If any file operation fails, a cell fails with a sentence in its record, or the sweep fails. The same sweep again
// ends with the files of a sweep without a failure.
func TestFaults(t *testing.T) {
	faulttest.Run(t, func(t *testing.T) []faulttest.Work {
		small := job(t, "", 1)
		return []faulttest.Work{{
			Name:  "sweep",
			Grows: true,
			Do: func(dir string) error {
				small.Dir = dir
				results, err := Make(t.Context(), small)
				if err == nil && results[0].Failure != "" {
					err = errors.New(results[0].Failure)
				}
				return err
			},
			Comparable: func(_ string, data []byte) []byte { return timeColumn.ReplaceAll(data, []byte("-")) },
		}}
	})
}
