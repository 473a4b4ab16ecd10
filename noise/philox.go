package noise

// Multipliers, key increments and rounds of Philox4x32-10 (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as
// easy as 1, 2, 3", SC 2011, §3.3).
const (
	PhiloxM0     = 0xD2511F53
	PhiloxM1     = 0xCD9E8D57
	PhiloxW0     = 0x9E3779B9
	PhiloxW1     = 0xBB67AE85
	PhiloxRounds = 10
)

// Philox computes Philox4x32-10: a bijection of the 128-bit counter, keyed by 64 bits.
func Philox(c [4]uint32, key [2]uint32) [4]uint32 {
	for range PhiloxRounds {
		p0, p1 := PhiloxM0*uint64(c[0]), PhiloxM1*uint64(c[2])
		c = [4]uint32{uint32(p1>>32) ^ c[1] ^ key[0], uint32(p1), uint32(p0>>32) ^ c[3] ^ key[1], uint32(p0)}
		key[0] += PhiloxW0
		key[1] += PhiloxW1
	}
	return c
}

// Key splits a seed into Philox's two key words.
func Key(seed uint64) [2]uint32 { return [2]uint32{uint32(seed), uint32(seed >> 32)} }
