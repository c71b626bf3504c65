package models_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/nasim-sim/nasim/internal/npz"
	"github.com/nasim-sim/nasim/models"
	"github.com/nasim-sim/nasim/pkg/fit"
)

// The embedded hidden layers are of the embedded weights, one for each head, and their errors are those that docs/learned.md tells.
func TestMaps(t *testing.T) {
	page, err := os.ReadFile("../docs/learned.md")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ heads, synapses, perNeuron int }{
		"tiny-text":   {24, 20000, 32},
		"tiny-vision": {16, 10000, 16},
	} {
		t.Run(name, func(t *testing.T) {
			read := func(file string) []byte {
				raw, err := models.FS.ReadFile(name + "/" + file)
				if err != nil {
					t.Fatal(err)
				}
				return raw
			}
			file, err := npz.Read("maps.npz", read("maps.npz"))
			if err != nil {
				t.Fatal(err)
			}
			maps, err := fit.ReadMaps(file)
			if err != nil {
				t.Fatal(err)
			}
			weights := sha256.Sum256(read("model.safetensors"))
			if got := maps.Provenance.Model; got != hex.EncodeToString(weights[:]) {
				t.Errorf("the maps are of weights with the SHA-256 %s", got)
			}
			if len(maps.Heads) != c.heads {
				t.Fatalf("%d heads", len(maps.Heads))
			}
			for _, h := range maps.Heads {
				if got := len(h.Query.B) * c.perNeuron; got != c.synapses {
					t.Errorf("head %d:%d has %d synapses", h.Layer, h.Head, got)
				}
				row := fmt.Sprintf("\n| %d:%d | %d | %.3f | %.3f | ", h.Layer, h.Head, c.synapses, h.HeldOutError, h.TrainError)
				if !strings.Contains(string(page), row) {
					t.Errorf("docs/learned.md has no row %s (make -C models learned)", strings.TrimSpace(row))
				}
			}
		})
	}
}
