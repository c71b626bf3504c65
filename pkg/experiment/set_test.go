package experiment

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/nasim-sim/nasim/internal/npz"
	"github.com/nasim-sim/nasim/pkg/compare"
	"github.com/nasim-sim/nasim/pkg/experiment/config"
	"github.com/nasim-sim/nasim/pkg/experiment/rundir"
)

// ofSets is what the tests of sets have in common: a small network in some heads, and no search.
const ofSets = `transformer: {select: ["1:2", "3:*"]}
network: {features: {neurons: 32}}
solver: {method: exact}
record: {remedy: none, attention: false, variables: []}
`

// somePictures is a folder of the pictures of configs/inputs, with labels, and a configuration that reads it.
func somePictures(t *testing.T) (dir, text string) {
	t.Helper()
	dir = t.TempDir()
	labels := "file,label\n"
	for i, name := range []string{"bag", "dress", "sneaker", "trouser", "pullover", "ankle-boot"} {
		raw, err := os.ReadFile("../../configs/inputs/fashion-" + name + ".png")
		if err != nil {
			t.Fatal(err)
		}
		file := fmt.Sprintf("%d-%s.png", i, name)
		if err := os.WriteFile(filepath.Join(dir, file), raw, 0o666); err != nil {
			t.Fatal(err)
		}
		labels += fmt.Sprintf("%s,%d\n", file, []int{8, 3, 7, 1, 2, 9}[i])
	}
	if err := os.WriteFile(filepath.Join(dir, "labels.csv"), []byte(labels), 0o666); err != nil {
		t.Fatal(err)
	}
	return dir, "nasim: 1\ninput: {images: {dir: " + dir + ", labels: " + dir + "/labels.csv}}\nswap: {mode: free-running}\n" + ofSets
}

// someTexts is a configuration that reads these lines.
func someTexts(t *testing.T, model string, lines ...string) string {
	t.Helper()
	file := inFile(t, "lines.txt", []byte(strings.Join(lines, "\n")))
	return "nasim: 1\ninput: {texts: {file: " + file + "}}\nswap: {mode: free-running}\n" + strings.Replace(ofSets, "transformer: {", "transformer: {model: "+model+", ", 1)
}

// executed executes a configuration into a directory, on so many threads; whatever it is stopped by is the error.
func executed(ctx context.Context, dir, text string, threads int, progress func(done, total int)) (Outcome, error) {
	cfg, problems := config.Read(strings.NewReader(text), "test.yaml", "", nil)
	if problems != nil {
		return Outcome{}, problems
	}
	return Execute(ctx, cfg, Options{Name: "test", NoFigures: true, Threads: threads, Target: rundir.Target{Path: dir, Named: true}}, Watch{Progress: progress})
}

// numberFiles are those of a set's run in which numbers are.
var numberFiles = []string{"metrics.json", "metrics.csv", "responses.csv", "outputs.npz", "config.yaml"}

// sameNumbers compares the files of two runs.
func sameNumbers(t *testing.T, what, a, b string) {
	t.Helper()
	for _, name := range numberFiles {
		if !bytes.Equal(read(t, a, name), read(t, b, name)) {
			t.Errorf("%s: %s is other", what, name)
		}
	}
}

