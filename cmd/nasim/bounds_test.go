package main

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"compress/zlib"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// hostile runs nasim where it may have 4 GB of addresses. It must refuse the
// configuration in a line, with status 2, and write nothing.
func hostile(t *testing.T, dir string, args ...string) (said string) {
	t.Helper()
	before, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("sh", append([]string{"-c", `ulimit -v 4000000; exec nasim "$@"`, "sh"}, args...)...)
	var out, log bytes.Buffer
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &out, &log
	err = cmd.Run()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != statusRefused {
		t.Errorf("%.80q: %v: %.2000s", args, err, log.String())
	}
	said = log.String()
	if out.Len() > 0 || strings.Count(said, "\n") != 1 || !strings.HasPrefix(said, "nasim: ") || len(said) > 2200 || strings.Contains(said, "goroutine") {
		t.Errorf("%.80q prints %.80q and says %.2000q", args, out.String(), said)
	}
	after, err := os.ReadDir(dir)
	if err != nil || len(after) != len(before) {
		t.Errorf("%.80q: there are %d entries where there were %d; %v", args, len(after), len(before), err)
	}
	return said
}

// TestBounds: files without an end, files that inflate and sizes that no machine has
// memory for are refused in a sentence, before anything large is made of them.
func TestBounds(t *testing.T) {
	if err := exec.Command("sh", "-c", "ulimit -v 4000000").Run(); err != nil {
		t.Skip("there is no ulimit -v")
	}
	dir := t.TempDir()
	file := func(name string, content []byte) {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o777), os.WriteFile(path, content, 0o666)); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o666); err != nil {
		t.Fatal(err)
	}
	file("long.png", png(t, 1<<27, 1))
	file("large.png", png(t, 16000, 8000))
	file("inflates.npz", inflating(t, 1, 1<<22, 32))
	file("many.npz", inflating(t, 1<<20, 1, 1))
	for name, text := range map[string]string{
		"text": "{text: {file: %s}}", "image": "{image: {file: %s}}", "tensors": "{tensors: {file: %s}}",
	} {
		for what, source := range map[string]string{"zero": "/dev/zero", "pipe": "pipe", "long": "long.png", "large": "large.png", "inflates": "inflates.npz", "many": "many.npz"} {
			file(name+"-"+what+".yaml", fmt.Appendf(nil, "nasim: 1\ninput: "+text+"\nrecord: {attention: false}\n", source))
		}
	}
	file("drawn.yaml", []byte("nasim: 1\ninput: {synthetic: {}}\n"))
	for _, c := range []struct {
		want string
		args []string
	}{
		{"is larger than 16 MiB", []string{"/dev/zero"}},
		{"is a pipe, and nothing is written to it", []string{"pipe"}},
		{"is larger than 16 MiB", []string{"text-zero.yaml"}},
		{"is a pipe, and nothing is written to it", []string{"text-pipe.yaml"}},
		{"is larger than 256 MiB", []string{"image-zero.yaml"}},
		{"is a pipe, and nothing is written to it", []string{"image-pipe.yaml"}},
		{"134217728 × 1 pixels; wanted are 1 to 65535 on a side", []string{"image-long.yaml"}},
		{"16000 × 8000 pixels; decoding it needs about 1.9 GB of memory", []string{"image-large.yaml"}},
		{"not a regular file", []string{"tensors-zero.yaml"}},
		{"not a regular file", []string{"tensors-pipe.yaml"}},
		{"needs about 6.4 GB of memory", []string{"tensors-inflates.yaml"}},
		{"at most 131072 heads", []string{"tensors-many.yaml"}},
		{"of memory, and there are", []string{"drawn.yaml", "--set", "input.synthetic.tokens=1000000000"}},
		{"of memory, and there are", []string{"drawn.yaml", "--set", "input.synthetic.dim=1000000000"}},
		{"of memory, and there are", []string{"drawn.yaml", "--set", "input.synthetic.values=1000000000"}},
		{"of memory, and there are", []string{"drawn.yaml", "--set", "features.neurons=1000000000", "--set", "solver.state=full"}},
		{"of memory, and there are", []string{"drawn.yaml", "--set", "tokens=2e9", "--set", "dim=2e9", "--set", "values=2e9", "--set", "features.neurons=2e9"}},
		{"of memory, and there are", []string{"drawn.yaml", "--set", "record.every=1e-300s"}},
		{"bytes left out", []string{"drawn.yaml", "--set", strings.Repeat("a", 43000) + "=1"}},
		{"is too large", []string{"drawn.yaml", "--set", "seed=" + strings.Repeat("9", 43000)}},
		{"bytes left out", []string{strings.Repeat("x", 43000)}},
	} {
		if said := hostile(t, dir, append([]string{"run"}, c.args...)...); !strings.Contains(said, c.want) {
			t.Errorf("%.80q: %s, want %s", c.args, said, c.want)
		}
	}
	modelBounds(t, dir)
}

