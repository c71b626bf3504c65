#!/usr/bin/env python3
"""Write ../unicode_tables.go, ../classes.txt and unicode_reference.json: how the `tokenizers` library treats every code point.

The library's parts belong to different Unicode versions (its normalisation to 9, its regular expressions to 16), and Go's tables to
another, so they are measured here. classes.txt holds one set a line: a name, then, in base 36, how many code points are outside,
how many inside, and so on in turn. Usage:
    python3 unicode_tables.py            (needs the PyPI package tokenizers; made with 0.23.3)
"""
import hashlib
import json
import struct
from pathlib import Path

import tokenizers
from tokenizers import Regex, normalizers, pre_tokenizers

HERE = Path(__file__).resolve().parent
CODE_POINTS = [c for c in range(0x110000) if not 0xD800 <= c <= 0xDFFF]
CHUNK = 4096
CATEGORIES = "Lu Ll Lt Lm Lo Mn Mc Me Nd Nl No Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So Zs Zl Zp Cc Cf Co".split()
SCRIPTS = "Arabic Armenian Bengali Cyrillic Devanagari Georgian Greek Han Hangul Hebrew Hiragana Katakana Latin Tamil Thai".split()


def normalizer(**on):
    rules = dict(clean_text=False, handle_chinese_chars=False, strip_accents=False, lowercase=False)
    rules.update(on)
    return normalizers.BertNormalizer(**rules)


RULES = {"clean_text": normalizer(clean_text=True), "handle_chinese_chars": normalizer(handle_chinese_chars=True),
         "strip_accents": normalizer(strip_accents=True), "lowercase": normalizer(lowercase=True),
         "Lowercase": normalizers.Lowercase(), "StripAccents": normalizers.StripAccents(), "Nmt": normalizers.Nmt()}
FORMS = {"NFC": normalizers.NFC(), "NFD": normalizers.NFD(), "NFKC": normalizers.NFKC(), "NFKD": normalizers.NFKD()}
SPLITS = {"pre_tokenizer": pre_tokenizers.BertPreTokenizer(), "Whitespace": pre_tokenizers.Whitespace(),
          "WhitespaceSplit": pre_tokenizers.WhitespaceSplit(), "Digits": pre_tokenizers.Digits(),
          "Punctuation": pre_tokenizers.Punctuation()}


def charsmap():
    """A charsmap as sentencepiece's with one entry: a becomes x."""
    units = [0] * 256
    units[0] = 1 << 10  # root: children at 1
    units[1 ^ 0x61] = 0x80 << 10 | 1 << 8 | 0x61  # a: a leaf, its value at 0x60 ^ 0x80
    units[1 ^ 0x61 ^ 0x80] = 1 << 31
    return struct.pack("<I", 4 * len(units)) + struct.pack("<256I", *units) + b"x\0"


def results():
    """rule -> list of what each code point becomes between an a and a b."""
    found = {name: [rule.normalize_str("a" + chr(c) + "b") for c in CODE_POINTS] for name, rule in RULES.items()}
    for name, rule in FORMS.items():  # twice, before marks of classes 1 and 230, to show its own class
        found[name] = [rule.normalize_str("a" + chr(c) + "\u0334" + chr(c) + "\u0301") for c in CODE_POINTS]
    for name, split in SPLITS.items():
        found[name] = ["|".join(w for w, _ in split.pre_tokenize_str("a" + chr(c) + "b")) for c in CODE_POINTS]
    # a grapheme of less than six bytes that begins with an a becomes x as a whole
    found["graphemes"] = [normalizers.Precompiled(charsmap()).normalize_str("a" + chr(c)) for c in CODE_POINTS]
    return found


def matched(pattern):
    """The code points that a class of the library's regular expressions has."""
    split = pre_tokenizers.Split(Regex(f"(?:{pattern})+"), "removed")
    inside = set(range(len(CODE_POINTS)))
    for _, (start, stop) in split.pre_tokenize_str("".join(map(chr, CODE_POINTS))):
        inside.difference_update(range(start, stop))
    return [CODE_POINTS[i] for i in sorted(inside)]


def moves(c):
    """Whether c has a canonical combining class other than 0: it changes places with a mark of class 1, or with one of 230."""
    after = normalizers.NFD().normalize_str("a" + c + "\u0334") == "a\u0334" + c and c != "\u0334"
    return after or normalizers.NFD().normalize_str("a\u0300" + c) == "a" + c + "\u0300" and c != "\u0300"


