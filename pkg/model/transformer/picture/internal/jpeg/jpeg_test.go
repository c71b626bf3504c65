package jpeg

import (
	"bytes"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"strings"
	"testing"
)

func readPicture(t *testing.T, name string) []byte {
	t.Helper()
	raw, err := os.ReadFile("../../testdata/files/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// The integer transform is the inverse cosine transform, up to a level.
func TestTransform(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		var block [64]int
		for i := range block {
			if rng.IntN(4) == 0 {
				block[i] = rng.IntN(200) - 100
			}
		}
		coefficients := block
		var got [64]uint8
		transform(&block, got[:], 8)
		for y := range 8 {
			for x := range 8 {
				want := min(max(cosines(&coefficients, x, y)+128, 0), 255)
				if d := math.Abs(want - float64(got[8*y+x])); d > 0.6 {
					t.Fatalf("level %d, %d is %d; the cosines give %.2f", x, y, got[8*y+x], want)
				}
			}
		}
	}
}

// cosines is the transform by its definition (T.81, A.3.3).
func cosines(coefficients *[64]int, x, y int) float64 {
	sum := 0.0
	for v := range 8 {
		for u := range 8 {
			term := float64(coefficients[8*v+u]) / 4 * math.Cos(float64(2*x+1)*float64(u)*math.Pi/16) * math.Cos(float64(2*y+1)*float64(v)*math.Pi/16)
			if u == 0 {
				term /= math.Sqrt2
			}
			if v == 0 {
				term /= math.Sqrt2
			}
			sum += term
		}
	}
	return sum
}

// Kinds of JPEG that are not decoded are named; they are no damage.
func TestUnsupported(t *testing.T) {
	raw := readPicture(t, "jpeg_420.jpg")
	at := bytes.Index(raw, []byte{0xFF, markSOF0})
	change := func(offset int, value byte) []byte {
		changed := bytes.Clone(raw)
		changed[at+offset] = value
		return changed
	}
	cases := map[string][]byte{
		"lossless": change(1, 0xC3), "arithmetic-coded": change(1, 0xC9), "hierarchical": change(1, 0xC5), "JPEG-LS": change(1, 0xF7), "12 bits": change(4, 12),
		"sampled 3:2": change(14, 0x31), "37 × 0 pixels": change(6, 0),
	}
	for want, changed := range cases {
		var kind Unsupported
		if _, err := Decode(changed); !errors.As(err, &kind) || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v; wanted %q", err, want)
		}
	}
}

// Wherever a file is cut, and whatever byte of its headers is changed, it is refused or decoded; a cut is never taken for a
// picture.
func TestDamage(t *testing.T) {
	for _, name := range []string{"jpeg_420.jpg", "jpeg_420_progressive.jpg", "jpeg_restart.jpg", "jpeg_cmyk.jpg"} {
		raw := readPicture(t, name)
		for n := range raw {
			if _, err := Decode(raw[:n]); err == nil {
				t.Errorf("%s: cut at %d of %d it was decoded", name, n, len(raw))
			}
			changed := bytes.Clone(raw)
			changed[n] ^= 0x55
			if w, h, err := Size(changed); err == nil && w*h < 1<<14 {
				Decode(changed)
			}
		}
	}
}

// A progressive picture that says it ends, but lacks scans, would be smoothed by libjpeg.
func TestMissingScans(t *testing.T) {
	raw := readPicture(t, "jpeg_420_progressive.jpg")
	scans := bytes.Split(raw, []byte{0xFF, markSOS})
	for n := 2; n < len(scans); n++ {
		part := append(bytes.Join(scans[:n], []byte{0xFF, markSOS}), 0xFF, markEOI)
		if _, err := Decode(part); err == nil || !strings.Contains(err.Error(), "ends before") {
			t.Errorf("%d of %d scans: error %v", n-1, len(scans)-1, err)
		}
	}
}

// A small file that says it is large gets no memory, and one of many scans no time.
func TestBombs(t *testing.T) {
	raw := readPicture(t, "jpeg_grey.jpg")
	at := bytes.Index(raw, []byte{0xFF, markSOF0})
	large := bytes.Clone(raw)
	copy(large[at+5:], []byte{0xFF, 0xFF, 0xFF, 0xFF})
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := Decode(large); !errors.Is(err, errCut) {
		t.Error(err)
	}
	runtime.ReadMemStats(&after)
	if allocated := after.TotalAlloc - before.TotalAlloc; allocated > 1<<20 {
		t.Errorf("%d bytes for a file of %d", allocated, len(large))
	}
	progressive := readPicture(t, "jpeg_grey_progressive.jpg")
	scan := bytes.LastIndex(progressive, []byte{0xFF, markSOS})
	many := append(bytes.Clone(progressive[:scan]), bytes.Repeat(progressive[scan:len(progressive)-2], largestScans)...)
	var kind Unsupported
	if _, err := Decode(append(many, 0xFF, markEOI)); !errors.As(err, &kind) {
		t.Errorf("many scans: %v", err)
	}
}
