package report

import (
	"fmt"
	"strings"

	"smoothlab/internal/humanize"
)

// Line formats the progress as "training ━━━━━─── 38% · 212/8,442 · loss 0.41 · 26 min left" with a bar of the given
// width in cells; 0 omits the bar.
func (p Progress) Line(bar int) string {
	var parts []string
	if p.Total > 0 {
		done := min(max(p.Done, 0), p.Total)
		share := float64(done) / float64(p.Total)
		full := int(float64(bar) * share)
		drawn := ""
		if bar > 0 {
			drawn = " " + strings.Repeat("━", full) + strings.Repeat("─", bar-full)
		}
		parts = append(parts, p.Part+drawn+fmt.Sprintf(" %d%%", int(100*share)), humanize.Grouped(done)+"/"+humanize.Grouped(p.Total))
	} else {
		parts = append(parts, p.Part)
		if p.Done > 0 {
			parts = append(parts, humanize.Grouped(p.Done))
		}
	}
	if p.Detail != "" {
		parts = append(parts, p.Detail)
	}
	if p.Left > 0 {
		parts = append(parts, remaining(p.Left)+" left")
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 {
			return ' '
		}
		return r
	}, strings.Join(parts, " · "))
}

// remaining formats seconds in one or two units: 45 s, 26 min, 1 h 12 min.
func remaining(seconds int) string {
	switch minutes := (seconds + 30) / 60; {
	case seconds < 90:
		return fmt.Sprintf("%d s", seconds)
	case minutes < 90:
		return fmt.Sprintf("%d min", minutes)
	default:
		return fmt.Sprintf("%d h %d min", minutes/60, minutes%60)
	}
}
