package page

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const sample = `# Times

<!-- growth: written by make growth -->

| old |

<!-- end of growth -->

prose about growth

<!-- growth-causal: written by make growth -->
<!-- end of growth-causal -->
the end`

func write(t *testing.T, text string) (file string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "page.md")
	if err := os.WriteFile(file, []byte(text), 0o640); err != nil {
		t.Fatal(err)
	}
	return file
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestOneBlockIsReplacedAndNothingElse(t *testing.T) {
	file := write(t, sample)
	if err := Write(file, Block{"growth", "\n| new |\n| of two rows |\n"}); err != nil {
		t.Fatal(err)
	}
	want := strings.Replace(sample, "| old |", "| new |\n| of two rows |", 1)
	if got := read(t, file); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// A page that is written twice is what it is after once.
func TestWritingAgainChangesNothing(t *testing.T) {
	file := write(t, sample)
	blocks := []Block{{"growth-causal", "causal"}, {"growth", "all"}}
	if err := Write(file, blocks...); err != nil {
		t.Fatal(err)
	}
	once := read(t, file)
	for _, text := range []string{"-->\n\nall\n\n<!--", "-->\n\ncausal\n\n<!--", "prose about growth", "\nthe end"} {
		if !strings.Contains(once, text) {
			t.Errorf("%q is not in\n%s", text, once)
		}
	}
	if err := Write(file, blocks...); err != nil {
		t.Fatal(err)
	}
	if twice := read(t, file); twice != once {
		t.Errorf("once\n%s\ntwice\n%s", once, twice)
	}
}

func TestNothingIsWrittenWhereAMarkerIsWrong(t *testing.T) {
	opens, closes := "<!-- growth: written by make growth -->", "<!-- end of growth -->"
	const other = "<!-- growth-causal: written by make growth -->\n<!-- end of growth-causal -->\n"
	for name, c := range map[string]struct{ text, say string }{
		"no opening": {strings.Replace(sample, opens, "", 1), "<!-- growth: written by "},
		"no closing": {strings.Replace(sample, closes, "", 1), closes},
		"no closing at the page's end": {
			strings.Replace(sample, "<!-- end of growth-causal -->", "", 1), "<!-- end of growth-causal -->"},
		"neither":            {"# Times\n" + other, "<!-- growth: written by "},
		"two openings":       {strings.Replace(sample, opens, opens+"\n"+opens, 1), "two lines"},
		"two closings":       {strings.Replace(sample, closes, closes+"\n"+closes, 1), "two lines"},
		"other way round":    {other + closes + "\n" + opens, "none before it"},
		"another's in it":    {other + opens + "\n<!-- end of attention -->\n" + closes, "<!-- end of attention -->"},
		"comment not closed": {other + "<!-- growth: written by make growth\n" + closes, "none before it"},
	} {
		file := write(t, c.text)
		for what, err := range map[string]error{
			"Check": Check(file, "growth-causal", "growth"),
			"Write": Write(file, Block{"growth-causal", "lost"}, Block{"growth", "lost"}),
		} {
			if err == nil || !strings.Contains(err.Error(), file) || !strings.Contains(err.Error(), c.say) {
				t.Errorf("%s: %s: %v, which does not tell %q", name, what, err, c.say)
			}
		}
		if got := read(t, file); got != c.text {
			t.Errorf("%s: the page became\n%s", name, got)
		}
	}
}

func TestThePageKeepsItsModeAndLeavesNoDraft(t *testing.T) {
	file := write(t, sample)
	if err := Write(file, Block{"growth", "new"}); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o640 {
		t.Errorf("mode %v", info.Mode())
	}
	files, err := os.ReadDir(filepath.Dir(file))
	if err != nil || len(files) != 1 {
		t.Errorf("files %v, %v", files, err)
	}
}

func TestNoPageIsNoError(t *testing.T) {
	if err := Check("", "growth"); err != nil {
		t.Error(err)
	}
	if err := Write("", Block{"growth", "new"}); err != nil {
		t.Error(err)
	}
	if err := Write(filepath.Join(t.TempDir(), "none.md"), Block{"growth", "new"}); err == nil {
		t.Error("a page that is not there: no error")
	}
}
