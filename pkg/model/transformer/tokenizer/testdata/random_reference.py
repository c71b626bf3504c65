#!/usr/bin/env python3
"""Write tokenizers composed at random, and what the reference library makes of texts, one JSON object a line, to standard output.

For `go test -run TestComposed -against FILE`. Usage:
    python3 random_reference.py [TOKENIZERS [SEED]] > FILE
"""
import base64
import gzip
import json
import random
import sys

from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

from reference_strings import strings
from make_reference import CORPUS, HERE, PATTERNS

CHARSMAPS = [base64.b64decode(json.loads(gzip.open(HERE / "reference" / f"{name}.json.gz").read())["normalizer"]["precompiled_charsmap"])
             for name in ("t5", "xlm_roberta")]
EMPTY = [r"a*", r"x?", r"\b"]  # text put in the place of nothing escapes some of the library's later steps
FULL = [p for p in PATTERNS if p not in EMPTY]
BEHAVIORS = ["removed", "isolated", "merged_with_previous", "merged_with_next", "contiguous"]


def normalizer(rng):
    flag = lambda: rng.random() < 0.5  # noqa: E731
    return rng.choice([
        normalizers.NFC, normalizers.NFD, normalizers.NFKC, normalizers.NFKD, normalizers.Lowercase, normalizers.StripAccents, normalizers.Nmt,
        lambda: normalizers.Strip(flag(), flag()), lambda: normalizers.BertNormalizer(flag(), flag(), rng.choice([None, True, False]), flag()),
        lambda: normalizers.Replace(rng.choice([" ", "a", "''", "e\u0301"]), rng.choice(["▁", "", "xy", " "])),
        lambda: normalizers.Replace(Regex(rng.choice(FULL)), rng.choice(["▁", "", "xy", " "])),
        lambda: normalizers.Prepend(rng.choice(["▁", "ab", " "])), lambda: normalizers.Precompiled(rng.choice(CHARSMAPS)), normalizers.ByteLevel])()


def pre_tokenizer(rng):
    flag = lambda: rng.random() < 0.5  # noqa: E731
    return rng.choice([
        pre_tokenizers.BertPreTokenizer, pre_tokenizers.Whitespace, pre_tokenizers.WhitespaceSplit,
        lambda: pre_tokenizers.ByteLevel(flag(), use_regex=flag()),
        lambda: pre_tokenizers.Metaspace(rng.choice("▁_"), rng.choice(["always", "first", "never"]), flag()),
        lambda: pre_tokenizers.Split(rng.choice([" ", "a", "--", ""]), rng.choice(BEHAVIORS), flag()),
        lambda: pre_tokenizers.Split(Regex(rng.choice(PATTERNS)), rng.choice(BEHAVIORS), flag()),
        lambda: pre_tokenizers.Split(Regex(rng.choice(PATTERNS)), rng.choice(BEHAVIORS), flag()),
        lambda: pre_tokenizers.Punctuation(rng.choice(BEHAVIORS)), lambda: pre_tokenizers.Digits(flag()),
        lambda: pre_tokenizers.CharDelimiterSplit(rng.choice(" a-")), lambda: pre_tokenizers.FixedLength(rng.randint(1, 6))])()


def pieces(rng, texts):
    """Characters and short pieces of the texts, as vocabularies have them."""
    found = {}
    for text in rng.sample(texts, 60):
        for _ in range(6):
            if text:
                at = rng.randrange(len(text))
                found[text[at:at + rng.choice([1, 1, 1, 2, 3, 5])]] = True
    return list(found)


