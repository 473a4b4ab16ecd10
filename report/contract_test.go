package report

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"smoothlab/smoothing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (go test -update writes it anew); got\n%s\nexpected\n%s", path, got, want)
	}
}

// fileName is a report type as a file name.
func fileName(r Report) string {
	return strings.NewReplacer("smoothlab.", "", "/", "-").Replace(r.Type())
}

var styles = map[string]Style{
	"pipe":   {},
	"80":     {Width: 80},
	"narrow": {Width: 20},
	"wide":   {Width: 200},
	"256":    {Width: 80, Color: Color256},
	"true":   {Width: 43, Color: TrueColor},
}

func TestTypesAreNamedOnce(t *testing.T) {
	form := regexp.MustCompile(`^smoothlab\.[a-z_]+/[1-9][0-9]*$`)
	seen := map[string]bool{}
	for _, r := range Types() {
		if !form.MatchString(r.Type()) {
			t.Errorf("%T is named %s", r, r.Type())
		}
		if seen[r.Type()] {
			t.Errorf("%s is there twice", r.Type())
		}
		seen[r.Type()] = true
	}
}

// Every report type of this package is in the list.
func TestListIsComplete(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	method := regexp.MustCompile(`func \((?:\w+ )?(\*?\w+)\) Type\(\) string +\{ return "([^"]+)" \}`)
	var found []string
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range method.FindAllStringSubmatch(string(source), -1) {
			found = append(found, m[2])
			if typeOf(m[2]) == nil {
				t.Errorf("%s is not in Types()", m[1])
			}
		}
	}
	if len(found) != len(Types()) {
		t.Errorf("the source has %d report types, the list %d", len(found), len(Types()))
	}
}

// The JSON form of every type equals the file's, and decoding it returns the same report.
func TestJSON(t *testing.T) {
	for _, r := range Types() {
		t.Run(fileName(r), func(t *testing.T) {
			data, err := JSON(r)
			if err != nil {
				t.Fatal(err)
			}
			golden(t, "json/"+fileName(r)+".json", string(data)+"\n")
			back, err := Decode[Report](data)
			if err != nil {
				t.Fatal(err)
			}
			if reflect.TypeOf(back) != reflect.TypeOf(r) {
				t.Fatalf("a %T comes back as a %T", r, back)
			}
			if again, err := JSON(back); err != nil || string(again) != string(data) {
				t.Errorf("it comes back as %s, %v", again, err)
			}
			if Text(back, Style{}) != Text(r, Style{}) || HTML(back) != HTML(r) {
				t.Error("it looks different when it comes back")
			}
			if full, err := JSON(InFull(r)); err != nil || string(full) != string(data) {
				t.Errorf("in full it is %s, %v", full, err)
			}
		})
	}
}

// Every field is in the JSON form under its own name, in lower case.
func TestFieldsAreTagged(t *testing.T) {
	form := regexp.MustCompile(`^[a-z0-9_]+$`)
	var check func(path string, of reflect.Type)
	check = func(path string, of reflect.Type) {
		switch of.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Array:
			check(path, of.Elem())
		case reflect.Struct:
			for i := range of.NumField() {
				f := of.Field(i)
				if !f.IsExported() ||
					f.Type == reflect.TypeFor[smoothing.Smoothing]() { // which is kept as a smoothing.Record
					continue
				}
				if name := strings.TrimSuffix(
					f.Tag.Get("json"),
					",omitempty",
				); !f.Anonymous &&
					(!form.MatchString(name) || name == "type") {
					t.Errorf("%s.%s has the JSON name %q", path, f.Name, name)
				}
				check(path+"."+f.Name, f.Type)
			}
		}
	}
	for _, r := range Types() {
		check(r.Type(), reflect.TypeOf(r))
	}
}

// hostile is a possible name of a file or a class.
const hostile = "<script>alert('1')</script>\"&\x1b[2J\x1b]0;title\x07\u009b31m\r\b\u202e\xff\tÄ中文🙂 "

// poisoned returns a copy of r with hostile text at the end of all its strings.
func poisoned(r Report) Report {
	v := reflect.New(reflect.TypeOf(r)).Elem()
	v.Set(reflect.ValueOf(r))
	poison(v)
	return v.Interface().(Report)
}

func poison(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(v.String() + hostile)
	case reflect.Pointer:
		if v.IsNil() {
			return
		}
		c := reflect.New(v.Type().Elem())
		c.Elem().Set(v.Elem())
		poison(c.Elem())
		v.Set(c)
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				poison(v.Field(i))
			}
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			poison(v.Index(i))
		}
	}
}

