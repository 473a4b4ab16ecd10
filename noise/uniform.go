package noise

// Uniform returns the value in (-1, 1) that a Philox word draws: the middle of one of 2²⁴ intervals of equal length,
// by the word's upper bits. Package noise/draw computes the same, exactly.
func Uniform(word uint32) float64 { return float64(int32(word>>8)*2+1-1<<24) / (1 << 24) }
