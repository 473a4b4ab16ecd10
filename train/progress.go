package train

import "time"

// Progress reports how far a run is.
type Progress struct {
	Epoch, Epochs   int
	Update, Updates int
	Devices         int // number of devices that share the images of an update
	LR              float64
	Loss            float64 // means over the epoch so far
	Terms           []Mean
	Rate            float64 // updates per second, without steps that compiled something; 0 while unknown
	// time since the run was started or resumed, and estimated time until it ends; Left is 0 while unknown
	Elapsed, Left time.Duration
	Done          *Epoch // the epoch that has just ended, otherwise nil
	// Judged counts the noisy copies by which a method has chosen images so far, of Judging, where it does that before
	// the next update; otherwise both are 0.
	Judged, Judging int
}

func (t *trainer) progress(elapsed time.Duration, pace pace, done *Epoch) Progress {
	st := &t.state
	p := Progress{
		Epoch:   st.Epoch,
		Epochs:  st.Settings.Epochs,
		Update:  st.Update,
		Updates: t.updates(),
		Devices: t.state.devices(),
		LR:      t.rate(max(0, st.Update-1)),
		Elapsed: elapsed,
		Done:    done,
	}
	p.Loss, p.Terms = t.means()
	if done != nil {
		p.Epoch, p.LR, p.Loss, p.Terms = done.Epoch, done.LR, done.Loss, done.Terms
	}
	if pace.steps > 0 {
		p.Rate = float64(pace.steps) / pace.took.Seconds()
		p.Left = time.Duration(float64(p.Updates-p.Update) / p.Rate * float64(time.Second))
	}
	return p
}

// pace measures the rate of steps, including the time between them. Steps that compiled something do not count.
type pace struct {
	steps int
	took  time.Duration
}

// measure begins a step; the function that it returns ends it.
func (p *pace) measure(t *trainer) (stop func()) {
	begun, update := time.Now(), t.state.Update
	compiled, _ := t.engine.Counts()
	return func() {
		if now, _ := t.engine.Counts(); now == compiled {
			p.steps += t.state.Update - update
			p.took += time.Since(begun)
		}
	}
}