// TestSetResumes: a run that is stopped after some replies and begun again is the same as one that went through, byte for byte, on
// any number of threads; the replies that were there are not asked for again, and nothing is left beside the run.
func TestSetResumes(t *testing.T) {
	_, pictures := somePictures(t)
	for name, text := range map[string]string{
		"pictures": pictures,
		"texts":    someTexts(t, "tiny-text", "The capital of the [MASK] is a city.", "A star of calcium.", "One", "Two words", "The [MASK] is [MASK]."),
	} {
		whole := filepath.Join(t.TempDir(), "whole")
		if _, err := executed(t.Context(), whole, text, 1, nil); err != nil {
			t.Fatal(err)
		}
		stop := errors.New("enough")
		for _, threads := range []int{1, 3} {
			for after := 1; after < 5; after++ {
				dir := filepath.Join(t.TempDir(), "a")
				ctx, cancel := context.WithCancelCause(t.Context())
				_, err := executed(ctx, dir, text, threads, func(done, total int) {
					if done == after {
						cancel(stop)
					}
				})
				var kept Kept
				if !errors.Is(err, stop) || !errors.As(err, &kept) || kept.Done < after || kept.Done > after+threads || !strings.Contains(err.Error(), fmt.Sprintf("%d of %d replies are kept", kept.Done, kept.Total)) {
					t.Fatalf("%s, stopped after %d: %v", name, after, err)
				}
				if _, err := os.Stat(dir); err == nil {
					t.Fatal("an unfinished run is there")
				}
				asked := 0
				if _, err := executed(t.Context(), dir, text, threads, func(done, total int) { asked = total }); err != nil {
					t.Fatal(err)
				}
				if asked != kept.Total-kept.Done {
					t.Errorf("%s: of %d inputs %d had replies, and %d were asked", name, kept.Total, kept.Done, asked)
				}
				sameNumbers(t, fmt.Sprintf("%s, %d threads, stopped after %d", name, threads, after), whole, dir)
				if left, err := filepath.Glob(filepath.Join(filepath.Dir(dir), ".*")); err != nil || left != nil {
					t.Errorf("there is still %v", left)
				}
			}
		}
	}
}

