package experiment

import (
	"io/fs"
	"path/filepath"
	"testing"
)

// TestEstimatedSet: the disk that is estimated of a set is what its run and its journal take, within a factor; it and the time grow
// with the inputs, and the memory hardly does.
func TestEstimatedSet(t *testing.T) {
	_, pictures := somePictures(t)
	texts := someTexts(t, "tiny-text", "A star of calcium.", "A cell of a star.", "The city is old.", "One or two or three.")
	for name, text := range map[string]string{"pictures": pictures, "texts": texts} {
		for _, sets := range [][]string{nil, {"record.arrays=summary"}, {"swap.mode=teacher-forced"}, {"swap.mode=none"}} {
			p := plan(t, text, sets...)
			p.Options.NoFigures = true
			want := p.answering()
			dir := filepath.Join(t.TempDir(), "j")
			if err := p.openReplies(dir); err != nil {
				t.Fatal(err)
			}
			journal := p.journal
			run := written(t, p)
			have := float64(journal.end)
			err := filepath.WalkDir(run, func(path string, entry fs.DirEntry, err error) error {
				if base := filepath.Base(path); err != nil || base != "responses.csv" {
					return err
				}
				info, err := entry.Info()
				have += float64(info.Size())
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			if p.Config.Record.Arrays == "all" {
				for i := range p.source.questions.Len() {
					kept, err := journal.get(i)
					if err != nil {
						t.Fatal(err)
					}
					have += float64(8 * len(kept.numbers))
				}
			}
			if ratio := float64(want.Disk) / have; !(ratio > 0.6 && ratio < 1.7) {
				t.Errorf("%s, %v: %d bytes estimated, %.0f taken", name, sets, want.Disk, have)
			}
			p.finish()
		}
	}
	few, all := plan(t, pictures, "images.limit=1").answering(), plan(t, pictures).answering()
	if all.Disk != 6*few.Disk || !(all.Seconds > few.Seconds) || all.Memory > 2*few.Memory+5*columnBytes {
		t.Errorf("one: %+v\nsix: %+v", few, all)
	}
	one := plan(t, "nasim: 1\ninput: {image: {file: ../../configs/inputs/fashion-bag.png}}\n"+ofSets)
	if none := one.answering(); none != (Estimate{}) {
		t.Errorf("no answers: %+v", none)
	}
	one.Config.Swap.Mode = freeRunning
	if some := one.answering(); !(some.Seconds > 0) || some.Disk <= 0 {
		t.Errorf("one's answers: %+v", some)
	}
}
