package main

import (
	"bytes"
	"context"
	"errors"
	"image"
	_ "image/png" // to decode it
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// An odd case is a directory in which nasim runs config.yaml: a copy of a base in
// testdata/odd with one thing changed.
type odd struct {
	name, base string
	change     func(f folder)
	says       string                               // the refusal has one of these, divided by |; "": it is taken
	check      func(t *testing.T, run, base string) // of what is taken
}

// The most that a case may take.
const (
	oddTime   = 20 * time.Second
	oddMemory = 1 << 30 // bytes
)

// TestOddInputs: what people have, and what nobody should have, is taken with the
// numbers of the clean input, or refused in a sentence, with nothing written.
func TestOddInputs(t *testing.T) {
	bases := map[string]string{}
	for _, base := range []string{"text", "image", "npz"} {
		f := oddFolder(t, base)
		said, status := f.run()
		if status != 0 {
			t.Fatalf("base %s: %s", base, said)
		}
		bases[base] = f.theRun()
	}
	for _, cases := range [][]odd{oddConfigs(), oddTokenizers(), oddWeights(), oddShards(), oddTexts(), oddPictures(), oddPreprocessors(), oddTensors(), oddYAML()} {
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) { c.try(t, bases[c.base]) })
		}
	}
}

func (c *odd) try(t *testing.T, base string) {
	f := oddFolder(t, c.base)
	c.change(f)
	before := f.entries()
	checked, checkStatus := f.run("--check")
	said, status := f.run()
	if c.says != "" {
		if status != statusRefused || !contains(said, strings.Split(c.says, "|")) {
			t.Errorf("status %d, want %d and %q: %s", status, statusRefused, c.says, said)
		}
		if checkStatus != status || checked != said {
			t.Errorf("with --check: status %d, %s\nand without: %s", checkStatus, checked, said)
		}
		if after := f.entries(); after != before {
			t.Errorf("there were %d entries, and after the refusal %d", before, after)
		}
		return
	}
	if status != 0 || checkStatus != 0 {
		t.Errorf("status %d, with --check %d: %s%s", status, checkStatus, said, checked)
		return
	}
	if c.check != nil {
		c.check(t, f.theRun(), base)
	}
}

// folder is a directory to try.
type folder struct {
	*testing.T
	dir string
}

// oddFolder copies a base. The name of the copy says nothing that a message could be
// mistaken to say.
func oddFolder(t *testing.T, base string) folder {
	t.Helper()
	dir, err := os.MkdirTemp("", "")
	if err == nil {
		t.Cleanup(func() { os.RemoveAll(dir) })
		err = os.CopyFS(dir, os.DirFS(filepath.Join("testdata/odd", base)))
	}
	if err != nil {
		t.Fatal(err)
	}
	return folder{t, dir}
}

func (f folder) must(err error) {
	f.Helper()
	if err != nil {
		f.Fatal(err)
	}
}

func (f folder) path(name string) string { return filepath.Join(f.dir, name) }

func (f folder) read(name string) []byte {
	f.Helper()
	raw, err := os.ReadFile(f.path(name))
	f.must(err)
	return raw
}

// write replaces a file, whatever is there.
func (f folder) write(name string, content []byte) {
	f.Helper()
	f.remove(name)
	f.must(os.MkdirAll(filepath.Dir(f.path(name)), 0o777))
	f.must(os.WriteFile(f.path(name), content, 0o666))
}

func (f folder) remove(name string) { f.Helper(); f.must(os.RemoveAll(f.path(name))) }

func (f folder) directory(name string) {
	f.Helper()
	f.remove(name)
	f.must(os.MkdirAll(f.path(name), 0o777))
}

func (f folder) link(name, to string) {
	f.Helper()
	f.remove(name)
	f.must(os.MkdirAll(filepath.Dir(f.path(name)), 0o777))
	f.must(os.Symlink(to, f.path(name)))
}

