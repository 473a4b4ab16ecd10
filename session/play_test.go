package session_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"smoothlab/classifier"
	"smoothlab/dataset"
	"smoothlab/internal/testengine"
	"smoothlab/report"
	"smoothlab/smoothmix"
	"smoothlab/train"
)

// storiesVariable names the number of stories that TestPlay plays, storySeedVariable the number of the first.
const storiesVariable, storySeedVariable = "SMOOTHLAB_STORIES", "SMOOTHLAB_STORY"

// The code of every story: one training and one certification.
const (
	playBegin = `
d, t = dataset("mnist-mini", split="train")[:256], dataset("mnist-mini")[:12]
c = classifier("linear", d, seed=1)
m = smoothmix(sigma=0.5, m=2, steps=2)
`
	playTrain   = `train(c, d, m, epochs=3, batch=64, seed=1, test=t, out="c"%s)`
	playCertify = `k = certify(load_classifier("c"), t, sigma=0.5, n=3000, seed=1, out="k.tsv")`
)

// change is a change of a setting during the run.
type change struct {
	Update int
	Eta    float64
}

// kept is the state of the training in a checkpoint.
type kept struct {
	Update, Epoch int
	Settings      struct{ Epochs int }
	Changes       []struct {
		Update int
		Text   string
	}
}

// story is a session with its interruptions, and a model of the expected state.
type story struct {
	t       *testing.T
	p       *player
	rng     *rand.Rand
	dir     string
	fresh   bool     // the next move begins a session
	update  int      // steps that must be in the checkpoint
	changes []change // that the run must have made
	eta     float64  // next value
	moves   []string
}

// Sessions that train, change settings, are interrupted, killed and resumed end with the checkpoint and the log of an
// uninterrupted session.
func TestPlay(t *testing.T) {
	if os.Getenv(playVariable) != "" {
		playMoves(t)
		return
	}
	number := func(variable string, otherwise int) int {
		if n, err := strconv.Atoi(os.Getenv(variable)); err == nil {
			return n
		}
		return otherwise
	}
	p := &player{t: t}
	moves, changes := 0, 0
	first := number(storySeedVariable, 1)
	for seed := first; seed < first+number(storiesVariable, 2); seed++ {
		s := &story{t: t, p: p, rng: rand.New(rand.NewPCG(uint64(seed), 0)), dir: t.TempDir(), fresh: true, eta: 6}
		s.train()
		s.certify()
		if t.Failed() {
			t.Fatalf("story %d was\n%s", seed, strings.Join(s.moves, "\n"))
		}
		moves, changes = moves+len(s.moves), changes+len(s.changes)
	}
	if err := p.stop(); err != nil {
		t.Error(err)
	}
	t.Logf("%d moves, %d kills, %d changes of a setting that lasted", moves, p.kills, changes)
}

// move makes a move in the story's directory. when is the largest number of reports of progress before an interrupt or
// a kill.
func (s *story) move(source string, when int) outcome {
	s.t.Helper()
	m := move{Dir: s.dir, Fresh: s.fresh, Source: source, After: time.Duration(s.rng.IntN(3000)) * time.Microsecond}
	at := 1 + s.rng.IntN(when+1)
	switch {
	case when == 0:
	case s.rng.IntN(3) == 0:
		m.Kill = at
	default:
		m.Interrupt = at
	}
	if s.fresh || s.p.cmd == nil {
		m.Fresh, m.Source = true, playBegin+source
	}
	o := s.p.play(m)
	s.fresh = o.Dead || s.rng.IntN(2) == 0
	s.moves = append(
		s.moves,
		fmt.Sprintf("%s (interrupt %d, kill %d, after %v): %+v", source, m.Interrupt, m.Kill, m.After, o),
	)
	return o
}

// train plays until the training is finished, and compares its checkpoint with that of an uninterrupted training.
func (s *story) train() {
	const reports = 30 // a whole training has 24 updates
	for range 6 {
		var o outcome
		if s.rng.IntN(2) == 0 {
			o = s.move("m.eta = 5.0\n"+fmt.Sprintf(playTrain, ""), reports)
			s.check(o)
			if o.First >= 0 && o.First < s.update {
				s.t.Errorf("it goes on from update %d, and %d were kept", o.First, s.update)
			}
		} else {
			o = s.background()
		}
		if s.read(o); s.t.Failed() {
			return
		}
	}
	s.move("m.eta = 5.0\n"+fmt.Sprintf(playTrain, ""), 0)
	s.read(outcome{})
	want := s.straight()
	if got, err := os.ReadFile(filepath.Join(s.dir, "c.safetensors")); err != nil || string(got) != string(want) {
		s.t.Errorf("the checkpoint is not that of a training in one go: %v", err)
	}
}

var changed = regexp.MustCompile(`eta .* → (.*) from update (\d+) on \(kept`)

// background begins a training in the background, changes a setting, and ends the run one way or another.
func (s *story) background() outcome {
	source := "m.eta = 5.0\nr = " + fmt.Sprintf(playTrain, ", background=True")
	s.eta++
	source += fmt.Sprintf("\nm.eta = %v\n", s.eta)
	end := "r.wait()"
	when := 20
	if s.rng.IntN(2) == 0 {
		end, when = "r.stop()", 0
	}
	s.fresh = true // it may change m after the run has ended, and then m is another method
	o := s.move(source+end, when)
	s.fresh = true
	s.check(o)
	if ack := changed.FindStringSubmatch(o.Seen); ack != nil {
		update, err := strconv.Atoi(ack[2])
		if err != nil {
			s.t.Error(err)
		}
		s.changes = append(s.changes, change{update, s.eta})
	}
	if o.Name == report.Interrupted { // the wait ended, not the run
		s.fresh = false
		o = s.move("r.stop()", 0)
		s.fresh = true
		s.check(o)
	}
	return o
}

