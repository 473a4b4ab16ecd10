package certify

import (
	"fmt"
	"strconv"
	"strings"
)

// Shard is a part of the images of a certification: part Number, from 1, of Of parts. It has every Of-th image,
// starting with the Number-th, in the order of their indices, so that the parts are similar. The zero value means all
// images.
type Shard struct {
	Number int `json:"number"`
	Of     int `json:"of"`
}

// ParseShard reads a shard such as "1/4"; "" means all images.
func ParseShard(s string) (Shard, error) {
	if s == "" {
		return Shard{}, nil
	}
	number, of, found := strings.Cut(s, "/")
	n, err := strconv.Atoi(number)
	k, err2 := strconv.Atoi(of)
	part := Shard{Number: n, Of: k}
	if !found || err != nil || err2 != nil || part.Check() != nil {
		return Shard{}, fmt.Errorf(`a shard is written "1/4": its number, from 1 on, and how many there are; got %q`, s)
	}
	return part, nil
}

// Check returns an error if the number is not from 1 to Of, or Of is too large.
func (s Shard) Check() error {
	if s.Number < 1 || s.Number > s.Of || s.Of > maxShards {
		return fmt.Errorf("there is no shard %d of %d", s.Number, s.Of)
	}
	return nil
}

// maxShards guards against typos such as 10000000 shards.
const maxShards = 1_000_000

func (s Shard) String() string {
	if s.Of == 0 {
		return "all"
	}
	return fmt.Sprintf("%d/%d", s.Number, s.Of)
}

// Size returns the number of images of the shard; images is the number of all.
func (s Shard) Size(images int) int {
	if s.Of == 0 {
		return images
	}
	return max(0, (images-s.Number+s.Of)/s.Of)
}

// pick returns the images of the shard; images must be in the order of their indices.
func (s Shard) pick(images []Image) ([]Image, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	var part []Image
	for i := s.Number - 1; i < len(images); i += s.Of {
		part = append(part, images[i])
	}
	if len(part) == 0 {
		return nil, fmt.Errorf("shard %v has no images: there are %d in all; use fewer shards", s, len(images))
	}
	return part, nil
}

// compareShards refuses a log of another shard.
func compareShards(path string, was, now *sidecar) error {
	of := func(s *sidecar) string {
		if s.Shard == nil {
			return Shard{}.String()
		}
		return s.Shard.String()
	}
	if of(was) != of(now) {
		return &SettingsError{Path: path, Name: "shard", Was: of(was), Now: of(now)}
	}
	return compareImages(path, was.Whole, now.Whole)
}
