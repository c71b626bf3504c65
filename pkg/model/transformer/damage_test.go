package transformer

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"os"
	"testing"
)

func mustRead(t *testing.T, path string) []byte {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// A weights file cut anywhere is refused: no length but the right one fits the header.
func TestEveryTruncation(t *testing.T) {
	raw := mustRead(t, "testdata/albert/model.safetensors")
	for n := range raw {
		if _, err := parseSafetensors("w", raw[:n]); err == nil {
			t.Fatalf("cut to %d of %d bytes, the file was accepted", n, len(raw))
		}
	}
}

// Damaged bytes lead to an error or to a file that reads, never to a panic; what reads has the sizes it says.
func TestDamagedHeaders(t *testing.T) {
	raw := mustRead(t, "testdata/albert/model.safetensors")
	header := 8 + int(binary.LittleEndian.Uint64(raw))
	rng := rand.New(rand.NewPCG(5, 6))
	for range 5000 {
		damaged := bytes.Clone(raw)
		for range 1 + rng.IntN(3) {
			damaged[rng.IntN(header)] = " 0123456789[]{}\",:-eF\xff"[rng.IntN(22)]
		}
		f, err := parseSafetensors("w", damaged)
		if err != nil {
			continue
		}
		for name, e := range f.entries {
			shape, elements := []int{}, 1
			for _, s := range e.Shape {
				shape = append(shape, int(s))
				elements *= int(s)
			}
			if x, err := f.floats(name, shape...); err == nil && len(x) != elements {
				t.Fatalf("%d numbers in %v", len(x), shape)
			}
		}
	}
}
