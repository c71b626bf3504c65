package experiment

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/nasim-sim/nasim/pkg/compare"
)

// someReplies are records of inputs 2, 0 and 1, as they may come.
func someReplies() []*record {
	var all []*record
	for _, i := range []int{2, 0, 1} {
		label := i
		all = append(all, &record{
			Reply: compare.Reply{
				Index: i, Input: fmt.Sprint("input ", i), Tokens: 5, Label: &label, Questions: 1, Correct: 1, Responses: []compare.Response{},
				Distances: map[string]compare.Distance{compare.Network: {Top1: 1, Top5: 0.8, KL: 0.1 * compare.Number(i+1), Cosine: 1, Correct: 0}},
				Layers:    []compare.Layer{}, Heads: []compare.ReplacedHead{},
			},
			Cut: i, Parts: []part{{compare.Transformer, 1, 2}}, numbers: []float64{float64(i) / 3, math.Inf(-1)},
		})
	}
	return all
}

// kept writes a journal of some replies, and returns where each ends.
func kept(t *testing.T, path, hash string) (all []*record, ends []int64) {
	t.Helper()
	j, err := openJournal(path, hash, 4)
	if err != nil {
		t.Fatal(err)
	}
	if j.path == "" || j.done != 0 {
		t.Fatalf("%+v", j)
	}
	all = someReplies()
	for _, r := range all {
		if err := j.put(r); err != nil {
			t.Fatal(err)
		}
		ends = append(ends, j.end)
	}
	if err := j.close(); err != nil {
		t.Fatal(err)
	}
	return all, ends
}

// holds checks that a journal has the first of the replies, exactly, and takes the others.
func holds(t *testing.T, what, path, hash string, all []*record, count int) {
	t.Helper()
	j, err := openJournal(path, hash, 4)
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	defer j.close()
	if j.done != count {
		t.Fatalf("%s: %d replies, not %d", what, j.done, count)
	}
	for i, want := range all {
		if j.has(want.Reply.Index) != (i < count) {
			t.Fatalf("%s: reply %d", what, i)
		}
		if i >= count {
			if err := j.put(want); err != nil {
				t.Fatalf("%s: %v", what, err)
			}
		}
	}
	for _, want := range all {
		have, err := j.get(want.Reply.Index)
		if err != nil || !reflect.DeepEqual(have, want) {
			t.Fatalf("%s: %+v, %v\nnot %+v", what, have, err, want)
		}
	}
}

// TestJournalCutOff: whatever byte a journal ends at, the replies that are whole are there.
func TestJournalCutOff(t *testing.T) {
	path := filepath.Join(t.TempDir(), "j")
	all, ends := kept(t, path, "hash")
	whole, err := os.ReadFile(path)
	if err != nil || int64(len(whole)) != ends[2] {
		t.Fatal(len(whole), ends, err)
	}
	for size := range whole {
		if err := os.WriteFile(path, whole[:size], 0o666); err != nil {
			t.Fatal(err)
		}
		count := 0
		for count < len(ends) && ends[count] <= int64(size) {
			count++
		}
		holds(t, fmt.Sprintf("cut off at %d", size), path, "hash", all, count)
	}
}

// TestJournalDamaged: whatever bit is flipped, the replies before it are there, and none is other than it was.
func TestJournalDamaged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "j")
	all, ends := kept(t, path, "hash")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	head := int64(len("nasim replies 1 hash\n"))
	for bit := range 8 * len(whole) {
		damaged := bytes.Clone(whole)
		damaged[bit/8] ^= 1 << (bit % 8)
		if err := os.WriteFile(path, damaged, 0o666); err != nil {
			t.Fatal(err)
		}
		count, at := 0, int64(bit/8)
		for at >= head && count < len(ends) && ends[count] <= at {
			count++
		}
		holds(t, fmt.Sprintf("bit %d", bit), path, "hash", all, count)
	}
	if err := os.WriteFile(path, append(bytes.Clone(whole), 0xff, 0xff, 0xff, 0x3f, 1, 2, 3, 4, 5), 0o666); err != nil { // says that 1 GiB follows
		t.Fatal(err)
	}
	holds(t, "a tail", path, "hash", all, 3)
}

// TestJournalOfAnother: a journal of another run, of a set of fewer inputs, or of something else is begun anew.
func TestJournalOfAnother(t *testing.T) {
	path := filepath.Join(t.TempDir(), "j")
	all, _ := kept(t, path, "hash")
	holds(t, "the same", path, "hash", all, 3)
	holds(t, "another run", path, "hush", all, 0)
	holds(t, "a longer name", path, "hush hush", all, 0)
	if err := os.WriteFile(path, bytes.Repeat([]byte("x"), 1<<20), 0o666); err != nil {
		t.Fatal(err)
	}
	holds(t, "something else", path, "hash", all, 0)
	j, err := openJournal(path, "hash", 2) // input 2 is beyond, and it comes first
	if err != nil || j.done != 0 {
		t.Errorf("%d replies, %v", j.done, err)
	}
	j.close()
}

// TestJournalHeld: a second process does without what the first keeps, and leaves it alone.
func TestJournalHeld(t *testing.T) {
	path := filepath.Join(t.TempDir(), "j")
	all, _ := kept(t, path, "hash")
	first, err := openJournal(path, "hash", 4)
	if err != nil {
		t.Fatal(err)
	}
	second, err := openJournal(path, "hash", 4)
	if err != nil || second.path != "" || second.done != 0 {
		t.Fatalf("%+v, %v", second, err)
	}
	if err := second.put(all[0]); err != nil {
		t.Error(err)
	}
	dropJournal(path) // which must not
	if err := second.remove(); err != nil {
		t.Error(err)
	}
	if err := first.close(); err != nil {
		t.Error(err)
	}
	holds(t, "after a second", path, "hash", all, 3)
	dropJournal(path)
	dropJournal(path) // which is not there
	if _, err := os.Stat(path); err == nil {
		t.Error("it is still there")
	}
}

// TestJournalPlace: it lies beside the run, whatever the run's path looks like.
func TestJournalPlace(t *testing.T) {
	for path, want := range map[string]string{"runs/a": "runs/.a.replies", "runs/a/": "runs/.a.replies", "a": ".a.replies", "/x/./a": "/x/.a.replies"} {
		if have := journalOf(path); have != want {
			t.Errorf("%s: %s, not %s", path, have, want)
		}
	}
	if name := filepath.Base(journalOf(string(bytes.Repeat([]byte("a"), 250)))); len(name) > 255 {
		t.Errorf("a name of %d bytes", len(name))
	}
}
