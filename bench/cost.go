package main

import (
	"syscall"
	"time"
)

// cost is what some units of a work took: time, and processor time of all threads of the process.
type cost struct{ wall, cpu time.Duration }

// perUnit is a cost per unit, in seconds.
type perUnit struct{ wall, cpu float64 }

func (c cost) per(n int) perUnit {
	return perUnit{c.wall.Seconds() / float64(n), c.cpu.Seconds() / float64(n)}
}

func walls(all []perUnit) []float64 {
	var list []float64
	for _, p := range all {
		list = append(list, p.wall)
	}
	return list
}

func cpus(all []perUnit) []float64 {
	var list []float64
	for _, p := range all {
		list = append(list, p.cpu)
	}
	return list
}

// stopwatch measures a cost of this process.
type stopwatch struct {
	began time.Time
	cpu   time.Duration
}

func start() stopwatch { return stopwatch{began: time.Now(), cpu: processorTime()} }

func (s stopwatch) stop() cost { return cost{wall: time.Since(s.began), cpu: processorTime() - s.cpu} }

// processorTime returns the processor time of this process so far, 0 if the system does not tell.
func processorTime() time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		return 0
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
