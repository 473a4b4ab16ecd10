package dataset

import (
	"fmt"
	"slices"
	"strings"

	"smoothlab/internal/suggest"
)

// All is the split of files and folders that have no parts.
const All = "all"

// partNames are the words for a part of a data set that people and programs write, the part's own name first.
type partNames struct{ names []string }

// The parts that a file or folder may have. Test images are often called validation images.
const (
	trainPart      = "train"
	testPart       = "test"
	validationPart = "validation"
)

func parts() []partNames {
	return []partNames{
		{[]string{trainPart, "training"}},
		{[]string{testPart, "testing"}},
		{[]string{validationPart, "val", "valid", "dev"}},
	}
}

// partOf returns the part that a word means, "" for none. Case does not count.
func partOf(word string) string {
	for _, p := range parts() {
		if slices.Contains(p.names, strings.ToLower(word)) {
			return p.names[0]
		}
	}
	return ""
}

// choosePart returns which of the parts that there are is the split; a note says where test images are those called
// validation. It is [All] where there are none.
func choosePart(name, split string, there []string) (part, note string, err error) {
	if len(there) == 0 {
		return All, "", nil
	}
	part = partOf(split)
	switch {
	case slices.Contains(there, part):
		return part, "", nil
	case part == testPart && slices.Contains(there, validationPart):
		return validationPart, "the split test is read from the validation images: there are no others", nil
	case part == "":
		return "", "", fmt.Errorf("%s: %s", name, suggest.Sentence("split", split, there))
	}
	return "", "", fmt.Errorf("%s has no images for the split %s: it has %s", name, split, strings.Join(there, ", "))
}
