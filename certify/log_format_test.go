package certify

import (
	"math"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"
)

// Shapes as Python's '{:.3}'.format prints them, digits rounded down.
func TestThreeDigitsDown(t *testing.T) {
	for _, c := range []struct {
		x    float64
		want string
	}{
		{0, "0.0"}, {0.953, "0.953"}, {1.9, "1.9"}, {2, "2.0"}, {1.9057, "1.9"}, {1.9099999, "1.9"}, {1.91, "1.91"},
		{3.8115, "3.81"}, {0.9999, "0.999"}, {0.0001, "0.0001"}, {0.00012345, "0.000123"}, {9.999e-5, "9.99e-05"},
		{4.88e-5, "4.88e-05"}, {1e-5, "1e-05"}, {1.2e-15, "1.2e-15"}, {12, "12.0"}, {12.39, "12.3"}, {99.99, "99.9"}, {100, "1e+02"}, {129, "1.29e+02"},
		{5e-324, "5e-324"}, {math.MaxFloat64, "1.79e+308"},
	} {
		if got := threeDigitsDown(c.x); got != c.want {
			t.Errorf("%v prints as %s, expected %s", c.x, got, c.want)
		}
	}
	rng := rand.New(rand.NewPCG(3, 4))
	for range 20_000 {
		x := math.Exp(rng.Float64()*30 - 20)
		printed, err := strconv.ParseFloat(threeDigitsDown(x), 64)
		if err != nil || printed > x || printed < x*0.99 {
			t.Fatalf("%v prints as %s: %v", x, threeDigitsDown(x), err)
		}
	}
}

func TestTimes(t *testing.T) {
	for _, c := range []struct {
		text  string
		want  time.Duration
		write string
	}{
		{"0:00:01.856397", 1856397 * time.Microsecond, "0:00:01.856397"},
		{"0:00:02", 2 * time.Second, "0:00:02.000000"},
		{"13:02:59.5", 13*time.Hour + 2*time.Minute + 59500*time.Millisecond, "13:02:59.500000"},
		{"1 day, 0:00:01.5", 24*time.Hour + 1500*time.Millisecond, "24:00:01.500000"},
		{"2 days, 1:00:00", 49 * time.Hour, "49:00:00.000000"},
		{"0.25", 250 * time.Millisecond, "0:00:00.250000"},
	} {
		got, err := parseTime(c.text)
		if err != nil || got != c.want || formatTime(got) != c.write {
			t.Errorf(
				"%q reads as %v (%v) and is written %s; expected %v and %s",
				c.text,
				got,
				err,
				formatTime(got),
				c.want,
				c.write,
			)
		}
	}
	for _, bad := range []string{"", "x", "0:-1:00", "nan", "1 day", "1e300", "-5", "x days, 0:00:00"} {
		if d, err := parseTime(bad); err == nil {
			t.Errorf("%q reads as %v, expected an error", bad, d)
		}
	}
}
