// Package mutation asks of the tests whether they see: it changes the program in
// one place at a time and reports the changes after which every test still passes.
//
//	make mutants MUTANTS=60 SEED=1 OF=pkg/compare,pkg/experiment
//
// A survivor is a hole in the tests, or a change that changes nothing: the one is
// mended, the other explained.
package mutation

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

var (
	count = flag.Int("mutants", 0, "how many changes are tried; 0 skips the test")
	seed  = flag.Uint64("seed", 1, "of their choice")
	of    = flag.String("of", "pkg/compare,pkg/experiment,pkg/model,pkg/integrator", "the packages that are changed")
	limit = flag.Duration("limit", 3*time.Minute, "a mutant that takes longer counts as seen")
)

// dependents returns, for each folder of the module, those whose packages import its
// own, or whose tests do: these see it, too, after its own. The programs, slow to
// test, come last.
func dependents(t *testing.T) map[string][]string {
	t.Helper()
	list := exec.Command("go", "list", "-f", "{{.ImportPath}} {{.Module.Path}} {{join .Imports \" \"}} {{join .TestImports \" \"}} {{join .XTestImports \" \"}}", "./...")
	list.Dir = root
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]string{}
	for _, line := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		words := strings.Fields(line)
		inModule := words[1] + "/"
		folder := strings.TrimPrefix(words[0], inModule)
		slices.Sort(words[2:])
		for _, imported := range slices.Compact(words[2:]) {
			if of, ours := strings.CutPrefix(imported, inModule); ours && of != folder {
				all[of] = append(all[of], "./"+folder)
			}
		}
	}
	for _, folders := range all {
		slices.Sort(folders)
		slices.Reverse(folders)
	}
	return all
}

// The packages that see another are found as they are: none that is added is left out.
func TestDependents(t *testing.T) {
	all := dependents(t)
	for of, by := range map[string]string{
		"pkg/integrator": "./pkg/model", "pkg/compare": "./cmd/nasim", // by what they are made of
		"pkg/experiment": "./pkg/model/features", "pkg/model": "./pkg/compare", // by their tests alone
	} {
		if !slices.Contains(all[of], by) {
			t.Errorf("%s is seen by %v, not by %s", of, all[of], by)
		}
	}
}

const root = "../.."

// mutant is one change of one file.
type mutant struct {
	file     string // below the root
	from, to int    // bytes that are replaced
	by, what string
	line     int
}

func TestMutants(t *testing.T) {
	if *count == 0 {
		t.Skip("slow: make mutants")
	}
	var all []mutant
	for _, folder := range strings.Split(*of, ",") {
		all = append(all, mutants(t, folder)...)
	}
	rng := rand.New(rand.NewPCG(*seed, 0))
	rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	tried, survived, seers := 0, 0, dependents(t)
	for _, m := range all {
		if tried == *count {
			break
		}
		switch outcome := m.try(t, seers); outcome {
		case "does not compile":
			continue
		case "survived":
			survived++
			fallthrough
		default:
			tried++
			fmt.Printf("%3d %-9s %s:%d: %s\n", tried, outcome, m.file, m.line, m.what)
		}
	}
	fmt.Printf("%d of %d survived (of %d possible changes, seed %d)\n", survived, tried, len(all), *seed)
}

// mutants lists the changes that can be made to a package.
func mutants(t *testing.T, folder string) []mutant {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var all []mutant
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		set := token.NewFileSet()
		tree, err := parser.ParseFile(set, file, source, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Join(folder, filepath.Base(file))
		ast.Inspect(tree, func(node ast.Node) bool {
			if _, isImport := node.(*ast.ImportSpec); isImport {
				return false
			}
			for _, c := range changes(node, source, func(p token.Pos) int { return set.Position(p).Offset }) {
				c.file, c.line = name, set.Position(node.Pos()).Line
				all = append(all, c)
			}
			return true
		})
	}
	return all
}

