package rundir

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"path/filepath"
	"strings"
	"unicode"
)

// Identity is a run's name: the configuration's name, a hyphen, and 8 hexadecimal
// digits of the SHA-256 of all parts (the resolved configuration, the hashes of
// input and weights). Each part is preceded by its length, so that no two lists
// of parts run together to the same bytes.
func Identity(name string, parts ...[]byte) string {
	sum := sha256.New()
	for _, part := range parts {
		var length [8]byte
		binary.LittleEndian.PutUint64(length[:], uint64(len(part)))
		sum.Write(length[:])
		sum.Write(part)
	}
	return name + "-" + hex.EncodeToString(sum.Sum(nil)[:4])
}

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
		if unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("-_.+=", r) {
			return r
		}
		return '_'
	}, strings.ToValidUTF8(base, "_"))
	for len(name) > maxName {
		runes := []rune(name)
		name = string(runes[:len(runes)-1])
	}
	name = strings.TrimLeft(name, ".-")
	if name == "" {
		return "run"
	}
	return name
}
