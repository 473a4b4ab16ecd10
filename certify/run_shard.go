package certify

import (
	"fmt"
	"strconv"
	"strings"
)

// Shard is a part of the images of a certification: number Number, from 1, of Of parts. It has every Of-th image, from
// the Number-th on, in the order of their indices, so that parts are alike. The zero value is no part but all.
type Shard struct {
	Number int `json:"number"`
	Of     int `json:"of"`
}

// ParseShard reads "1/4", or nothing for all.
func ParseShard(s string) (Shard, error) {
	if s == "" {
		return Shard{}, nil
	}
	number, of, found := strings.Cut(s, "/")
	n, err := strconv.Atoi(number)
	k, err2 := strconv.Atoi(of)
	part := Shard{Number: n, Of: k}
	if !found || err != nil || err2 != nil || part.Check() != nil {
		return Shard{}, fmt.Errorf(`a shard is written "1/4": a number from 1 on, and of how many; got %q`, s)
	}
	return part, nil
}

// Check says what is wrong with a shard, in a sentence.
func (s Shard) Check() error {
	if s.Number < 1 || s.Number > s.Of || s.Of > maxShards {
		return fmt.Errorf("there is no shard %d of %d", s.Number, s.Of)
	}
	return nil
}

// maxShards keeps a slip of the finger from making a file a vote.
const maxShards = 1_000_000

func (s Shard) String() string {
	if s.Of == 0 {
		return "all"
	}
	return fmt.Sprintf("%d/%d", s.Number, s.Of)
}

// pick gives the images of the shard, of all in the order of their indices.
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
