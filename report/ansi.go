package report

import (
	"fmt"
	"image/color"
)

const (
	reset      = "\x1b[0m"
	foreground = 38
	background = 48
)

// escape selects the colour of the following text. The style must have colours.
func (c Color) escape(ground int, rgb color.RGBA) string {
	if c == Color256 {
		return fmt.Sprintf("\x1b[%d;5;%dm", ground, xterm(rgb))
	}
	return fmt.Sprintf("\x1b[%d;2;%d;%d;%dm", ground, rgb.R, rgb.G, rgb.B)
}

// cube holds the levels of each channel in colours 16 to 231 of xterm's palette; colours 232 to 255 are grays 8, 18 …
// 238.
var cube = [...]int{0, 95, 135, 175, 215, 255}

// xterm returns the nearest colour of the palette.
func xterm(rgb color.RGBA) int {
	want := [3]int{int(rgb.R), int(rgb.G), int(rgb.B)}
	best, index := [3]int{}, 16
	for i, v := range want {
		at := 0
		for level := range cube {
			if abs(cube[level]-v) < abs(cube[at]-v) {
				at = level
			}
		}
		best[i] = cube[at]
		index += at * [...]int{36, 6, 1}[i]
	}
	step := min(23, max(0, ((want[0]+want[1]+want[2])/3-3)/10))
	gray := 8 + 10*step
	if distance(want, [3]int{gray, gray, gray}) < distance(want, best) {
		return 232 + step
	}
	return index
}

func distance(a, b [3]int) int {
	sum := 0
	for i := range a {
		sum += (a[i] - b[i]) * (a[i] - b[i])
	}
	return sum
}

func abs(x int) int { return max(x, -x) }
