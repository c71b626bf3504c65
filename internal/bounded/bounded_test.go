package bounded

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestReadFile(t *testing.T) {
	dir := t.TempDir()
	file, pipe, sparse := filepath.Join(dir, "file"), filepath.Join(dir, "pipe"), filepath.Join(dir, "sparse")
	if err := errors.Join(os.WriteFile(file, []byte("12345"), 0o666), syscall.Mkfifo(pipe, 0o666), os.WriteFile(sparse, nil, 0o666), os.Truncate(sparse, 1<<40)); err != nil {
		t.Fatal(err)
	}
	var large *TooLarge
	if raw, err := ReadFile(file, 5); string(raw) != "12345" || err != nil {
		t.Errorf("%q, %v", raw, err)
	}
	for _, path := range []string{file, sparse, "/dev/zero"} {
		if _, err := ReadFile(path, 4); !errors.As(err, &large) || !strings.HasPrefix(err.Error(), path+" is larger than 4 bytes") {
			t.Errorf("%v", err)
		}
	}
	if _, err := ReadFile(filepath.Join(dir, "gone"), 4); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v", err)
	}
	if _, err := ReadFile(dir, 4); !errors.Is(err, syscall.EISDIR) {
		t.Errorf("%v", err)
	}
	if _, err := ReadFile(pipe, 4); err == nil || !strings.HasSuffix(err.Error(), "pipe is a pipe, and nothing is written to it") {
		t.Errorf("%v", err)
	}
}

// TestPipe: a pipe that somebody writes to is read to its end, however slowly, and
// one without an end no further than its bound.
func TestPipe(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o666); err != nil {
		t.Fatal(err)
	}
	for _, endless := range []bool{false, true} {
		w, err := os.OpenFile(pipe, os.O_RDWR, 0) // which does not wait for a reader
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			defer w.Close()
			time.Sleep(20 * time.Millisecond)
			for wrote := 0; wrote == 0 || endless && wrote < 1<<20; wrote += 3 {
				if _, err := w.WriteString("abc"); err != nil {
					return
				}
			}
		}()
		raw, err := ReadFile(pipe, 100)
		var large *TooLarge
		if !endless && (string(raw) != "abc" || err != nil) || endless && !errors.As(err, &large) {
			t.Errorf("endless %v: %q, %v", endless, raw, err)
		}
	}
}

// TestReadMakesRoomOnce: what is open and says how much it holds takes no more memory
// than that, whichever way it is read; growing takes twice as much.
func TestReadMakesRoomOnce(t *testing.T) {
	const size = 3 << 20
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, make([]byte, size), 0o666); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	raw, err := Read(f, path, 1<<30)
	if err != nil || len(raw) != size || cap(raw) > size+size/8 {
		t.Errorf("%d bytes in %d, %v", len(raw), cap(raw), err)
	}
}
