package wire

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

const key = "a key"

// signed returns what jupyter_client's Session.sign returns for four parts: the hexadecimal HMAC-SHA256 over their
// bytes.
func signed(parts ...string) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(strings.Join(parts, "")))
	return hex.EncodeToString(mac.Sum(nil))
}

func frames(parts ...string) [][]byte {
	var f [][]byte
	for _, p := range parts {
		f = append(f, []byte(p))
	}
	return f
}

const header = `{"msg_id":"1","msg_type":"execute_request", "odd": [1]}`

func TestDecode(t *testing.T) {
	good := signed(header, "{}", `{"a": 1}`, `{"code":"1"}`)
	m, err := NewCodec(
		[]byte(key),
	).Decode(frames("who", "<IDS|MSG>", good, header, "{}", `{"a": 1}`, `{"code":"1"}`, "buffer"))
	if err != nil {
		t.Fatal(err)
	}
	if m.Header.Type != "execute_request" || string(m.RawHeader()) != header || string(m.To[0]) != "who" ||
		string(m.Buffers[0]) != "buffer" ||
		string(m.Metadata) != `{"a": 1}` {
		t.Errorf("decoded as %+v", m)
	}
}

// Every fault has its own error, and the codec continues.
func TestFaults(t *testing.T) {
	c := NewCodec([]byte(key))
	whole := frames("<IDS|MSG>", signed(header, "{}", "{}", "{}"), header, "{}", "{}", "{}")
	if _, err := c.Decode(whole); err != nil {
		t.Fatal(err)
	}
	part := func(parts ...string) [][]byte {
		return frames(append([]string{"<IDS|MSG>", signed(parts...)}, parts...)...)
	}
	for _, test := range []struct {
		name   string
		frames [][]byte
		want   error
	}{
		{"no frames", nil, ErrNoDelimiter},
		{"no delimiter", frames("a", "b", "c", "d", "e", "f", "g"), ErrNoDelimiter},
		{"nothing behind the delimiter", frames("<IDS|MSG>"), ErrTooShort},
		{"a part is missing", frames("<IDS|MSG>", signed(header, "{}", "{}"), header, "{}", "{}"), ErrTooShort},
		{"no signature", frames("<IDS|MSG>", "", header, "{}", "{}", `{"x":1}`), ErrSignature},
		{"another's signature", frames("<IDS|MSG>", signed("x"), header, "{}", "{}", `{"x":1}`), ErrSignature},
		{"half a signature",
			frames("<IDS|MSG>", signed(header, "{}", "{}", "{ }")[:32], header, "{}", "{}", "{ }"), ErrSignature},
		{"a signature that is not a number",
			frames("<IDS|MSG>", strings.Repeat("z", 64), header, "{}", "{}", "{ }"), ErrSignature},
		{"it came before", whole, ErrReplayed},
		{"it came before, in capitals",
			frames("<IDS|MSG>", strings.ToUpper(string(whole[1])), header, "{}", "{}", "{}"), ErrReplayed},
		{"a header that is a list", part("[]", "{}", "{}", "{}"), ErrPart},
		{"a header that is cut", part(`{"msg_id":`, "{}", "{}", "{}"), ErrPart},
		{"a header without a type", part(`{"msg_id":"1"}`, "{}", "{}", "{}"), ErrHeader},
		{"a header whose type is a number", part(`{"msg_type":7}`, "{}", "{}", "{}"), ErrHeader},
		{"content that is a string", part(header, "{}", "{}", `"x"`), ErrPart},
		{"content that is cut", part(header, "{}", "{}", `{"code"`), ErrPart},
		{"metadata that is null", part(header, "{}", "null", "{}"), ErrPart},
	} {
		if _, err := c.Decode(test.frames); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, expected %v", test.name, err, test.want)
		}
	}
	if _, err := c.Decode(part(header, "{}", "{}", `{"last": 1}`)); err != nil {
		t.Errorf("after all that: %v", err)
	}
}

// Old signatures are forgotten, so that memory is bounded.
func TestReplayMemory(t *testing.T) {
	c := NewCodec([]byte(key))
	message := func(i int) [][]byte {
		content := fmt.Sprintf(`{"n":%d}`, i)
		return frames("<IDS|MSG>", signed(header, "{}", "{}", content), header, "{}", "{}", content)
	}
	for i := range remembered + 10 {
		if _, err := c.Decode(message(i)); err != nil {
			t.Fatal(err)
		}
	}
	if len(c.seen) != remembered || len(c.ring) != remembered {
		t.Errorf("%d signatures are kept", len(c.seen))
	}
	if _, err := c.Decode(message(10)); !errors.Is(err, ErrReplayed) {
		t.Errorf("the oldest that is remembered: %v", err)
	}
}

