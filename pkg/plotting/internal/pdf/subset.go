package pdf

import (
	"encoding/binary"
	"errors"
	"slices"

	"golang.org/x/image/font/sfnt"
)

var errFont = errors.New("pdf: the font is not a complete TrueType font")

// kept are the tables that a PDF reader needs of a font whose codes are glyph
// numbers, in the order of the directory.
var kept = []string{"cvt ", "fpgm", "glyf", "head", "hhea", "hmtx", "loca", "maxp", "prep"}

// tables reads the directory of a TrueType font.
func tables(ttf []byte) (map[string][]byte, error) {
	if len(ttf) < 12 {
		return nil, errFont
	}
	found := map[string][]byte{}
	for i := range int(binary.BigEndian.Uint16(ttf[4:])) {
		at := 12 + 16*i
		if at+16 > len(ttf) {
			return nil, errFont
		}
		from := int64(binary.BigEndian.Uint32(ttf[at+8:]))
		to := from + int64(binary.BigEndian.Uint32(ttf[at+12:]))
		if to > int64(len(ttf)) {
			return nil, errFont
		}
		found[string(ttf[at:at+4])] = ttf[from:to]
	}
	return found, nil
}

// subset returns the font with empty outlines for all glyphs but the given ones
// and those they are composed of. Glyph numbers stay.
func subset(ttf []byte, glyphs []sfnt.GlyphIndex) ([]byte, error) {
	t, err := tables(ttf)
	if err != nil {
		return nil, err
	}
	if len(t["head"]) < 54 || len(t["maxp"]) < 6 || t["glyf"] == nil {
		return nil, errFont
	}
	n := int(binary.BigEndian.Uint16(t["maxp"][4:]))
	at, err := offsets(t, n)
	if err != nil {
		return nil, err
	}
	keep := make([]bool, n)
	queue := slices.Clone(glyphs)
	for len(queue) > 0 {
		g := queue[0]
		queue = queue[1:]
		if int(g) >= n || keep[g] {
			continue
		}
		keep[g] = true
		queue = append(queue, components(t["glyf"][at[g]:at[g+1]])...)
	}
	var glyf, loca []byte
	for g := range n {
		loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf)))
		if keep[g] {
			glyf = append(glyf, t["glyf"][at[g]:at[g+1]]...)
			for len(glyf)%4 != 0 {
				glyf = append(glyf, 0)
			}
		}
	}
	loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf)))
	head := slices.Clone(t["head"])
	binary.BigEndian.PutUint16(head[50:], 1) // loca in 32 bits
	binary.BigEndian.PutUint32(head[8:], 0)  // the sums are taken without the font's own
	t["glyf"], t["loca"], t["head"] = glyf, loca, head
	return assemble(t), nil
}

// offsets reads where each glyph starts and the last one ends.
func offsets(t map[string][]byte, n int) ([]uint32, error) {
	long := binary.BigEndian.Uint16(t["head"][50:]) == 1
	size := 2
	if long {
		size = 4
	}
	if len(t["loca"]) < size*(n+1) {
		return nil, errFont
	}
	at := make([]uint32, n+1)
	for i := range at {
		if long {
			at[i] = binary.BigEndian.Uint32(t["loca"][4*i:])
		} else {
			at[i] = 2 * uint32(binary.BigEndian.Uint16(t["loca"][2*i:]))
		}
		if int(at[i]) > len(t["glyf"]) || i > 0 && at[i] < at[i-1] {
			return nil, errFont
		}
	}
	return at, nil
}

// components lists the glyphs that a composite glyph is made of (OpenType
// specification, table glyf).
func components(outline []byte) []sfnt.GlyphIndex {
	const wordArguments, scale, more, twoScales, matrix = 1, 8, 0x20, 0x40, 0x80
	if len(outline) < 10 || int16(binary.BigEndian.Uint16(outline)) >= 0 {
		return nil
	}
	var found []sfnt.GlyphIndex
	for rest := outline[10:]; len(rest) >= 4; {
		flags := binary.BigEndian.Uint16(rest)
		found = append(found, sfnt.GlyphIndex(binary.BigEndian.Uint16(rest[2:])))
		size := 6
		if flags&wordArguments != 0 {
			size = 8
		}
		switch {
		case flags&scale != 0:
			size += 2
		case flags&twoScales != 0:
			size += 4
		case flags&matrix != 0:
			size += 8
		}
		if flags&more == 0 || size > len(rest) {
			break
		}
		rest = rest[size:]
	}
	return found
}

// assemble writes the kept tables behind a new directory, and the sum of it all
// into the table head.
func assemble(t map[string][]byte) []byte {
	var names []string
	for _, name := range kept {
		if t[name] != nil {
			names = append(names, name)
		}
	}
	power := 0
	for 2<<power <= len(names) {
		power++
	}
	out := binary.BigEndian.AppendUint32(nil, 0x00010000)
	for _, v := range []int{len(names), 16 << power, power, 16*len(names) - 16<<power} {
		out = binary.BigEndian.AppendUint16(out, uint16(v))
	}
	at := 12 + 16*len(names)
	var body []byte
	adjustment := 0
	for _, name := range names {
		table := t[name]
		if name == "head" {
			adjustment = at + len(body) + 8
		}
		out = append(out, name...)
		out = binary.BigEndian.AppendUint32(out, checksum(table))
		out = binary.BigEndian.AppendUint32(out, uint32(at+len(body)))
		out = binary.BigEndian.AppendUint32(out, uint32(len(table)))
		body = append(body, table...)
		for len(body)%4 != 0 {
			body = append(body, 0)
		}
	}
	out = append(out, body...)
	const sum = 0xB1B0AFBA // of a whole font, by the OpenType specification
	binary.BigEndian.PutUint32(out[adjustment:], sum-checksum(out))
	return out
}

func checksum(table []byte) uint32 {
	var sum uint32
	for i := 0; i < len(table); i += 4 {
		var word [4]byte
		copy(word[:], table[i:])
		sum += binary.BigEndian.Uint32(word[:])
	}
	return sum
}