// modelBounds is TestBounds for the files of a model.
func modelBounds(t *testing.T, dir string) {
	model := filepath.Join(dir, "model")
	whole := "../../models/tiny-text"
	for _, name := range []string{"config.json", "tokenizer.json", "model.safetensors"} {
		for what, want := range map[string]string{
			"/dev/zero": name + " is not a regular file", "../pipe": name + " is not a regular file", "sparse": name, "..": "is a directory",
		} {
			if err := errors.Join(os.RemoveAll(model), os.CopyFS(model, os.DirFS(whole)), os.Remove(filepath.Join(model, name))); err != nil {
				t.Fatal(err)
			}
			err := os.Symlink(what, filepath.Join(model, name))
			if what == "sparse" {
				err = errors.Join(os.Remove(filepath.Join(model, name)), os.WriteFile(filepath.Join(model, name), nil, 0o666), os.Truncate(filepath.Join(model, name), 1<<36))
			}
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, "model.yaml"), []byte("nasim: 1\ninput: {text: {string: star}}\ntransformer: {model: ./model}\n"), 0o666); err != nil {
				t.Fatal(err)
			}
			if said := hostile(t, dir, "run", "model.yaml"); !strings.Contains(said, want) {
				t.Errorf("%s → %s: %s, want %s", name, what, said, want)
			}
		}
	}
	// A picture of the model's size may be the large thing.
	if err := errors.Join(os.RemoveAll(model), os.CopyFS(model, os.DirFS("../../models/tiny-vision"))); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]map[string]any{
		"config.json": {"image_size": 1 << 15, "patch_size": 1 << 15}, "preprocessor_config.json": {"size": map[string]int{"height": 1 << 15, "width": 1 << 15}},
	} {
		raw, err := os.ReadFile(filepath.Join(model, name))
		var held map[string]any
		if err = errors.Join(err, json.Unmarshal(raw, &held)); err != nil {
			t.Fatal(err)
		}
		for key, value := range change {
			held[key] = value
		}
		if raw, err = json.Marshal(held); err == nil {
			err = os.WriteFile(filepath.Join(model, name), raw, 0o666)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(os.WriteFile(filepath.Join(dir, "dot.png"), png(t, 1, 1), 0o666),
		os.WriteFile(filepath.Join(dir, "vision.yaml"), []byte("nasim: 1\ninput: {image: {file: dot.png}}\ntransformer: {model: ./model}\n"), 0o666)); err != nil {
		t.Fatal(err)
	}
	hostile(t, dir, "run", "vision.yaml")
}

// png is a grey picture of zeros.
func png(t *testing.T, width, height int) []byte {
	t.Helper()
	var out, pixels bytes.Buffer
	z, err := zlib.NewWriterLevel(&pixels, zlib.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	row := make([]byte, 1+width)
	for range height {
		if _, err := z.Write(row); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	size := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, uint32(width)), uint32(height))
	out.WriteString("\x89PNG\r\n\x1a\n")
	for _, chunk := range [][2]string{{"IHDR", string(size) + "\x08\x00\x00\x00\x00"}, {"IDAT", pixels.String()}, {"IEND", ""}} {
		text := chunk[0] + chunk[1]
		out.Write(binary.BigEndian.AppendUint32(nil, uint32(len(chunk[1]))))
		out.WriteString(text)
		out.Write(binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE([]byte(text))))
	}
	return out.Bytes()
}

// inflating is an archive of three arrays of half-precision zeros, of that shape.
func inflating(t *testing.T, heads, tokens, size int) []byte {
	t.Helper()
	var out, packed bytes.Buffer
	z, err := flate.NewWriter(&packed, flate.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	header := fmt.Sprintf("{'descr': '<f2', 'fortran_order': False, 'shape': (%d, %d, %d), }", heads, tokens, size)
	header += strings.Repeat(" ", (64-(len(header)+11)%64)%64) + "\n"
	sum, length := crc32.NewIEEE(), 0
	write := func(part []byte) {
		sum.Write(part)
		length += len(part)
		if _, err := z.Write(part); err != nil {
			t.Fatal(err)
		}
	}
	write(append(binary.LittleEndian.AppendUint16([]byte("\x93NUMPY\x01\x00"), uint16(len(header))), header...))
	zeros := make([]byte, 1<<20)
	for left := 2 * heads * tokens * size; left > 0; left -= len(zeros) {
		write(zeros[:min(left, len(zeros))])
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	w := zip.NewWriter(&out)
	for _, name := range []string{"q", "k", "v"} {
		f, err := w.CreateRaw(&zip.FileHeader{Name: name + ".npy", Method: zip.Deflate, CRC32: sum.Sum32(),
			CompressedSize64: uint64(packed.Len()), UncompressedSize64: uint64(length)})
		if err == nil {
			_, err = f.Write(packed.Bytes())
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
