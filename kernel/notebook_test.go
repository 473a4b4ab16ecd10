package kernel

import (
	"strings"
	"testing"

	"smoothlab/kernel/wire"
)

// A front end without widgets gets a page of ready frames, which names every position.
func TestFrames(t *testing.T) {
	f := attach(t, serve(t))
	_, news, _ := f.run("panel plain")
	last := news[len(news)-1]
	data := field[map[string]any](t, last, "data")
	page := data["text/html"].(string)
	if n := strings.Count(page, `class="smoothlab-frame"`); n > maxFrames || n < maxFrames/2 || strings.Count(page, `frame" hidden`) != n-1 {
		t.Errorf("%d frames", n)
	}
	for _, words := range []string{`<script>(function (page)`, `type="range"`, `n=2, x=0.5, pick=a, rung=10, on=True`, `n=9, x=1,`, `pick=b, rung=1, on=False`, `&#34;a&#34;`} {
		if !strings.Contains(page, words) {
			t.Errorf("no %s in the page", words)
		}
	}
	if _, live := data[viewType]; live || data["text/plain"] != "n=2, x=0.5, pick=a, rung=10, on=True" {
		t.Errorf("%v", data["text/plain"])
	}
	reply, _, _ := f.run("panel fail")
	if field[string](t, reply, "evalue") != "seven is too many" {
		t.Errorf("%s", reply.Content)
	}
}

// This project's client gets neither; it has no browser.
func TestClientHasNoControls(t *testing.T) {
	f := attach(t, serve(t))
	for _, code := range []string{"panel", "follow 3"} {
		request := f.send(f.shell, "execute_request", map[string]any{"code": code}, wire.Extra{Result: true})
		f.heard(request)
		if m := f.expect(f.replies, "execute_reply"); field[string](t, m, "status") != "error" {
			t.Errorf("%s: %s", code, m.Content)
		}
	}
}

// A report that changes stays in one display.
func TestFollow(t *testing.T) {
	f := attach(t, serve(t))
	_, news, kinds := f.run("follow 3")
	if kinds != "execute_input display_data update_display_data" {
		t.Fatal(kinds)
	}
	id := func(m *wire.Message) any { return field[map[string]any](t, m, "transient")["display_id"] }
	text := func(m *wire.Message) any { return field[map[string]any](t, m, "data")["text/plain"] }
	if id(news[1]) != id(news[2]) || text(news[1]) != "at 0" || text(news[2]) != "at 3" {
		t.Errorf("%s %s", news[1].Content, news[2].Content)
	}
}
