package rundir

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Hash is the SHA-256, in 64 hexadecimal digits, of all that a run depends on (what
// its configuration says, what it reads, what computes it). Each part is preceded
// by its length, so that no two lists of parts run together to the same bytes.
func Hash(parts ...[]byte) string {
	sum := sha256.New()
	for _, part := range parts {
		var length [8]byte
		binary.LittleEndian.PutUint64(length[:], uint64(len(part)))
		sum.Write(length[:])
		sum.Write(part)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// Identity is a run's name: the configuration's name, a hyphen, and the first 8
// digits of the run's [Hash]. Two runs may share it, if rarely: what tells them
// apart is the whole hash, in the manifest.
func Identity(name, hash string) string { return name + "-" + hash[:8] }

// maxName is the most bytes of a configuration's name in a directory's name:
// file systems allow 255, and the hidden names beside it need some.
const maxName = 100

// ConfigName is the configuration's name from its file's: without directory and
// extension, and without what is awkward in a directory's name. Standard input
// ("-") is called stdin.
func ConfigName(file string) string {
	if file == "-" {
		return "stdin"
	}
	base := filepath.Base(file)
	if stem := strings.TrimSuffix(base, filepath.Ext(base)); stem != "" {
		base = stem
	}
	name := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r) || strings.ContainsRune("-_.+=", r) {
			return r
		}
		return '_'
	}, strings.ToValidUTF8(base, "_"))
	name = strings.TrimLeft(cut(name, maxName), ".-")
	if name == "" {
		return "run"
	}
	return name
}

// cut is the beginning of a text, of at most so many bytes, no character cut in
// two.
func cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	for most > 0 && !utf8.RuneStart(text[most]) {
		most--
	}
	return text[:most]
}