func TestRoundTrip(t *testing.T) {
	for _, k := range []string{key, ""} {
		m := NewMessage(NewHeader("stream", "session"), []byte(header), map[string]string{"text": "Größe"})
		m.To, m.Buffers = frames("a", "b"), frames("c")
		sent := NewCodec([]byte(k)).Encode(m)
		got, err := NewCodec([]byte(k)).Decode(sent)
		if err != nil {
			t.Fatal(err)
		}
		if got.Header != m.Header || string(got.Content) != string(m.Content) || got.ParentID() != "1" ||
			len(got.To) != 2 ||
			len(got.Buffers) != 1 {
			t.Errorf("%+v becomes %+v", m, got)
		}
		if (len(sent[3]) == 0) != (k == "") {
			t.Errorf("signature %q under key %q", sent[3], k)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte("who"), []byte("<IDS|MSG>"), []byte(header), []byte("{}"), []byte(`{"code":"1"}`))
	f.Add([]byte("<IDS|MSG>"), []byte("<IDS|MSG>"), []byte("[[[["), []byte("null"), []byte("\xff"))
	f.Fuzz(func(t *testing.T, a, b, header, parent, content []byte) {
		signature := []byte(signed(string(header), string(parent), "{}", string(content)))
		for _, c := range []*Codec{NewCodec(nil), NewCodec([]byte(key))} {
			m, err := c.Decode([][]byte{a, b, signature, header, parent, []byte("{}"), content})
			if err != nil {
				continue
			}
			m.ParentID()
			again, err := NewCodec([]byte(key)).Decode(NewCodec([]byte(key)).Encode(m))
			if err != nil || again.Header.Type != m.Header.Type {
				t.Errorf("%+v becomes %+v, %v", m, again, err)
			}
		}
	})
}

func TestConnectionFile(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "runtime")
	path := filepath.Join(dir, "kernel-1.json")
	c, err := NewConnection()
	if err != nil {
		t.Fatal(err)
	}
	c.KernelName = "smoothlab"
	if err := c.Write(path); err != nil {
		t.Fatal(err)
	}
	got, err := ReadConnection(path)
	if err != nil || got != c {
		t.Errorf("%+v is read as %+v, %v", c, got, err)
	}
	for p, want := range map[string]os.FileMode{path: 0o600, dir: 0o700} {
		if info, err := os.Stat(p); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v", p, info.Mode(), err)
		}
	}
	ports := map[int]bool{c.Shell: true, c.IOPub: true, c.Stdin: true, c.Control: true, c.Heartbeat: true}
	if len(ports) != 5 || ports[0] || len(c.Key) < 32 {
		t.Errorf("%+v", c)
	}
}

// A file that a kernel cannot or must not use gives an error of one sentence.
func TestFaultyConnectionFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.json")
	for _, c := range []struct{ text, want string }{
		{"", "is not a connection file"},
		{"[1]", "is not a connection file"},
		{`{"shell_port": "five"}`, "is not a connection file"},
		{`{"ip": "0.0.0.0"}`, "reachable from other machines"},
		{`{"ip": "192.0.2.1"}`, "reachable from other machines"},
		{`{}`, "it has no address"},
		{`{"ip": "127.0.0.1", "transport": "ipc"}`, "this kernel supports tcp only"},
		{`{"ip": "127.0.0.1", "signature_scheme": "hmac-md5"}`, "this kernel supports hmac-sha256 only"},
		{`{"ip": "127.0.0.1", "hb_port": 65536}`, "65536 is not a port"},
		{`{"ip": "127.0.0.1", "key": "` + strings.Repeat("x", maxFile) + `"}`, "is not a connection file"},
	} {
		if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadConnection(path); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.60s: %v, expected %s", c.text, err, c.want)
		}
	}
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadConnection(
		pipe,
	); err == nil ||
		!strings.Contains(err.Error(), "is a pipe or a device") { // and opening it does not block
		t.Errorf("a pipe: %v", err)
	}
	if _, err := ReadConnection(
		filepath.Join(path, "none"),
	); err == nil ||
		!strings.Contains(err.Error(), "cannot be read") {
		t.Errorf("no file: %v", err)
	}
}

func TestDirs(t *testing.T) {
	for _, c := range []struct{ runtime, data, xdg, want string }{
		{"/r", "/d", "/x", "/d"}, {"", "/d", "/x", "/d"}, {"", "", "/x", "/x/jupyter"},
		{"", "", "", "/home/me/.local/share/jupyter"},
	} {
		t.Setenv("JUPYTER_DATA_DIR", c.data)
		t.Setenv("XDG_DATA_HOME", c.xdg)
		t.Setenv("HOME", "/home/me")
		if got, err := DataDir(); got != c.want || err != nil {
			t.Errorf("%+v: %s, %v", c, got, err)
		}
	}
	dir := filepath.Join(t.TempDir(), "data")
	t.Setenv("JUPYTER_DATA_DIR", dir)
	t.Setenv("JUPYTER_RUNTIME_DIR", "")
	got, err := RuntimeDir()
	if info, statErr := os.Stat(
		got,
	); err != nil || got != filepath.Join(dir, "runtime") || statErr != nil ||
		info.Mode().Perm() != 0o700 {
		t.Errorf("%s, %v, %v", got, err, statErr)
	}
}

// The five sockets take free ports; the error for a port in use names it.
func TestListen(t *testing.T) {
	welcome := func([]byte) *Message { return NewMessage(NewHeader("iopub_welcome", "s"), nil, struct{}{}) }
	c := Connection{IP: "127.0.0.1", Key: key}
	s, err := Listen(&c, welcome, nil)
	if err != nil {
		t.Fatal(err)
	}
	taken := Connection{IP: "127.0.0.1", Control: c.Control}
	if _, err := Listen(
		&taken,
		welcome,
		nil,
	); err == nil ||
		!strings.Contains(err.Error(), "cannot open the control port") {
		t.Errorf("a port that is taken: %v", err)
	}
	s.Close()
	again, err := Listen(&c, welcome, nil) // a restart takes the same ports
	if err != nil {
		t.Fatal(err)
	}
	again.Close()
	if _, err := Listen(&Connection{IP: "0.0.0.0"}, welcome, nil); err == nil {
		t.Error("listens everywhere")
	}
}
