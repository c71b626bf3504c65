package portable

import (
	"flag"
	"fmt"
	"go/ast"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestSource reads what makes a run's numbers, as two processors choose the files.
//
// No product is added to something without being rounded first, float64(x*y) + z.
// Else the compiler fuses the two into one step with one rounding, on arm64,
// ppc64, riscv64, s390x and on amd64 with GOAMD64=v3.
//
// No function is called whose results depend on the processor, and nothing of
// gonum, whose assembly sums in another order than its Go.
func TestSource(t *testing.T) {
	for _, processor := range []string{"arm64", "amd64"} {
		s := numbers(t, processor)
		for _, at := range s.fusible() {
			t.Errorf("%s (%s): a product that is not rounded comes into a sum; write float64(x*y) + z", at, processor)
		}
		for _, file := range s.files {
			s.noPlatformFunctions(t, file)
		}
	}
}

// TestFusible: what is seen, and what is not taken for it.
func TestFusible(t *testing.T) {
	const text = `package p
type number float64
const third = 1.0 / 3
func product(x, y float64) float64 { return x * y }
func rounded(x, y float64) float64 { return float64(x * y) }
func f(x, y, z float64, n int, d []float64) {
	_ = x*y + z // want
	_ = z - (x * y) // want
	_ = z - -x*y // want
	_ = x/4 + z // want
	z += x * y // want
	z -= x * third // want
	_ = float64(x*y) + z
	_ = number(x*y) + number(z)
	_ = x/y + z
	_ = x/third + z
	_ = third*third + z
	_ = (x + y) * z
	_ = n*n + n
	u := x * y
	_ = u + z // want
	v := float64(x * y)
	_ = v + z
	w := x
	w *= y
	_ = w + z // want
	var s = x * y
	_ = s + z // want
	for t := x * y; t < z; t, u = t*2, t+u {
		z += t
		t *= y
		z += t // want
		t = x
	}
	_ = product(x, y) + z // want
	_ = rounded(x, y) + z
	_ = func() float64 { return x * y }() + z // want
	_ = d[n*n+n] + z
}
`
	s := newSource("amd64", nil)
	if _, err := s.add("p", map[string]any{"p.go": text}); err != nil {
		t.Fatal(err)
	}
	var want []string
	for i, line := range strings.Split(text, "\n") {
		if strings.HasSuffix(line, "// want") {
			want = append(want, fmt.Sprintf("p.go:%d", i+1))
		}
	}
	slices.Sort(want)
	if found := s.fusible(); !slices.Equal(found, want) {
		t.Errorf("found %v\nwant  %v", found, want)
	}
}

var listing = flag.Bool("listing", false, "read the compiler's listing for fused steps")

// fusedStep is a line of the compiler's listing with an instruction of arm64 that
// multiplies and adds with one rounding, and names file and line.
var fusedStep = regexp.MustCompile(`\(([^()]+\.go:\d+)\)\s+(FN?M(?:ADD|SUB)[DS])\b`)

// TestListing: nor does the compiler's own listing for arm64 hold a fused step. It
// compiles everything for that processor, which takes a minute.
func TestListing(t *testing.T) {
	if !*listing {
		t.Skip("make no-fused runs it")
	}
	args := []string{"build", "-gcflags=-S"}
	for path := range numbers(t, "arm64").ours {
		if !isExempt(path + "/") {
			args = append(args, path)
		}
	}
	cmd := exec.Command("go", args...)
	cmd.Env = append(cmd.Environ(), "GOARCH=arm64", "GOOS=linux", "CGO_ENABLED=0", "GOFLAGS=-mod=readonly")
	output, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, output[max(0, len(output)-2000):])
	}
	// It can see: the listing holds sums, and the pattern knows its lines.
	if sums := strings.Count(string(output), "FADDD"); sums < 100 {
		t.Fatalf("%d sums in a listing of %d bytes", sums, len(output))
	}
	const line = "	0x0070 00112 (/a/b.go:71)	FMSUBD	F4, F3, F2, F5"
	if fusedStep.FindString(line) == "" {
		t.Fatal("the pattern misses a fused step")
	}
	var found []string
	for _, match := range fusedStep.FindAllStringSubmatch(string(output), -1) {
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

func (s *source) noPlatformFunctions(t *testing.T, file *ast.File) {
	for _, i := range file.Imports {
		if strings.Contains(i.Path.Value, "gonum.org") {
			t.Errorf("%s: %s", s.set.Position(i.Pos()), i.Path.Value)
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		call, ok := n.(*ast.SelectorExpr)
		if !ok || !slices.Contains(platform, call.Sel.Name) {
			return true
		}
		x, ok := call.X.(*ast.Ident)
		if method := strings.HasSuffix(call.Sel.Name, "Float64"); method || ok && x.Name == "math" {
			t.Errorf("%s: %s differs between processors; package portable has it", s.set.Position(n.Pos()), call.Sel.Name)
		}
		return true
	})
}
