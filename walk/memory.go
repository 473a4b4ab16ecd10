package walk

import (
	"errors"
	"fmt"

	"smoothlab/engine"
	"smoothlab/method"
)

// inMemory adds to the error of a verb that takes more memory than the machine has how many images fit, or else how
// many noise samples. Both grow about linearly with memory.
func (w *Walk) inMemory(m method.Method, err error) error {
	var short *engine.MemoryError
	if !errors.As(err, &short) {
		return err
	}
	share := engine.SpareMemory * short.Have / short.Need
	images, noises := w.job.Data.Len(), m.Traits().Noises
	advice := "use a smaller network"
	if n := int(share * float64(images)); n > 0 {
		advice = fmt.Sprintf("%d of the images fit", n)
	} else if n := int(share * float64(noises)); n > 0 {
		advice = fmt.Sprintf("m=%d fits", n)
	}
	return fmt.Errorf("%d noisy copies of %d images: %w; %s", noises, images, short, advice)
}