def model(rng, texts):
    some = pieces(rng, texts) + ["▁" + p for p in pieces(rng, texts)[:60]] + list("abcdefghijklmnopqrstuvwxyz▁_Ġ ")
    some += [f"<0x{b:02X}>" for b in range(256)] if rng.random() < 0.5 else []
    flag = lambda: rng.random() < 0.5  # noqa: E731
    kind = rng.randrange(4)
    if kind == 0:
        vocab = ["[UNK]"] + some + ["##" + p for p in some]
        return models.WordPiece({t: i for i, t in enumerate(dict.fromkeys(vocab))}, unk_token="[UNK]", max_input_chars_per_word=rng.choice([5, 20, 100]))
    if kind == 1:
        vocab = [(t, -round(rng.uniform(1, 9), rng.choice([1, 6]))) for t in dict.fromkeys(["<unk>"] + some)]
        return models.Unigram(vocab, 0, byte_fallback=flag())
    if kind == 2:
        return models.WordLevel({t: i for i, t in enumerate(dict.fromkeys(["[UNK]"] + some))}, unk_token="[UNK]")
    prefix, suffix = rng.choice([None, None, "@@", ""]), rng.choice([None, None, "</w>", ""])
    vocab = ["<unk>"] + some + [(prefix or "") + p for p in some] + [p + (suffix or "") for p in some] + [(prefix or "") + p + (suffix or "") for p in some]
    merges = []
    for _ in range(400):
        a, b = rng.choice(vocab), rng.choice(vocab)
        if "<0x" not in a + b and len(b) >= len(prefix or "") and len(a + b) < 12 and (not prefix or b.startswith(prefix)):
            merges.append((a, b))
            vocab.append(a + b[len(prefix or ""):])
    for t in [v for v in vocab if len(v) > 1]:
        at = rng.randrange(1, len(t))
        a, b = t[:at], (prefix or "") + t[at:]
        if a in vocab and b in vocab:
            merges.append((a, b))
    rng.shuffle(merges)
    texts = dict(unk_token=rng.choice([None, "<unk>"]), continuing_subword_prefix=prefix, end_of_word_suffix=suffix)
    return models.BPE({t: i for i, t in enumerate(dict.fromkeys(vocab))}, merges, fuse_unk=flag(), byte_fallback=flag(), ignore_merges=flag(),
                      **{key: text for key, text in texts.items() if text is not None})


def compose(rng, texts):
    tok = Tokenizer(model(rng, texts))
    some = [normalizer(rng) for _ in range(rng.randint(0, 3))]
    if some:
        tok.normalizer = some[0] if len(some) == 1 else normalizers.Sequence(some)
    some = [pre_tokenizer(rng) for _ in range(rng.randint(0, 3))]
    if some:
        tok.pre_tokenizer = some[0] if len(some) == 1 else pre_tokenizers.Sequence(some)
    flag = lambda: rng.random() < 0.3  # noqa: E731
    for _ in range(rng.randint(0, 5)):
        token = AddedToken(rng.choice(["[MASK]", "<s>", "a", "the", "Astro", "é", "É", " x", "synapse", "12", "的", "<mask>"]), single_word=flag(), lstrip=flag(),
                           rstrip=flag(), normalized=not flag())
        (tok.add_special_tokens if flag() else tok.add_tokens)([token])
    if flag():
        tok.add_special_tokens(["<s>", "</s>"])
        tok.post_processor = processors.TemplateProcessing(single="<s> $A:1 </s>:2", special_tokens=[(t, tok.token_to_id(t)) for t in ("<s>", "</s>")])
    return tok


def main():
    count, seed = (int(a) for a in (sys.argv[1:] + ["200", "1"][len(sys.argv) - 1:])[:2])
    texts = strings(CORPUS)
    for number in range(count):
        rng = random.Random(seed * 1_000_003 + number)
        try:
            file = compose(rng, texts).to_str()
            tok = Tokenizer.from_str(file)
            added = json.loads(file)["added_tokens"]
            looked_for = [tok.normalizer.normalize_str(a["content"]) if a["normalized"] and tok.normalizer else a["content"] for a in added]
        except BaseException as error:  # the library's own panics among them
            print(number, error, file=sys.stderr)
            continue
        if len(set(looked_for)) < len(added) or "" in looked_for:
            continue  # two tokens are one when normalised: the library takes either, by chance; or one is nothing
        some, ids = [], []
        for text in rng.sample(texts, 150):
            try:
                ids.append(tok.encode(text).ids)
                some.append(text)
            except BaseException as error:  # the library panics where its offsets fall into a character
                print(number, repr(text), error, file=sys.stderr)
        print(json.dumps({"tokenizer": json.loads(file), "texts": some, "ids": ids}))


if __name__ == "__main__":
    main()