// TestSetStoppedAtOnce: without a reply nothing is kept.
func TestSetStoppedAtOnce(t *testing.T) {
	_, text := somePictures(t)
	dir := filepath.Join(t.TempDir(), "a")
	cfg, problems := config.Read(strings.NewReader(text), "test.yaml", "", nil)
	if problems != nil {
		t.Fatal(problems)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	stop := errors.New("enough")
	_, err := Execute(ctx, cfg, Options{Name: "test", NoFigures: true, Target: rundir.Target{Path: dir, Named: true}}, Watch{Solving: func(string) { cancel(stop) }})
	if kept := new(Kept); err == nil || errors.As(err, kept) {
		t.Error(err)
	}
	if left, err := os.ReadDir(filepath.Dir(dir)); err != nil || len(left) > 0 {
		t.Errorf("there is %v", left)
	}
}

// TestSetIsItsInputs: what a set says of each input is what a run of that input alone says.
func TestSetIsItsInputs(t *testing.T) {
	dir, text := somePictures(t)
	run := written(t, plan(t, text))
	rows := responseRows(t, run)
	outputs, err := npz.Open(filepath.Join(run, "outputs.npz"))
	if err != nil {
		t.Fatal(err)
	}
	defer outputs.Close()
	logits, shape, err := outputs.Float64("logits_network")
	if err != nil || !slices.Equal(shape, []int{6, 10}) || len(rows) != 6 {
		t.Fatal(shape, len(rows), err)
	}
	for i, row := range rows {
		r, err := plan(t, "nasim: 1\ninput: {image: {file: "+filepath.Join(dir, row["input"])+"}}\nswap: {mode: free-running}\n"+ofSets).Run(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		m := r.Report.Model
		for column, want := range map[string]compare.Number{
			"top1_agreement_network": m.Top1, "top5_agreement_network": m.Top5, "logits_kl_network": m.KL,
			"logits_kl_uniform": m.Controls[compare.Uniform].KL, "hidden_relative_error": m.Layers[len(m.Layers)-1].RelativeError,
		} {
			if row[column] != number(want) {
				t.Errorf("%s of %s is %s, and alone %s", column, row["input"], row[column], number(want))
			}
		}
		if alone := r.answers()[compare.Network].logits; !slices.Equal(alone, logits[10*i:10*i+10]) {
			t.Errorf("the logits of %s are %v, and alone %v", row["input"], logits[10*i:10*i+10], alone)
		}
	}
}

// responseRows reads responses.csv by the names of its columns.
func responseRows(t *testing.T, run string) (rows []map[string]string) {
	t.Helper()
	lines, err := csv.NewReader(bytes.NewReader(read(t, run, "responses.csv"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines[1:] {
		row := map[string]string{}
		for i, name := range lines[0] {
			row[name] = line[i]
		}
		rows = append(rows, row)
	}
	return rows
}

// TestSetModes: a set is asked whole, layer by layer, or as the model is.
func TestSetModes(t *testing.T) {
	_, pictures := somePictures(t)
	for mode, replaced := range map[string]int{"free-running": 5, "teacher-forced": 5, "none": 0} {
		r, err := plan(t, pictures, "swap.mode="+mode).Run(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		m := r.Report.Model
		if m.Inputs != 6 || m.Failed != 0 || m.Replaced != replaced || len(m.Heads) != replaced || !(m.AccuracyTransformer >= 5.0/6) || len(m.Responses) != 6 {
			t.Errorf("%s: %+v", mode, m)
		}
		free := mode == "free-running"
		if m.Top1.Known() != free || m.AccuracyNetwork.Known() != free || len(m.Controls) != map[bool]int{true: 2}[free] || (len(m.Layers) > 0) != (mode != "none") {
			t.Errorf("%s: agreement %v, controls %v, layers %v", mode, m.Top1, m.Controls, m.Layers)
		}
		noted := slices.ContainsFunc(r.Report.Warnings, func(w compare.Warning) bool { return w.Code == "set-not-swapped" })
		if noted != (mode == "none") {
			t.Errorf("%s: %v", mode, r.Report.Warnings)
		}
	}
}

// TestSetOfSentences: models that make a vector of a text agree by its angle.
func TestSetOfSentences(t *testing.T) {
	const models = "../model/transformer/testdata/sentence"
	entries, err := os.ReadDir(models)
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for _, e := range entries {
		if !e.IsDir() {
			continue
		}
		count++
		text := strings.Replace(someTexts(t, filepath.Join(models, e.Name()), "a b", "the cat", "a star"), `select: ["1:2", "3:*"]`, "layers: all, heads: all", 1)
		if strings.HasPrefix(e.Name(), "gpt2") {
			text = strings.Replace(text, "network: {", "network: {schedule: {order: causal}, ", 1)
		}
		run := written(t, plan(t, text))
		outputs, err := npz.Open(filepath.Join(run, "outputs.npz"))
		if err != nil {
			t.Fatal(err)
		}
		defer outputs.Close()
		for i, row := range responseRows(t, run) {
			x, shape, err := outputs.Float64("embedding_transformer")
			if err != nil || len(shape) != 2 || shape[0] != 3 {
				t.Fatal(e.Name(), shape, err)
			}
			y, _, err := outputs.Float64("embedding_network")
			if err != nil {
				t.Fatal(err)
			}
			size := shape[1]
			xy, xx, yy := 0.0, 0.0, 0.0
			for j := i * size; j < (i+1)*size; j++ {
				xy, xx, yy = xy+float64(x[j]*y[j]), xx+float64(x[j]*x[j]), yy+float64(y[j]*y[j])
			}
			have, want := row["embedding_cosine_network"], xy/math.Sqrt(xx*yy)
			if value, err := strconv.ParseFloat(have, 64); err != nil || !(math.Abs(value-want) < 1e-9) {
				t.Errorf("%s: the cosine of input %d is %s, not %v", e.Name(), i, have, want)
			}
		}
	}
	if count < 5 {
		t.Errorf("%d models", count)
	}
}

// TestSetOfNextWords: of a causal model the answer is the word after the last.
func TestSetOfNextWords(t *testing.T) {
	_, dir := withInput(t, "gpt2-lmhead")
	text := strings.Replace(someTexts(t, dir, "b g k d", "s g", "m e c b g"), `select: ["1:2", "3:*"]`, "layers: all, heads: all", 1)
	run := written(t, plan(t, text, "schedule.order=causal"))
	rows := responseRows(t, run)
	if len(rows) != 3 {
		t.Fatal(len(rows))
	}
	for i, row := range rows {
		if row["questions"] != "1" || row["top_transformer"] == "" || row["tokens"] != []string{"4", "2", "5"}[i] {
			t.Errorf("%v", row)
		}
	}
}
