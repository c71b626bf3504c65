package experiment

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/nasim-sim/nasim/internal/npz"
	"github.com/nasim-sim/nasim/pkg/compare"
	"github.com/nasim-sim/nasim/pkg/experiment/config"
	"github.com/nasim-sim/nasim/pkg/experiment/dataset"
	"github.com/nasim-sim/nasim/pkg/experiment/rundir"
)

// TestSetWithoutAnswers: inputs without an answer are told, and left out of all means; where none has one, that is an error.
func TestSetWithoutAnswers(t *testing.T) {
	dir, text := somePictures(t)
	for _, broken := range []string{"0-bag.png", "2-sneaker.png"} {
		if err := os.WriteFile(filepath.Join(dir, broken), []byte("no picture"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	target := filepath.Join(t.TempDir(), "a")
	done, err := executed(t.Context(), target, text, 2, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(done.Warnings) == 0 || !strings.Contains(strings.Join(done.Warnings, "\n"), "to 2 of 6 inputs there is no answer, and they are left out of all means; the first: 0-bag.png: image ") {
		t.Errorf("%v", done.Warnings)
	}
	run, err := OpenRun(target)
	if err != nil {
		t.Fatal(err)
	}
	m := run.Report.Model
	if m.Inputs != 6 || m.Failed != 2 || !slices.ContainsFunc(run.Report.Warnings, func(w compare.Warning) bool { return w.Code == "inputs-failed" }) {
		t.Errorf("%+v", m)
	}
	if !slices.ContainsFunc(run.Manifest.Warnings, func(w string) bool { return strings.Contains(w, "to 2 of 6 inputs") }) {
		t.Errorf("the manifest says %v", run.Manifest.Warnings)
	}
	rows, kl := responseRows(t, target), 0.0
	for i, row := range rows {
		failed := i == 0 || i == 2
		if (row["failed"] != "") != failed || (row["top_network"] == "") != failed || row["label"] == "" {
			t.Errorf("%v", row)
		}
		var x float64
		if !failed {
			if _, err := fmt.Sscan(row["logits_kl_network"], &x); err != nil {
				t.Fatal(err)
			}
		}
		kl += x / 4
	}
	if !(kl > 0) || !(abs(kl-float64(m.KL)) < 1e-15+1e-12*kl) {
		t.Errorf("the mean divergence of four is %v, not %v", m.KL, kl)
	}
	outputs, err := npz.Open(filepath.Join(target, "outputs.npz"))
	if err != nil {
		t.Fatal(err)
	}
	defer outputs.Close()
	for _, name := range []string{"input", "question_input"} {
		if index, _, err := outputs.Int64(name); err != nil || !slices.Equal(index, []int64{1, 3, 4, 5}) {
			t.Errorf("%s: %v, %v", name, index, err)
		}
	}

	for _, row := range rows {
		if err := os.WriteFile(filepath.Join(dir, row["input"]), []byte("no picture"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := tryPlan(text); err == nil || !strings.Contains(err.Error(), "input.images: none of the 6 inputs can be read; of the first, 0-bag.png: image ") {
		t.Error(err)
	}
}

func abs(x float64) float64 { return max(x, -x) }

// TestSetFails: that there is no answer to any input is the error of the run, which keeps nothing.
func TestSetFails(t *testing.T) {
	_, text := somePictures(t)
	p := plan(t, text)
	broken := t.TempDir()
	for _, name := range []string{"a.png", "b.png"} {
		if err := os.WriteFile(filepath.Join(broken, name), []byte("no picture"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	set, err := dataset.Folder(broken, "", 0)
	if err != nil {
		t.Fatal(err)
	}
	p.source.questions.Set = set
	if _, err := p.Run(t.Context(), nil); err == nil || !strings.Contains(err.Error(), "there is no answer to any of the 2 inputs; to the first, a.png: image ") || p.journal != nil {
		t.Error(err)
	}
}

// TestChangedSet: an input that is changed while the set is asked ends the run, as it is not the one that the run is named for.
func TestChangedSet(t *testing.T) {
	dir, text := somePictures(t)
	target, changed := filepath.Join(t.TempDir(), "a"), filepath.Join(dir, "5-ankle-boot.png")
	was := read(t, dir, "5-ankle-boot.png")
	_, err := executed(t.Context(), target, text, 1, func(done, _ int) {
		if done == 2 {
			if err := os.WriteFile(changed, read(t, dir, "0-bag.png"), 0o666); err != nil {
				t.Error(err)
			}
		}
	})
	if err == nil || !strings.Contains(err.Error(), changed+" was changed while the set was read; 5 of 6 replies are kept") {
		t.Fatal(err)
	}
	if err := os.WriteFile(changed, was, 0o666); err != nil {
		t.Fatal(err)
	}
	asked := 0
	if _, err := executed(t.Context(), target, text, 1, func(_, total int) { asked = total }); err != nil || asked != 1 {
		t.Errorf("%d were asked, %v", asked, err)
	}
}

// TestSetIdentity: what is in the files, how many are taken and how they are labelled make a run, and where they lie does not. Its
// config.yaml names them in full, and makes the same run again.
func TestSetIdentity(t *testing.T) {
	dir, text := somePictures(t)
	hash := plan(t, text).Hash()
	moved := filepath.Join(t.TempDir(), "elsewhere")
	if err := os.CopyFS(moved, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	there := strings.ReplaceAll(text, dir, moved)
	if plan(t, there).Hash() != hash {
		t.Error("where the set lies makes another run")
	}
	for _, set := range []string{"images.limit=5", "seed=3", "swap.mode=none", "input={images: {dir: " + dir + "}}"} {
		if plan(t, text, set).Hash() == hash {
			t.Errorf("%s makes the same run", set)
		}
	}
	for _, name := range []string{"labels.csv", "1-dress.png"} {
		raw := read(t, moved, name)
		if name == "labels.csv" {
			raw = []byte(strings.Replace(string(raw), "dress.png,3", "dress.png,4", 1))
		} else {
			raw = append(raw, 0)
		}
		if err := os.WriteFile(filepath.Join(moved, name), raw, 0o666); err != nil {
			t.Fatal(err)
		}
		if next := plan(t, there).Hash(); next == hash {
			t.Errorf("another %s makes the same run", name)
		} else {
			hash = next
		}
	}

	t.Chdir(dir)
	here := strings.ReplaceAll(text, dir, ".")
	a, b := filepath.Join(t.TempDir(), "a"), filepath.Join(t.TempDir(), "b")
	if _, err := executed(t.Context(), a, here, 2, nil); err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	cfg, problems := config.Load(filepath.Join(a, "config.yaml"), nil)
	if problems != nil {
		t.Fatal(problems)
	}
	if _, err := Execute(t.Context(), cfg, Options{Name: "test", NoFigures: true, Target: rundir.Target{Path: b, Named: true}}, Watch{}); err != nil {
		t.Fatal(err)
	}
	sameNumbers(t, "from its config.yaml", a, b)
	if !strings.Contains(string(read(t, a, "config.yaml")), "dir: "+dir+"\n") {
		t.Errorf("%s", read(t, a, "config.yaml"))
	}
	entries, err := os.ReadDir(filepath.Join(a, "inputs"))
	if err != nil || len(entries) != 2 {
		t.Errorf("inputs/ holds %v, %v", entries, err)
	}
}

// Files of pictures and labels of one name, in two folders, are two files.
func TestSetFilesOfOneName(t *testing.T) {
	dir := t.TempDir()
	idx := func(name string, axes []byte, values ...byte) string {
		raw := []byte{0, 0, 8, byte(len(axes))}
		for _, n := range axes {
			raw = append(raw, 0, 0, 0, n)
		}
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, append(raw, values...), 0o666); err != nil {
			t.Fatal(err)
		}
		return path
	}
	hash := func(label, pixel byte) string {
		images, labels := idx("images/t10k", []byte{1, 2, 2}, 1, 2, 3, pixel), idx("labels/t10k", []byte{1}, label)
		return plan(t, "nasim: 1\ninput: {images: {idx: "+images+", labels: "+labels+"}}\n"+ofSets).Hash()
	}
	all := map[string]bool{hash(1, 1): true, hash(2, 1): true, hash(1, 2): true}
	if len(all) != 3 {
		t.Errorf("%d runs of three", len(all))
	}
}

// TestLabelsRefused: labels that are none of the model's classes, or of a model without any, are found before a run.
func TestLabelsRefused(t *testing.T) {
	dir, text := somePictures(t)
	put := func(labels string) {
		if err := os.WriteFile(filepath.Join(dir, "labels.csv"), []byte(labels), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	const rest = "1-dress.png,3\n2-sneaker.png,Sneaker\n3-trouser.png,1\n4-pullover.png,2\n5-ankle-boot.png,9\n"
	put("0-bag.png,10\n" + rest)
	if _, err := tryPlan(text); err == nil || !strings.Contains(err.Error(), `input.images.labels: the label of 0-bag.png is "10", and the model tiny-vision has 10 classes (`) {
		t.Error(err)
	}
	put("0-bag.png,-1\n" + rest)
	if _, err := tryPlan(text); err == nil {
		t.Error("class −1 is taken")
	}
	_, model := withInput(t, "vit-model")
	put("0-bag.png,1\n" + rest)
	if _, err := tryPlan(text, "transformer.model="+model, "transformer.select=[]", "transformer.layers=all"); err == nil || !strings.Contains(err.Error(), "has no classifier") {
		t.Error(err)
	}
}

// TestTextsCut: long texts are cut off, which is said.
func TestTextsCut(t *testing.T) {
	r, err := plan(t, someTexts(t, "tiny-text", "A star.", strings.Repeat("star ", 2000))).Run(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if said := strings.Join(r.Warnings, "\n"); !strings.Contains(said, "1 of 2 texts are longer than the model's ") || !slices.ContainsFunc(r.Report.Warnings, func(w compare.Warning) bool { return w.Code == "texts-cut" }) {
		t.Errorf("%s", said)
	}
}

// TestSetSummary: the line about a run says how many inputs there are, and to how many there are replies.
func TestSetSummary(t *testing.T) {
	_, text := somePictures(t)
	p := plan(t, text)
	if said := p.Summary(); !strings.HasPrefix(said, "6 inputs; heads 1:2 3:0 3:1 3:2 3:3: 50 tokens, 32 hidden neurons") {
		t.Error(said)
	}
	p.journal = &journal{done: 4}
	if said := p.Summary(); !strings.HasPrefix(said, "6 inputs, to 4 of which there are replies already; heads ") {
		t.Error(said)
	}
}

// TestStaleJournal: the journal of a run that another process has completed goes when the run is found.
func TestStaleJournal(t *testing.T) {
	_, text := somePictures(t)
	cfg, problems := config.Read(strings.NewReader(text), "test.yaml", "", nil)
	if problems != nil {
		t.Fatal(problems)
	}
	dir := filepath.Join(t.TempDir(), "a")
	execute := func(force bool) (Outcome, error) {
		p, err := Prepare(t.Context(), cfg, Options{Name: "test", NoFigures: true, Target: rundir.Target{Path: dir, Force: force}})
		if err != nil {
			t.Fatal(err)
		}
		p.Options.Target.Path = dir
		return p.Execute(t.Context(), Watch{})
	}
	if done, err := execute(false); err != nil || done.Found {
		t.Fatal(done, err)
	}
	metrics := read(t, dir, "metrics.json")
	for _, force := range []bool{false, true} {
		for _, text := range []string{"", "nasim replies 1 another\nabc"} {
			if err := os.WriteFile(journalOf(dir), []byte(text), 0o666); err != nil {
				t.Fatal(err)
			}
			if done, err := execute(force); err != nil || done.Found == force {
				t.Errorf("%+v, %v", done, err)
			}
			if _, err := os.Stat(journalOf(dir)); err == nil {
				t.Errorf("the journal is still there (force: %v)", force)
			}
		}
	}
	if string(read(t, dir, "metrics.json")) != string(metrics) {
		t.Error("other numbers")
	}
}
