package dataset

import (
	"fmt"
	"slices"
	"strings"

	"smoothlab/internal/suggest"
)

// All is the split of files and directories that have no parts.
const All = "all"

// partNames lists the usual words for a part of a data set, its canonical name first.
type partNames struct{ names []string }

// The parts that a file or directory may have. Test images are often called validation images.
const (
	trainPart      = "train"
	testPart       = "test"
	validationPart = "validation"
)

func parts() []partNames {
	return []partNames{
		{[]string{trainPart, "training"}},
		{[]string{testPart, "testing"}},
		{[]string{validationPart, "val", "valid", "dev", "eval", "evaluation"}},
	}
}

// partOf returns the part that a word means, or "". Case is ignored, and what follows in test_set or train-images.
func partOf(word string) string {
	word = strings.ToLower(word)
	for _, ending := range []string{"set", "data", "images"} {
		word = strings.TrimRight(strings.TrimSuffix(word, ending), "_- ")
	}
	for _, p := range parts() {
		if slices.Contains(p.names, word) {
			return p.names[0]
		}
	}
	return ""
}

// choosePart returns the part for a split, out of the existing ones, and a note if validation images are used as test
// images. It returns [All] if there are no parts.
func choosePart(name, split string, there []string) (part, note string, err error) {
	if len(there) == 0 {
		return All, "", nil
	}
	part = partOf(split)
	switch {
	case slices.Contains(there, part):
		return part, "", nil
	case part == testPart && slices.Contains(there, validationPart):
		return validationPart, "the split test is read from the validation images, since there are no test images", nil
	case part == "":
		return "", "", fmt.Errorf("%s: %s", name, suggest.Sentence("split", split, there))
	}
	return "", "", fmt.Errorf("%s has no images for the split %s: it has %s", name, split, strings.Join(there, ", "))
}
