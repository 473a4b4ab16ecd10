package noise

// Stream reads the words of one (seed, purpose, item) in order, for use on the host. It is a math/rand/v2 Source.
type Stream struct {
	key   [2]uint32
	count [4]uint32
	words [4]uint32
	left  int
}

// NewStream starts at the first word of the stream.
func NewStream(seed uint64, p Purpose, item uint32) *Stream {
	return &Stream{key: Key(seed), count: [4]uint32{0, 0, item, uint32(p)}}
}

// Uint64 returns the next two words.
func (s *Stream) Uint64() uint64 {
	if s.left == 0 {
		s.words = Philox(s.count, s.key)
		s.left = 4
		if s.count[0]++; s.count[0] == 0 {
			s.count[1]++
		}
	}
	i := 4 - s.left
	s.left -= 2
	return uint64(s.words[i+1])<<32 | uint64(s.words[i])
}

// Uniform returns a number in [0, 1) on a grid of 2⁻⁵³.
func (s *Stream) Uniform() float64 { return float64(s.Uint64()>>11) * 0x1p-53 }