def classes(found):
    sets = {name: matched(rf"\p{{{name}}}") for name in CATEGORIES + SCRIPTS}
    sets["regex_word"] = matched(r"\w")
    sets["regex_space"] = matched(r"\s")
    pairs = {name: list(zip(CODE_POINTS, found[name])) for name in found}
    sets["word"] = [c for c, s in pairs["Whitespace"] if s == f"a{chr(c)}b"]
    sets["numeric"] = [c for c, s in pairs["Digits"] if s == f"a|{chr(c)}|b" or c == 0x7C]
    sets["numeric"].remove(0x7C)
    sets["mark"] = [c for c, s in pairs["StripAccents"] if s == "ab"]
    sets["combining"] = [c for c in CODE_POINTS if moves(chr(c))] + [0x0300, 0x0334]
    sets["canonical"] = [c for c in CODE_POINTS if normalizers.NFD().normalize_str(chr(c)) != chr(c)]
    sets["compatible"] = [c for c in CODE_POINTS if normalizers.NFKD().normalize_str(chr(c)) != chr(c)]
    sets["grapheme_extend"] = [c for c, s in pairs["graphemes"] if s == "x"]
    return sets


def base36(n):
    digits = ""
    while n or not digits:
        n, d = divmod(n, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[d] + digits
    return digits


def run_lengths(members):
    lengths, at = [], 0
    for first, last in ranges_of(members):
        lengths += [first - at, last + 1 - first]
        at = last + 1
    return " ".join(map(base36, lengths))


def ranges_of(members):
    ranges = []
    for c in sorted(set(members)):
        if ranges and ranges[-1][1] == c - 1:
            ranges[-1][1] = c
        else:
            ranges.append([c, c])
    return ranges


def go_ranges(name, comment, members):
    lines, line = [], "\t"
    for a, b in ranges_of(members):
        item = f"{{0x{a:X}, 0x{b:X}}}, "
        if len(line) + len(item) > 120:
            lines.append(line.rstrip())
            line = "\t"
        line += item
    lines.append(line.rstrip())
    return f"// {comment}\nvar {name} = runeSet{{\n" + "\n".join(lines) + "\n}\n"


def hashes(strings):
    """One hash for each run of CHUNK code points."""
    by_chunk = {}
    for c, s in zip(CODE_POINTS, strings):
        by_chunk.setdefault(c // CHUNK, hashlib.sha256()).update((s + "\0").encode())
    return [by_chunk[i].hexdigest()[:12] if i in by_chunk else "" for i in range(0x110000 // CHUNK)]


def main():
    found = results()
    tables = [
        go_ranges("controlRunes", "controlRunes are removed by clean_text.",
                  [c for c, s in zip(CODE_POINTS, found["clean_text"]) if s == "ab"]),
        go_ranges("ideographs", "ideographs get a space on both sides by handle_chinese_chars.",
                  [c for c, s in zip(CODE_POINTS, found["handle_chinese_chars"]) if s == f"a {chr(c)} b"]),
        go_ranges("nonspacingMarks", "nonspacingMarks are removed, after decomposition, by strip_accents.",
                  [c for c, s in zip(CODE_POINTS, found["strip_accents"]) if s == "ab"]),
        go_ranges("punctuation", "punctuation stands alone after the pre-tokenizer.",
                  [c for c, s in zip(CODE_POINTS, found["pre_tokenizer"]) if s == f"a|{chr(c)}|b" and c != 0x7C] + [0x7C]),
    ]
    made_with = f"tokenizers {tokenizers.__version__}"
    (HERE.parent / "unicode_tables.go").write_text(
        f"// Code generated by testdata/unicode_tables.py from {made_with}; DO NOT EDIT.\n\n"
        "package tokenizer\n\n" + "\n".join(tables))
    sets = classes(found)
    (HERE.parent / "classes.txt").write_text(
        f"# Made by testdata/unicode_tables.py from {made_with}.\n" +
        "".join(f"{name} {run_lengths(members)}\n" for name, members in sets.items()))
    reference = {"made_with": made_with, "chunk": CHUNK}
    reference.update({name: hashes(strings) for name, strings in found.items()})
    for name in CATEGORIES + SCRIPTS + ["regex_word", "regex_space"]:
        members = set(sets[name])
        reference["class " + name] = hashes("1" if c in members else "0" for c in CODE_POINTS)
    (HERE / "unicode_reference.json").write_text(json.dumps(reference) + "\n")


if __name__ == "__main__":
    main()