// edit replaces a text in a file, which must be there.
func (f folder) edit(name, old, new string) {
	f.Helper()
	raw := f.read(name)
	if !bytes.Contains(raw, []byte(old)) {
		f.Fatalf("%s does not hold %q", name, old)
	}
	f.write(name, bytes.Replace(raw, []byte(old), []byte(new), 1))
}

// put copies one of the files in testdata/odd/files.
func (f folder) put(name, from string) {
	f.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata/odd/files", from))
	f.must(err)
	f.write(name, raw)
}

// entries counts what is in the folder.
func (f folder) entries() (n int) {
	f.must(filepath.WalkDir(f.dir, func(string, os.DirEntry, error) error { n++; return nil }))
	return n
}

// theRun is the directory of the only run.
func (f folder) theRun() string {
	f.Helper()
	runs, err := filepath.Glob(f.path("runs/*"))
	f.must(err)
	if len(runs) != 1 {
		f.Fatalf("runs %v", runs)
	}
	return runs[0]
}

// goWords are what no message may hold: types and traces of Go, of JSON as Go reads it.
var goWords = regexp.MustCompile(`goroutine|panic|runtime error|unmarshal|Go (value|struct)| json: |strconv|map\[|interface|\b(float64|int64|uint8) value|%!`)

// run runs the configuration and returns what it says; how it says it must be right.
func (f folder) run(flags ...string) (said string, status int) {
	f.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), oddTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, "nasim", append([]string{"run", "config.yaml", "--no-figures"}, flags...)...)
	var out, log bytes.Buffer
	cmd.Dir, cmd.Stdout, cmd.Stderr = f.dir, &out, &log
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) || ctx.Err() != nil {
		f.Fatalf("%v, %v: %s", err, ctx.Err(), log.String())
	}
	said, status = log.String(), cmd.ProcessState.ExitCode()
	if used, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok && used.Maxrss > oddMemory>>10 { // in KiB
		f.Errorf("%v: it took %d MiB", flags, used.Maxrss>>10)
	}
	if goWords.MatchString(said) {
		f.Errorf("%v: it speaks of Go: %s", flags, said)
	}
	if status != 0 && out.Len() > 0 || len(said) > 6000 {
		f.Errorf("%v: prints %.200q and says %d bytes: %.300s", flags, out.String(), len(said), said)
	}
	return said, status
}

func contains(text string, any []string) bool {
	for _, word := range any {
		if strings.Contains(text, word) {
			return true
		}
	}
	return false
}

// like: the numbers are the base's to the byte.
func like(t *testing.T, run, base string) {
	t.Helper()
	for _, name := range []string{"outputs.npz", "features.npz", "metrics.csv"} {
		got, err := os.ReadFile(filepath.Join(run, name))
		want, other := os.ReadFile(filepath.Join(base, name))
		if err != nil || other != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not the base's; %v, %v", name, err, other)
		}
	}
}

// shows: the model's picture is within so many levels of a reference.
func shows(reference string, levels float64) func(t *testing.T, run, base string) {
	return func(t *testing.T, run, _ string) {
		t.Helper()
		got, want := decoded(t, filepath.Join(run, "inputs/model.png")), decoded(t, filepath.Join("testdata/odd/files", reference))
		bounds, all := got.Bounds(), want.Bounds()
		for y := range bounds.Dy() {
			for x := range bounds.Dx() {
				at := func(m image.Image, b image.Rectangle) [3]float64 {
					r, g, blue, _ := m.At(b.Min.X+x%b.Dx(), b.Min.Y+y%b.Dy()).RGBA() // a single pixel stands for all
					return [3]float64{float64(r) / 257, float64(g) / 257, float64(blue) / 257}
				}
				a, b := at(got, bounds), at(want, all)
				for c := range a {
					if math.Abs(a[c]-b[c]) > levels {
						t.Fatalf("at %d, %d it shows %v, not %v", x, y, a, b)
					}
				}
			}
		}
	}
}

func decoded(t *testing.T, path string) image.Image {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	m, _, err := image.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	return m
}
