package experiment

import (
	"image"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/nasim-sim/nasim/pkg/compare"
)

// Every metric stands where its head does, those of the ladder and of the head too, and
// heads that were not run are missing.
func TestHeadsFigure(t *testing.T) {
	run := openedOf(t, "nasim: 1\ninput: {text: {string: The calcium of a star is slow.}}\ntransformer: {select: [\"1:2\", \"3:*\"]}\nswap: {mode: free-running}\n",
		"features.neurons=64", "record.remedy=none", "record.variables=[]")
	d := drawingOf(t, run)
	for _, metric := range HeadMetrics() {
		d.set.Metric = metric
		in, err := d.headsInput()
		if err != nil {
			if strings.Contains(err.Error(), metric) && strings.Contains(err.Error(), "null") {
				continue // a cause that this network does not have
			}
			t.Fatal(err)
		}
		known := 0
		for i, x := range in.Values {
			layer, head := i/in.Heads, i%in.Heads
			at := slices.IndexFunc(run.Report.Heads, func(h compare.HeadReport) bool { return h.Layer == layer && h.Head == head })
			if at < 0 {
				if !math.IsNaN(x) {
					t.Errorf("%s: %d:%d was not run and has %v", metric, layer, head, x)
				}
				continue
			}
			known++
			want := 0.0
			if metric == replacedError {
				m := run.Report.Model.Heads
				want = float64(m[slices.IndexFunc(m, func(h compare.ReplacedHead) bool { return h.Layer == layer && h.Head == head })].RelativeError)
			} else {
				for _, rung := range []string{compare.OnHead, compare.OnLadder, compare.Solver, compare.Exact} {
					if v := run.Report.Heads[at].Value(rung, metric); v.Known() {
						want = float64(v)
						break
					}
				}
			}
			if x != want {
				t.Errorf("%s: %d:%d has %v, want %v", metric, layer, head, x, want)
			}
		}
		if in.Layers != 4 || in.Heads != 4 || known != 5 {
			t.Errorf("%s: %d × %d, %d known", metric, in.Layers, in.Heads, known)
		}
		svg := svgOf(t, d.heads)
		if !strings.Contains(svg, ">head (–)<") {
			t.Errorf("%s: no axis", metric)
		}
	}
	d.set.Metric = "kernal_error"
	if _, err := d.headsInput(); err == nil || !strings.Contains(err.Error(), "kernel_error") {
		t.Error(err)
	}
	without := drawingOf(t, opened(t, "record.variables=[]"))
	without.set.Metric = replacedError
	if _, err := without.headsInput(); err == nil || !strings.Contains(err.Error(), "swap.mode") {
		t.Error(err)
	}
}

// The tokens before the patches are named and lie on no patch: the attention over the
// picture begins with the first patch, whatever stands before it, and as many patches
// follow as the model has.
func TestOverlayOfModelsWithOtherTokens(t *testing.T) {
	for name, front := range map[string][]string{
		"deit-model": {"[CLS]", "[DIST]"}, "dinov2-registers": {"[CLS]", "[REG1]", "[REG2]"}, "vit-model": {"[CLS]"},
	} {
		input, dir := withInput(t, name)
		run := openedOf(t, "nasim: 1\n"+input+"transformer: {model: "+dir+", layers: [1], heads: [1]}\nnetwork: {features: {neurons: 32}}\nrecord: {remedy: none}\n")
		d := drawingOf(t, run)
		in, err := d.attentionInput(0)
		if err != nil {
			t.Fatal(err)
		}
		if got := in.Grid.Front; !slices.Equal(got, front) {
			t.Errorf("%s: before the patches stand %q, want %q", name, got, front)
		}
		token := len(in.Grid.Front) + in.Grid.Columns // the first patch of the second row
		d.set.Token = &token
		f, err := d.overlay(nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		var csv strings.Builder
		if err := f.Data.WriteCSV(&csv); err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSpace(csv.String()), "\n")
		if len(lines) != 1+in.N || !strings.HasPrefix(lines[1], "[CLS],,,") || !strings.HasPrefix(lines[len(front)], front[len(front)-1]+",,,") ||
			!strings.HasPrefix(lines[1+len(front)], "patch 0,0,0,") || !strings.HasPrefix(lines[1+token], "patch "+strconv.Itoa(in.Grid.Columns)+",1,0,") {
			t.Errorf("%s: the table is\n%s", name, csv.String())
		}
		if !strings.Contains(f.Caption, "patch "+strconv.Itoa(in.Grid.Columns)+", to each patch") || !strings.Contains(f.Caption, strings.Join(front, ", ")) {
			t.Errorf("%s: %s", name, f.Caption)
		}
		if b := in.Grid.Picture.Bounds(); b.Dx()*in.Grid.Rows != b.Dy()*in.Grid.Columns || b == (image.Rectangle{}) {
			t.Errorf("%s: a picture of %v for %d × %d patches", name, b, in.Grid.Rows, in.Grid.Columns)
		}
		names, err := run.tokenNames(in.N)
		if err != nil || !slices.Equal(names[:len(front)], front) || names[len(front)] != "(0, 0)" || names[token] != "(1, 0)" {
			t.Errorf("%s: tokens %q, %v", name, names, err)
		}
		for _, far := range []int{-1, in.N} {
			d.set.Token = &far
			if _, err := d.overlay(nil, 0); err == nil || !strings.Contains(err.Error(), "stand before the patches") {
				t.Errorf("%s: token %d: %v", name, far, err)
			}
		}
	}
}

// Runs of before the names were recorded have them all the same.
func TestFrontOfOldRuns(t *testing.T) {
	g := &patchGrid{Rows: 2, Columns: 3}
	if got := g.front(8); !slices.Equal(got, []string{"[CLS]", "[REG1]"}) || len(g.front(6)) != 0 {
		t.Errorf("%q", got)
	}
}
