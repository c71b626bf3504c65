package dataset

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// put writes a file, and the folders that it is in.
func put(t *testing.T, path, text string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

// all reads every text of a set.
func all(t *testing.T, s *Set) (texts []string) {
	t.Helper()
	for i := range s.Len() {
		text, err := s.Text(i)
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, text)
	}
	return texts
}

func TestTexts(t *testing.T) {
	const bom = "\ufeff"
	for name, c := range map[string]struct {
		file, split string
		limit       int
		want        []string
	}{
		"lines":                     {"a b\nc\n", ByLine, 0, []string{"a b", "c"}},
		"no end":                    {"a b\nc", ByLine, 0, []string{"a b", "c"}},
		"CR LF":                     {"a b\r\n\r\nc\r\n", ByLine, 0, []string{"a b", "c"}},
		"blank lines":               {"\n \t\na\n\u00a0\n\n", ByLine, 0, []string{"a"}},
		"spaces stay":               {"  a \n", ByLine, 0, []string{"  a "}},
		"byte order mark":           {bom + "a\nb\n", ByLine, 0, []string{"a", "b"}},
		"byte order mark alone":     {bom + "\nb\n", ByLine, 0, []string{"b"}},
		"two byte order marks":      {bom + bom + "a\nb", ByLine, 0, []string{bom + "a", "b"}},
		"byte order mark later":     {"a\n" + bom + "b\nc\n", ByLine, 0, []string{"a", bom + "b", "c"}},
		"byte order mark, CR LF":    {bom + "a\r\n", ByLine, 0, []string{"a"}},
		"beyond ASCII":              {"Ärger\n日本\n", ByLine, 0, []string{"Ärger", "日本"}},
		"limit":                     {"a\nb\nc\n", ByLine, 2, []string{"a", "b"}},
		"limit beyond":              {"a\nb\nc\n", ByLine, 9, []string{"a", "b", "c"}},
		"limit before what is bad":  {"a\nb\n\xff\n", ByLine, 2, []string{"a", "b"}},
		"paragraphs":                {"a\nb\n\nc\n", ByParagraph, 0, []string{"a\nb", "c"}},
		"paragraphs, no end":        {"a\n\n\n \nb\nc", ByParagraph, 0, []string{"a", "b\nc"}},
		"paragraphs, CR LF":         {"a\r\nb\r\n\r\nc\r\n", ByParagraph, 0, []string{"a\r\nb", "c"}},
		"paragraphs, limit":         {"a\nb\n\nc\n\nd", ByParagraph, 2, []string{"a\nb", "c"}},
		"paragraph with its mark":   {bom + "a\nb\n", ByParagraph, 0, []string{"a\nb"}},
		"paragraph after its mark":  {bom + "\na\n" + bom + "b", ByParagraph, 0, []string{"a\n" + bom + "b"}},
		"line longer than a buffer": {strings.Repeat("x", 200_000) + "\nb\n", ByLine, 0, []string{strings.Repeat("x", 200_000), "b"}},
		"as long as is read":        {strings.Repeat("x", mostText-1) + "\nb\n", ByLine, 0, []string{strings.Repeat("x", mostText-1), "b"}},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := Texts(put(t, filepath.Join(t.TempDir(), "t.txt"), c.file), c.split, c.limit)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			if have := all(t, s); !slices.Equal(have, c.want) {
				t.Errorf("%.80q, not %.80q", have, c.want)
			}
		})
	}
}

