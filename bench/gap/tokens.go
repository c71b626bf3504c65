package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"

	"github.com/nasim-sim/nasim/internal/npz"
	"github.com/nasim-sim/nasim/pkg/experiment/dataset"
	"github.com/nasim-sim/nasim/pkg/model/transformer"
)

// given is what a head is given by its transformer, of all texts, one after another: q and k in the scaling in which q·k is the score.
type given struct{ q, k, v []float32 }

// writeTokens runs a model over so many texts of every file of a folder, taken from all over it, and writes what the heads LAYER:HEAD are
// given: arrays q:LAYER:HEAD, k:… and v:… [tokens×d], and of each text its number of tokens and its file.
func writeTokens(out, name, folder, heads string, most int) error {
	model, err := transformer.Open(name)
	if err != nil {
		return err
	}
	set, err := dataset.Texts(folder, dataset.ByLine, 0)
	if err != nil {
		return err
	}
	defer set.Close()
	found, last := map[[2]int]*given{}, 0
	for _, head := range strings.Split(heads, ",") {
		var at [2]int
		if _, err := fmt.Sscanf(head, "%d:%d", &at[0], &at[1]); err != nil {
			return fmt.Errorf("-heads %s: a head is LAYER:HEAD", head)
		}
		found[at], last = &given{}, max(last, at[0])
	}
	var count, file []int64
	runner := model.Runner(transformer.Settings{Single: true, Threads: runtime.NumCPU(), Keep: true})
	for _, i := range chosen(set, most) {
		text, err := set.Text(i)
		if err != nil {
			return err
		}
		tokens, err := model.EncodeText(text, transformer.TextOptions{Truncate: true})
		if err != nil {
			return err
		}
		seen := 0
		_, err = runner.Forward(context.Background(), tokens, transformer.Options{Layers: last + 1, Keep: transformer.KeepAnswer, Replace: func(h transformer.HeadState) error {
			if g := found[[2]int{h.Layer, h.Head}]; g != nil {
				q, k := h.Scaled()
				g.q, g.k, g.v = single(g.q, q), single(g.k, k), single(g.v, h.V)
				seen = h.Tokens
			}
			return nil
		}})
		if err != nil {
			return err
		}
		count, file = append(count, int64(seen)), append(file, int64(set.Document(i)))
	}
	f, err := os.Create(out)
	if err != nil {
		return err
	}
	w := npz.NewWriter(f)
	w.Int64("tokens", []int{len(count)}, count)
	w.Int64("file", []int{len(file)}, file)
	total := 0
	for _, n := range count {
		total += int(n)
	}
	for at, g := range found {
		if total == 0 || len(g.q) == 0 {
			return fmt.Errorf("-heads: %s has no head %d:%d, or there are no texts", name, at[0], at[1])
		}
		for kind, x := range map[string][]float32{"q": g.q, "k": g.k, "v": g.v} {
			w.Float32(fmt.Sprintf("%s:%d:%d", kind, at[0], at[1]), []int{total, len(x) / total}, x)
		}
	}
	fmt.Printf("%s: %d tokens of %d texts\n", out, total, len(count))
	return errors.Join(w.Close(), f.Close())
}

// chosen are so many inputs of each document at most, evenly from all over it.
func chosen(set *dataset.Set, most int) (kept []int) {
	for from := 0; from < set.Len(); {
		to := from + 1
		for to < set.Len() && set.Document(to) == set.Document(from) {
			to++
		}
		n := min(most, to-from)
		for i := range n {
			kept = append(kept, from+i*(to-from)/n)
		}
		from = to
	}
	return kept
}

func single(to []float32, x []float64) []float32 {
	for _, v := range x {
		to = append(to, float32(v))
	}
	return to
}