// In any style only colour sequences are sent to the terminal, and no line is too wide.
func TestTextKeepsToItsStyle(t *testing.T) {
	for _, r := range Types() {
		for name, style := range styles {
			for _, r := range []Report{r, InFull(r), poisoned(r), InFull(poisoned(r))} {
				text := Text(r, style)
				if !strings.HasSuffix(text, "\n") {
					t.Errorf("%s, %s: no newline at the end of %q", r.Type(), name, text)
				}
				for i, row := range screen(t, text) {
					if style.Width > 0 && len(row) > style.Width {
						t.Errorf(
							"%s, %s: line %d has %d cells of %d: %q",
							r.Type(),
							name,
							i,
							len(row),
							style.Width,
							strings.Split(text, "\n")[i],
						)
					}
					for _, c := range row {
						if style.Color == NoColor && c.ink.A+c.paper.A > 0 {
							t.Fatalf("%s, %s: colours", r.Type(), name)
						}
						if strings.ContainsAny(c.text, "\u202e\u009b\uFFFD") {
							t.Fatalf("%s, %s: %q reaches the terminal", r.Type(), name, c.text)
						}
					}
				}
			}
		}
	}
}

// HTML is balanced, and text from outside is escaped.
func TestHTMLIsWellFormed(t *testing.T) {
	for _, r := range Types() {
		for _, r := range []Report{r, poisoned(r)} {
			page := HTML(r)
			if err := wellFormed(page); err != nil {
				t.Errorf("%s: %v in\n%s", r.Type(), err, page)
			}
			for _, bad := range []string{"<script", "\x1b", "\u202e", "\x07", "http:", "https:", "javascript:"} {
				if strings.Contains(
					strings.ReplaceAll(
						strings.ReplaceAll(page, "http://www.w3.org/2000/svg", ""),
						"http://www.w3.org/1999/xlink",
						"",
					),
					bad,
				) {
					t.Errorf("%s: %q in\n%s", r.Type(), bad, page)
				}
			}
		}
	}
}

// wellFormed reads HTML as XML, which is stricter; only HTML's elements without content may be self-closing.
func wellFormed(page string) error {
	d := xml.NewDecoder(strings.NewReader(page))
	d.Strict, d.Entity = true, xml.HTMLEntity
	for drawing := 0; ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		switch token := token.(type) {
		case xml.StartElement:
			if token.Name.Local == "svg" {
				drawing++
			}
			at := d.InputOffset()
			if closed := strings.HasSuffix(page[:at], "/>"); closed && drawing == 0 && token.Name.Local != "img" {
				return fmt.Errorf("<%s/> is not closed in HTML", token.Name.Local)
			}
			for _, a := range token.Attr {
				if strings.HasPrefix(a.Name.Local, "on") {
					return fmt.Errorf("a script in %s", a.Name.Local)
				}
			}
		case xml.EndElement:
			if token.Name.Local == "svg" {
				drawing--
			}
		case xml.ProcInst, xml.Directive:
			return errors.New("an XML declaration in HTML")
		}
	}
}

// The same report always looks the same.
func TestRenderingIsDeterministic(t *testing.T) {
	for i, r := range Types() {
		again := Types()[i]
		if Text(r, styles["true"]) != Text(again, styles["true"]) || HTML(r) != HTML(again) {
			t.Errorf("%s looks different the second time", r.Type())
		}
		a, errA := JSON(r)
		b, errB := JSON(again)
		if errA != nil || errB != nil || string(a) != string(b) {
			t.Errorf("%s: JSON is different the second time (%v, %v)", r.Type(), errA, errB)
		}
	}
}

func TestNumbersWithoutJSON(t *testing.T) {
	s := Figure{
		Curves: Curves{Series: []Series{{X: []float64{math.Inf(-1), 0.1}, Y: []float64{math.NaN(), math.Inf(1)}}}},
	}
	data, err := JSON(s)
	if err != nil {
		t.Fatal(err)
	}
	if want := `"x":["-Infinity",0.1],"y":["NaN","Infinity"]`; !strings.Contains(string(data), want) {
		t.Errorf("%s, expected %s", data, want)
	}
	back, err := Decode[Figure](data)
	if err != nil {
		t.Fatal(err)
	}
	one := back.Curves.Series[0]
	if !math.IsInf(one.X[0], -1) || one.X[1] != 0.1 || !math.IsNaN(one.Y[0]) || !math.IsInf(one.Y[1], 1) {
		t.Errorf("they come back as %v", one)
	}
}

