// Command attention times the exact solution against PyTorch's softmax
// attention of heads of the same size, on one thread each and in turn; the same
// beside their matrix products; and one head at the scale of the paper (m = 10⁵),
// with the peak of memory. It prints the tables (Markdown), and writes them into a
// page between the lines of its blocks attention, attention-products and paper-scale.
//
//	go run ./bench/attention -python python3 -page docs/performance.md
//
// Softmax attention costs 4N²d operations a head; the network's outputs cost as
// many with m in the place of d, at best, so a ratio far above 1 is in the
// nature of the matter.
package main

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"

	"github.com/nasim-sim/nasim/bench/internal/page"
	"github.com/nasim-sim/nasim/pkg/model"
	"github.com/nasim-sim/nasim/pkg/model/features"
)

// Blocks of the page.
const attentionBlock, productsBlock, paperBlock = "attention", "attention-products", "paper-scale"

func main() {
	python := flag.String("python", "", "Python with PyTorch; none: nasim alone")
	script := flag.String("script", "bench/attention_torch.py", "PyTorch's side")
	rounds := flag.Int("rounds", 5, "rounds; the median counts")
	one := flag.String("one", "", "run one solution at the paper's scale in this process: exact, causal or dopri5")
	file := flag.String("page", "", "Markdown page whose blocks are replaced; none: standard output alone")
	flag.Parse()
	runtime.GOMAXPROCS(1)
	if err := run(*python, *script, *rounds, *one, *file); err != nil {
		fmt.Fprintln(os.Stderr, "attention:", err)
		os.Exit(1)
	}
}

func run(python, script string, rounds int, one, file string) error {
	if rounds < 1 {
		return fmt.Errorf("-rounds %d: at least 1 is needed", rounds)
	}
	if one != "" {
		return runOne(one)
	}
	if err := page.Check(file, attentionBlock, productsBlock, paperBlock); err != nil {
		return err
	}
	attention, err := compare(python, script, rounds)
	if err != nil {
		return err
	}
	fmt.Printf("%s\ngoal: exact, features given by their map, within %d × PyTorch in float32\n\n", attention, ratioGoal)
	beside, err := besideProducts(4 * rounds)
	if err != nil {
		return err
	}
	fmt.Printf("%s\ngoal: %g × their matrix products\n\n", beside, productsGoal)
	paper, err := paperScale(rounds)
	if err != nil {
		return err
	}
	fmt.Printf("%s\ngoals: exact in %g s, dopri5 in %g s, both under %.2f GiB\n", paper, exactGoal, dopri5Goal, memoryGoalGiB)
	return page.Write(file, page.Block{Name: attentionBlock, Text: attention}, page.Block{Name: productsBlock, Text: beside}, page.Block{Name: paperBlock, Text: paper})
}

// parameters are the defaults of the network with leaks, as on the reference problem.
var parameters = model.Parameters{
	TauHidden: 0.01, TauOutput: 0.01, TauCalcium: 0.05, TauHebbian: 20, TauPresynaptic: 20,
	Write: 0.25, Read: 0.25, Baseline: 1, Division: model.Division{Floor: 1e-9},
}

// tokensOf holds what a head attends to.
type tokensOf struct {
	n, d    int
	q, k, v []float64
	phi     *features.Map
}

// randomHead draws normal queries, keys and values, and a positive feature map.
func randomHead(n, d, m int, seed uint64) (*tokensOf, error) {
	rng := rand.New(rand.NewPCG(seed, 0))
	// Of size d^¼ as attention's division by d^¼ leaves it.
	draw := func(size float64) []float64 {
		x := make([]float64, n*d)
		for i := range x {
			x[i] = size * rng.NormFloat64()
		}
		return x
	}
	t := &tokensOf{n: n, d: d, q: draw(queryDeviation), k: draw(queryDeviation), v: draw(1)}
	var err error
	t.phi, err = features.New(features.Spec{Map: "positive", Rows: features.IID, Neurons: m}, d, rng)
	return t, err
}

// queryDeviation is that of q and k after the division: 64^−¼.
const queryDeviation = 0.35355339059327373

// activity evaluates the feature map.
func (t *tokensOf) activity() (*features.Activity, error) { return t.activityOver(nil) }

// activityOver evaluates it over features that are needed no more.
func (t *tokensOf) activityOver(old *features.Activity) (*features.Activity, error) {
	return t.phi.EvaluateOver(old, t.q, t.k, t.n, features.Gain{Kind: features.GainNone})
}

// head is the network's, of features given.
func (t *tokensOf) head(a *features.Activity) (*model.Head, error) {
	return model.NewHead(a.Q, a.K, t.v, t.n, t.phi.Neurons, t.d)
}

// solve solves it.
func (t *tokensOf) solve(a *features.Activity) error {
	h, err := t.head(a)
	if err == nil {
		_, err = h.Exact(context.Background(), parameters, model.Options{})
	}
	return err
}