var swaps = map[token.Token]string{
	token.LSS: "<=", token.LEQ: "<", token.GTR: ">=", token.GEQ: ">", token.EQL: "!=", token.NEQ: "==",
	token.ADD: "-", token.SUB: "+", token.MUL: "/", token.QUO: "*", token.LAND: "||", token.LOR: "&&", token.REM: "/",
}

// changes lists those of one node of the syntax.
func changes(node ast.Node, source []byte, at func(token.Pos) int) []mutant {
	text := func(n ast.Node) string { return string(source[at(n.Pos()):at(n.End())]) }
	short := func(s string) string {
		s = strings.Join(strings.Fields(s), " ")
		return s[:min(len(s), 70)]
	}
	switch n := node.(type) {
	case *ast.BinaryExpr:
		if by, ok := swaps[n.Op]; ok {
			return []mutant{{from: at(n.OpPos), to: at(n.OpPos) + len(n.Op.String()), by: by, what: fmt.Sprintf("%s with %s", short(text(n)), by)}}
		}
	case *ast.UnaryExpr:
		if n.Op == token.NOT || n.Op == token.SUB {
			return []mutant{{from: at(n.OpPos), to: at(n.OpPos) + 1, what: short(text(n)) + " without " + n.Op.String()}}
		}
	case *ast.IfStmt:
		return []mutant{{from: at(n.Cond.Pos()), to: at(n.Cond.End()), by: "!(" + text(n.Cond) + ")", what: "if " + short(text(n.Cond)) + ", the opposite"}}
	case *ast.AssignStmt:
		if n.Tok != token.DEFINE {
			return []mutant{{from: at(n.Pos()), to: at(n.End()), what: short(text(n)) + ", left out"}}
		}
	case *ast.BasicLit:
		switch n.Kind {
		case token.INT:
			if x, err := strconv.ParseInt(n.Value, 0, 64); err == nil {
				return []mutant{{from: at(n.Pos()), to: at(n.End()), by: strconv.FormatInt(x+1, 10), what: fmt.Sprintf("%s becomes %d", n.Value, x+1)}}
			}
		case token.FLOAT:
			if x, err := strconv.ParseFloat(n.Value, 64); err == nil && x != 0 { // ten percent more of 0 is no change
				by := strconv.FormatFloat(1.1*x, 'g', -1, 64)
				return []mutant{{from: at(n.Pos()), to: at(n.End()), by: by, what: n.Value + " becomes " + by}}
			}
		}
	}
	return nil
}

// try says what becomes of the tests that see it when the change is made.
func (m mutant) try(t *testing.T, seers map[string][]string) string {
	t.Helper()
	place, err := filepath.Abs(filepath.Join(root, m.file))
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile(place)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	changed, overlay := filepath.Join(dir, "changed.go"), filepath.Join(dir, "overlay.json")
	mutated := string(source[:m.from]) + m.by + string(source[m.to:])
	list, err := json.Marshal(map[string]map[string]string{"Replace": {place: changed}})
	if err != nil {
		t.Fatal(err)
	}
	for file, content := range map[string]string{changed: mutated, overlay: string(list)} {
		if err := os.WriteFile(file, []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	folder := filepath.ToSlash(filepath.Dir(m.file))
	for _, seenBy := range append([]string{"./" + folder}, seers[folder]...) {
		ctx, cancel := context.WithTimeout(context.Background(), *limit)
		cmd := exec.CommandContext(ctx, "go", "test", "-vet=off", "-overlay", overlay, "-count=1", "-failfast", seenBy)
		cmd.Dir = root
		cmd.WaitDelay = time.Second
		out, err := cmd.CombinedOutput()
		cancel()
		switch {
		case err == nil:
		case strings.Contains(string(out), "[build failed]"):
			return "does not compile"
		default:
			return "seen"
		}
	}
	return "survived"
}