func TestDecodeRefuses(t *testing.T) {
	for _, c := range []struct{ data, want string }{
		{``, "this is not a report"},
		{`[]`, "this is not a report"},
		{`{"text":"a"}`, "it has no type"},
		{`{"type":"smoothlab.run/1"}`, "this is a smoothlab.run/1; expected a smoothlab.message/1"},
		{`{"type":"smoothlab.message/2","text":"a"}`, "this is a smoothlab.message/2; expected a smoothlab.message/1: the session runs a different version of smoothlab"},
		{`{"type":"smoothlab.message/1","text":1}`, "damaged smoothlab.message/1"},
		{`{"type":"smoothlab.message/1","text":"a"} b`, "this is not a report"},
	} {
		m, err := Decode[Message]([]byte(c.data))
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, expected %s", c.data, err, c.want)
		}
		if m != (Message{}) {
			t.Errorf("%s: %v beside an error", c.data, m)
		}
	}
	for _, c := range []struct{ data, want string }{
		{`{"type":"smoothlab.message/7"}`, ": the session runs a different version"},
		{`{"type":"other"}`, "unknown report type other"},
		{`{"type":"smoothlab.classifier/1","sigma":"wide"}`, `"wide" is not a number`},
	} {
		if _, err := Decode[Report]([]byte(c.data)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, expected %s", c.data, err, c.want)
		}
	}
}

// Unknown fields of a newer session are ignored, and an error is read like any report.
func TestDecode(t *testing.T) {
	m, err := Decode[Message]([]byte(`{"type":"smoothlab.message/1","text":"a","more":[1]}`))
	if err != nil || m.Text != "a" {
		t.Errorf("%v, %v", m, err)
	}
	e, err := Decode[*Error]([]byte(`{"type":"smoothlab.error/1","name":"interrupted","message":"stopped"}`))
	if err != nil || e.Name != Interrupted || e.Message != "stopped" {
		t.Errorf("%v, %v", e, err)
	}
}

// No report from outside makes the renderers panic, or gets markup or control sequences through.
func FuzzReport(f *testing.F) {
	for _, r := range Types() {
		data, err := JSON(r)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data, 80)
	}
	f.Add([]byte(`{"type":"smoothlab.figure/1","curves":{"series":[{"x":[-1e308,1e308],"y":[1e308,-1e308]}]}}`), 30)
	f.Add([]byte(`{"type":"smoothlab.figure/1","curves":{"series":[{"x":[1e-320,2e-320,1e300],"y":[5e-324,0]}]}}`), 30)
	f.Add([]byte(`{"type":"smoothlab.table/1","left":-3,"head":["a"],"rows":[[],["b","c"]]}`), 1)
	f.Add(
		[]byte(`{"type":"smoothlab.picture/1","image":{"height":1000000,"width":1000000,"channels":3,"pixels":""}}`),
		30,
	)
	f.Fuzz(func(t *testing.T, data []byte, width int) {
		r, err := Decode[Report](data)
		if err != nil {
			return
		}
		width = max(0, min(width, 300))
		for _, c := range []Color{NoColor, Color256, TrueColor} {
			for _, row := range screen(t, Text(InFull(r), Style{Width: width, Color: c})) {
				if width > 0 && len(row) > max(width, 20) {
					t.Fatalf("%d cells of %d", len(row), width)
				}
			}
		}
		if err := wellFormed(HTML(r)); err != nil {
			t.Fatal(err)
		}
		if again, err := JSON(r); err != nil {
			t.Fatalf("%v: %s", err, again)
		}
	})
}

// Every attribute can be typed in the language: no name in the JSON form is a keyword of Starlark.
func TestNamesCanBeTyped(t *testing.T) {
	reserved := strings.Fields(
		"and as assert async await break class continue def del elif else except finally for from global if import in is lambda load nonlocal not or pass raise return try while with yield",
	)
	var visit func(what string, v any)
	visit = func(what string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for name, x := range v {
				if slices.Contains(reserved, name) {
					t.Errorf("%s has %q", what, name)
				}
				visit(what, x)
			}
		case []any:
			for _, x := range v {
				visit(what, x)
			}
		}
	}
	for _, r := range Types() {
		data, err := JSON(r)
		if err != nil {
			t.Fatal(err)
		}
		var v any
		if err := json.Unmarshal(data, &v); err != nil {
			t.Fatal(err)
		}
		visit(r.Type(), v)
	}
}