// check checks the output.
func (s *story) check(o outcome) {
	s.t.Helper()
	if o.Name != "" && o.Name != report.Interrupted {
		s.t.Errorf("it says %s: %s", o.Name, o.Seen)
	}
}

// read compares the checkpoint with the model. A killed process may lose what came after the latest save.
func (s *story) read(o outcome) {
	s.t.Helper()
	have := kept{}
	ck, err := classifier.Load(filepath.Join(s.dir, "c.safetensors"))
	if errors.Is(err, fs.ErrNotExist) && s.update == 0 {
		s.changes = nil
		return
	}
	if err == nil {
		err = json.Unmarshal(ck.Training, &have)
	}
	if err != nil {
		s.t.Errorf("the checkpoint cannot be read: %v", err)
		return
	}
	if have.Update < s.update {
		s.t.Errorf("the checkpoint has %d updates, and %d were kept", have.Update, s.update)
	}
	s.update = have.Update
	var found []change
	for _, c := range have.Changes {
		value, err := strconv.ParseFloat(strings.Fields(c.Text)[3], 64)
		if err != nil {
			s.t.Errorf("the change %q: %v", c.Text, err)
		}
		found = append(found, change{c.Update, value})
	}
	lost := len(s.changes) - len(found)
	if lost != 0 && !o.Dead || lost < 0 && !s.unheard(found) || fmt.Sprint(found[:min(len(found), len(s.changes))]) !=
		fmt.Sprint(s.changes[:min(len(found), len(s.changes))]) {
		s.t.Errorf("the checkpoint has the changes %v, and %v were made", found, s.changes)
	}
	s.changes = found
}

// unheard reports whether the checkpoint has only the last change in addition to the acknowledged ones: its process was
// killed before it could acknowledge it.
func (s *story) unheard(found []change) bool {
	return len(found) == len(s.changes)+1 && found[len(found)-1].Eta == s.eta
}

// straight returns the checkpoint of an uninterrupted training with the same changes as the story's run.
func (s *story) straight() []byte {
	s.t.Helper()
	ctx := context.Background()
	data, err := dataset.Open(ctx, "mnist-mini", "train", dataset.Options{})
	if err == nil {
		data, err = data.Slice(0, 256, 1)
	}
	test, err2 := dataset.Open(ctx, "mnist-mini", "test", dataset.Options{})
	if err2 == nil {
		test, err2 = test.Slice(0, 12, 1)
	}
	arch, err3 := classifier.Lookup("linear")
	if err := errors.Join(err, err2, err3); err != nil {
		s.t.Fatal(err)
	}
	m := smoothmix.New()
	m.Sigma, m.M, m.Steps = 0.5, 2, 2
	settings := train.DefaultSettings()
	settings.Epochs, settings.Batch, settings.Seed = 3, 64, 1
	out := filepath.Join(s.t.TempDir(), "c.safetensors")
	left := s.changes
	_, err = train.Train(ctx, train.Job{
		Engine: testengine.Open(s.t), Start: classifier.New(arch, 1), Data: data, Test: test, Method: m,
		Settings: settings, Out: out, Progress: func(p train.Progress, control train.Control) {
			for ; len(left) > 0 && left[0].Update == p.Update; left = left[1:] {
				next := *m
				next.Eta = left[0].Eta
				if err := control.Set(&next); err != nil {
					s.t.Error(err)
				}
			}
		},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	want, err := os.ReadFile(out)
	if err != nil {
		s.t.Fatal(err)
	}
	return want
}

var clock = regexp.MustCompile(`\d+:\d\d:\d\d\.\d{6}`)

// rows reads the lines of the log, without the times.
func (s *story) rows(name string) string {
	data, err := os.ReadFile(filepath.Join(s.dir, name))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		s.t.Error(err)
	}
	return clock.ReplaceAllString(string(data), "-")
}

// certify plays until the certification is finished, and compares its log with that of an uninterrupted one.
func (s *story) certify() {
	const reports = 12 // of images
	done := ""
	for range 4 {
		s.check(s.move(playCertify, reports))
		whole := s.rows("k.tsv")
		whole = whole[:strings.LastIndexByte(whole, '\n')+1]
		if !strings.HasPrefix(whole, done) {
			s.t.Errorf("the log has lost rows: it was\n%s\nand is\n%s", done, whole)
		}
		done = whole
	}
	s.check(s.move(playCertify, 0))
	s.check(s.move(strings.Replace(playCertify, "k.tsv", "straight.tsv", 1), 0))
	if got, want := s.rows("k.tsv"), s.rows("straight.tsv"); got != want || strings.Count(got, "\n") != 13 {
		s.t.Errorf("the log is\n%s\nand in one go\n%s", got, want)
	}
	left, err := filepath.Glob(filepath.Join(s.dir, "*"))
	hidden, err2 := filepath.Glob(filepath.Join(s.dir, ".*"))
	if got := len(left) + len(hidden); err != nil || err2 != nil || got != 5 {
		s.t.Errorf("the directory has %v %v, expected a checkpoint and two logs", left, hidden)
	}
}