func TestTextsRefused(t *testing.T) {
	for name, c := range map[string]struct{ file, split, want string }{
		"not UTF-8":            {"a\nb\nca\xe9\n", ByLine, "t.txt: line 3 is not UTF-8 text; convert the file"},
		"UTF-16":               {"\xff\xfea\x00", ByLine, "t.txt: line 1 is not UTF-8 text"},
		"paragraph, not UTF-8": {"a\n\n\n\xe9", ByParagraph, "t.txt: line 4 is not UTF-8"},
		"endless line":         {"a\n" + strings.Repeat("x", mostText+1), ByLine, "t.txt: line 2 is longer than 16 MiB"},
		"endless paragraph":    {strings.Repeat(strings.Repeat("x", 1<<20)+"\n", 17), ByParagraph, "t.txt: line 16 is in a paragraph that is longer than 16 MiB"},
		"empty":                {"", ByLine, "t.txt holds no text"},
		"blank":                {"\n \n\r\n", ByParagraph, "t.txt holds no text"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Texts(put(t, filepath.Join(t.TempDir(), "t.txt"), c.file), c.split, 0)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v; want %q", err, c.want)
			}
		})
	}
	if _, err := Texts(filepath.Join(t.TempDir(), "gone"), ByLine, 0); !os.IsNotExist(err) {
		t.Error(err)
	}
}

// A folder's texts come by the names of its files, hidden ones left out; a file without a text is none.
func TestFolderOfTexts(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"b.txt": "third\nfourth\n", "a.txt": "first\n", "B/c.TXT": "zeroth", "blank.txt": "\n\n", "notes.md": "no",
		".hidden.txt": "no", ".git/x.txt": "no", "c.txt/d.txt": "fifth",
	} {
		put(t, filepath.Join(dir, name), text)
	}
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(dir, link); err != nil {
		t.Fatal(err)
	}
	for _, at := range []string{dir, dir + "/", link} {
		s, err := Texts(at, ByLine, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if have, want := all(t, s), []string{"zeroth", "first", "third", "fourth", "fifth"}; !slices.Equal(have, want) {
			t.Errorf("%v, not %v", have, want)
		}
		if s.Name(2) != "third" || len(s.Files) != 5 || s.Files[0].Name != "B/c.TXT" {
			t.Errorf("%q, %v", s.Name(2), s.Files)
		}
	}
	if _, err := Texts(t.TempDir(), ByLine, 0); err == nil || !strings.Contains(err.Error(), "holds no file that ends in .txt") {
		t.Error(err)
	}
	put(t, filepath.Join(dir, "b.txt"), "x\n\xff\n")
	if _, err := Texts(dir, ByLine, 0); err == nil || !strings.Contains(err.Error(), filepath.Join(dir, "b.txt")+": line 2 is not UTF-8") {
		t.Error(err)
	}
}

// What is no regular file is refused, and not waited for.
func TestPipes(t *testing.T) {
	dir := t.TempDir()
	pipe := filepath.Join(dir, "p.txt")
	if err := syscall.Mkfifo(pipe, 0o666); err != nil {
		t.Fatal(err)
	}
	for name, open := range map[string]func() (*Set, error){
		"text": func() (*Set, error) { return Texts(pipe, ByLine, 0) },
		"dir":  func() (*Set, error) { return Texts(dir, ByLine, 0) },
		"idx":  func() (*Set, error) { return IDX(pipe, "", 0) },
		"npz":  func() (*Set, error) { return NPZ(pipe, 0) },
	} {
		if _, err := open(); err == nil || !strings.Contains(err.Error(), pipe+" is not a regular file") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A file that is cut off after it was looked through is said to be so.
func TestChangedText(t *testing.T) {
	path := put(t, filepath.Join(t.TempDir(), "t.txt"), "a\nbcd\n")
	s, err := Texts(path, ByLine, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	put(t, path, "a\nb")
	if _, err := s.Text(1); !isLost(err) || !strings.Contains(fmt.Sprint(err), "was it changed") {
		t.Error(err)
	}
}

func TestBeginning(t *testing.T) {
	long := strings.Repeat("ä ", 300)
	for text, want := range map[string]string{
		" a\n b\t": "a b", strings.Repeat("x", mostName): strings.Repeat("x", mostName),
		strings.Repeat("x", mostName+1): strings.Repeat("x", mostName) + "…", long: strings.TrimSpace(long[:3*mostName/2]) + "…",
	} {
		if have := beginning(text); have != want {
			t.Errorf("%q: %q, not %q", text, have, want)
		}
	}
}
