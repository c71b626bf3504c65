package portable

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// numbers are the packages whose results reach a run directory's numbers.
var numbers = []string{
	"internal/kernel", "internal/npz", "internal/portable",
	"pkg/compare", "pkg/experiment", "pkg/experiment/config", "pkg/experiment/rundir",
	"pkg/model/features", "pkg/model/transformer",
	"pkg/integrator",
	"pkg/model",
}

// exempt are files of those packages that make none of these numbers: estimates
// of time and memory, and the number of digits in a printed table.
var exempt = []string{"pkg/experiment/estimate.go", "pkg/compare/table.go"}

func isExempt(position string) bool {
	return slices.ContainsFunc(exempt, func(file string) bool {
		return strings.Contains(filepath.ToSlash(position), file)
	})
}

// fusedStep is a line of the compiler's listing with an instruction of arm64 that
// multiplies and adds with one rounding, and names file and line.
var fusedStep = regexp.MustCompile(`\(([^()]+\.go:\d+)\)\s+(FN?M(?:ADD|SUB)[DS])\b`)

// TestNoFusedSteps: the compiler fuses no product with a sum. Where it does on
// arm64, it does on ppc64, riscv64, s390x and amd64 with GOAMD64=v3. The remedy
// is float64(x*y) + z.
func TestNoFusedSteps(t *testing.T) {
	args := []string{"build", "-gcflags=-S"}
	for _, p := range numbers {
		args = append(args, "./"+p)
	}
	cmd := exec.Command("go", args...)
	cmd.Dir = filepath.Join("..", "..")
	cmd.Env = append(cmd.Environ(), "GOARCH=arm64", "GOOS=linux", "CGO_ENABLED=0", "GOFLAGS=-mod=readonly")
	listing, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, listing[max(0, len(listing)-2000):])
	}
	// It can see: the listing holds sums, and the pattern knows its lines.
	if sums := strings.Count(string(listing), "FADDD"); sums < 100 {
		t.Fatalf("%d sums in a listing of %d bytes", sums, len(listing))
	}
	const line = "	0x0070 00112 (/a/b.go:71)	FMSUBD	F4, F3, F2, F5"
	if fusedStep.FindString(line) == "" {
		t.Fatal("the pattern misses a fused step")
	}
	var found []string
	for _, match := range fusedStep.FindAllStringSubmatch(string(listing), -1) {
		found = append(found, match[1])
	}
	slices.Sort(found)
	for _, at := range slices.Compact(found) {
		if !isExempt(at) {
			t.Errorf("%s: a product is fused with a sum", at)
		}
	}
}

// platform are names of packages math and math/rand/v2 whose results depend on
// the processor.
var platform = strings.Fields(`Acos Acosh Asin Asinh Atan Atan2 Atanh Cbrt Cos Cosh Erf Erfc Erfcinv Erfinv Exp Exp2 Expm1
	Gamma Hypot J0 J1 Jn Lgamma Log Log10 Log1p Log2 Pow Sin Sincos Sinh Tan Tanh Y0 Y1 Yn NormFloat64 ExpFloat64`)

// TestNoPlatformFunctions: the packages that make numbers call none of them, and
// nothing of gonum, whose assembly sums in another order than its Go.
func TestNoPlatformFunctions(t *testing.T) {
	seen := 0
	for _, p := range numbers {
		files, err := filepath.Glob(filepath.Join("..", "..", filepath.FromSlash(p), "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, %v", p, len(files), err)
		}
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") || isExempt(name) {
				continue
			}
			set := token.NewFileSet()
			file, err := parser.ParseFile(set, name, nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			seen++
			for _, i := range file.Imports {
				if strings.Contains(i.Path.Value, "gonum.org") {
					t.Errorf("%s: %s", set.Position(i.Pos()), i.Path.Value)
				}
			}
			ast.Inspect(file, func(n ast.Node) bool {
				call, ok := n.(*ast.SelectorExpr)
				if !ok || !slices.Contains(platform, call.Sel.Name) {
					return true
				}
				x, ok := call.X.(*ast.Ident)
				if method := strings.HasSuffix(call.Sel.Name, "Float64"); method || ok && x.Name == "math" {
					t.Errorf("%s: %s differs between processors; package portable has it", set.Position(n.Pos()), call.Sel.Name)
				}
				return true
			})
		}
	}
	if seen < 50 {
		t.Errorf("only %d files seen", seen)
	}
}
