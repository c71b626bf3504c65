package npz_test

import (
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/nasim-sim/nasim/internal/npz"
)

func Example() {
	folder, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "heads.npz")

	out, err := os.Create(path)
	if err != nil {
		log.Fatal(err)
	}
	w := npz.NewWriter(out)
	w.Float64("q", []int{2, 3}, []float64{1, 2, 3, 4, 5, 6})
	w.Strings("token", []int{2}, []string{"glia", "##l"})
	if err := w.Close(); err != nil { // the first error of all calls
		log.Fatal(err)
	}
	if err := out.Close(); err != nil {
		log.Fatal(err)
	}

	f, err := npz.Open(path)
	if err != nil {
		log.Fatal(err)
	}
	defer f.Close()
	q, shape, err := f.Float64("q")
	fmt.Println(f.Names(), q, shape, err)
	// Output: [q token] [1 2 3 4 5 6] [2 3] <nil>
}
