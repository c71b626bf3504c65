#!/usr/bin/env python3
"""Lay out the collected prose as texts to fit hidden layers to, or to judge them by.

Reads   <build>/text/{train,heldout}.jsonl    of prepare_text.py
Writes  <out>/000.txt …                       a text a line, whole documents in each file, so that nasim, which divides a set by file, divides by document
        <out>.json                            with --mask: for each text the words that stood where it has [MASK]

Packed texts are paragraphs of one document in a row, --window tokens long with those at the ends, and show [SEP] at one place alone; so a share
of the tokens is in short ones, sentences and paragraphs by themselves. With --mask that share of the tokens is replaced by [MASK].
"""
import argparse
import json
import random
import re
from pathlib import Path

from tokenizers import Tokenizer

MOST = 400  # tokens of one document in a kind of text, that many documents be heard
SENTENCE = re.compile(r"(?<=[.?!])\s+(?=[A-Z])")


def packed(tokenizer, document, window):
    """The document in a row, cut between words."""
    text = " ".join(document)
    start, used = 0, 0
    encoded = tokenizer.encode(text, add_special_tokens=False)
    last = None
    for i, (token, (begin, end)) in enumerate(zip(encoded.tokens, encoded.offsets)):
        if not token.startswith("##") and i - used > window - 2 - 8:  # eight pieces are enough for a word
            yield text[start:begin].strip()
            start, used = begin, i
        last = end
    if last is not None and len(encoded.tokens) - used >= window // 4:
        yield text[start:].strip()


def short(document, rng):
    """Its sentences and paragraphs, as many of each."""
    for paragraph in document:
        if rng.random() < 0.5:
            yield paragraph
        else:
            yield from (s for s in SENTENCE.split(paragraph) if len(s.split()) >= 4)


def masked(tokenizer, text, share, rng):
    """The text with a share of its tokens masked, and those tokens. A piece that another continues is left, since what follows would be a word."""
    plain = tokenizer.encode(text, add_special_tokens=False)
    following = plain.tokens[1:] + [""]
    spans = [(t, o) for t, o, n in zip(plain.tokens, plain.offsets, following) if not n.startswith("##") and rng.random() < share]
    if not spans:
        return None
    out, at = [], 0
    for _, (begin, end) in spans:
        out += [text[at:begin].rstrip(), "[MASK]"]
        at = end
    line = " ".join(x for x in out + [text[at:].strip()] if x)
    again = tokenizer.encode(line, add_special_tokens=False)
    if len(again.tokens) != len(plain.tokens) or again.tokens.count("[MASK]") != len(spans):
        return None
    return line, [t for t, _ in spans]


def main():
    here = Path(__file__).resolve().parent
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=Path, default=here / "build")
    parser.add_argument("--part", choices=["train", "heldout"], default="train")
    parser.add_argument("--tokenizer", type=Path, default=here / "tiny-text" / "tokenizer.json")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--window", type=int, default=128)
    parser.add_argument("--packed", type=int, default=0, metavar="TOKENS", help="in packed texts")
    parser.add_argument("--short", type=int, default=0, metavar="TOKENS", help="in sentences and paragraphs")
    parser.add_argument("--sentences", type=int, default=0, help="as many single sentences, one of a document's paragraph")
    parser.add_argument("--paragraphs", type=int, default=0)
    parser.add_argument("--mask", type=float, default=0, metavar="SHARE", help="of the tokens")
    parser.add_argument("--unmasked", type=float, default=0, metavar="SHARE", help="of the texts, which are left as they are")
    parser.add_argument("--files", type=int, default=100)
    parser.add_argument("--seed", type=int, default=16)
    args = parser.parse_args()

    rng = random.Random(args.seed)
    tokenizer = Tokenizer.from_file(str(args.tokenizer))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    length = lambda text: len(tokenizer.encode(text).ids)
    documents = [json.loads(line) for line in open(args.build / "text" / f"{args.part}.jsonl", encoding="utf-8")]
    rng.shuffle(documents)

    texts, left = [], dict(packed=args.packed, short=args.short)  # (file, text)
    for i, document in enumerate(d["paragraphs"] for d in documents):
        kind = max(left, key=left.get)
        if left[kind] <= 0:
            break
        used = 0
        for text in packed(tokenizer, document, args.window) if kind == "packed" else short(document, rng):
            n = length(text)
            if 5 <= n <= args.window and used < MOST:
                texts.append((i, text))
                used += n
        left[kind] -= used
    wanted = dict(paragraphs=args.paragraphs, sentences=args.sentences)
    every = [(i, p) for i, d in enumerate(documents) for p in d["paragraphs"]] if any(wanted.values()) else []
    rng.shuffle(every)
    for i, paragraph in every:
        kind = max(wanted, key=wanted.get)
        if not wanted[kind]:
            break
        parts = [s for s in SENTENCE.split(paragraph) if 6 <= len(s.split()) <= 40]
        if kind == "sentences" and parts:
            texts.append((i, rng.choice(parts)))
        elif kind == "paragraphs" and len(parts) > 1 and length(paragraph) <= args.window:
            texts.append((i, paragraph))
        else:
            continue
        wanted[kind] -= 1

    answers = []
    if args.mask:
        pairs = [(i, (text, []) if rng.random() < args.unmasked else masked(tokenizer, text, args.mask, rng)) for i, text in texts]
        texts = [(i, m[0]) for i, m in pairs if m]
        answers = [m[1] for _, m in pairs if m]
    args.out.mkdir(parents=True, exist_ok=True)
    for old in args.out.glob("*.txt"):
        old.unlink()
    order = sorted({i for i, _ in texts})
    file = {i: f"{int(n * args.files / len(order)):03d}.txt" for n, i in enumerate(order)}
    lines = {}
    for n, (i, text) in enumerate(texts):
        lines.setdefault(file[i], []).append((text, answers[n] if answers else None))
    for name, content in lines.items():
        (args.out / name).write_text("".join(" ".join(t.split()) + "\n" for t, _ in content), encoding="utf-8")
    if answers:
        args.out.with_suffix(".json").write_text(json.dumps([a for name in sorted(lines) for _, a in lines[name]]))
    sizes = [length(t) for _, t in texts]
    print(f"{args.out}: {len(texts)} texts, {sum(sizes)} tokens, {len(order)} documents in {len(lines)} files")


if __name__ == "__main__":
    main()
