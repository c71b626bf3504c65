#!/usr/bin/env python3
"""Write tokenizer_variants.json: WordPiece tokenizers with every combination of rules, and what `tokenizers` makes of odd texts.

The added tokens strip white space, ask for whole words, are normalised or not, and overlap. Usage:
    python3 tokenizer_variants.py        (needs the PyPI package tokenizers)
"""
import json
import random
from pathlib import Path

from tokenizers import AddedToken, Tokenizer, models, normalizers, pre_tokenizers, processors

HERE = Path(__file__).resolve().parent
VOCAB = ["[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b", "ab", "##a", "##b", "##ab", "é", "e", "##e", "##é", "E", "É", "##E", "i", "İ",
         "##̇", ".", ",", "[", "]", "mask", "##ask", "m", "中", "文", "ss", "ß", "σ", "ς", "Σ", "1", "##1", "-", "_", "$", "cls", "new", "##new"]
ADDED = [AddedToken("<l>", lstrip=True), AddedToken("<r>", rstrip=True, normalized=False), AddedToken("<lr>", lstrip=True, rstrip=True),
         AddedToken("NEW", single_word=True), AddedToken("NEW WORD", normalized=True), AddedToken("É1", normalized=True),
         AddedToken("aba", single_word=True, normalized=False), AddedToken("ababab", normalized=False)]
PARTS = ["a", "b", "ab", "aba", "ababab", "é", "e\u0301", "É", "É1", "é1", "E", "İ", "中", "文", "中文", "ß", "ΣΑΣ", "1", "11", ".", ",", "-", "_", "$",
         "[MASK]", "[mask]", "[CLS]", "[SEP]", "[UNK]", "<l>", "<r>", "<lr>", "<L>", "NEW", "new", "NEW WORD", "New Word", "NEWS", " ", "  ",
         "\t", "\n", "\u00a0", "\u2003", "\u200b", "\u200d", "\u00ad", "\ufeff", "\x00", "\x07", "\u0085", "\ufffd", "🙂", "👩‍🔬", "a" * 101, "ab" * 60, "\u0301", "ﬁ", "Ａ"]


def build(clean, chinese, strip, lower, words):
    tok = Tokenizer(models.WordPiece({w: i for i, w in enumerate(VOCAB)}, unk_token="[UNK]", max_input_chars_per_word=100))
    if words:
        tok.normalizer = normalizers.BertNormalizer(clean_text=clean, handle_chinese_chars=chinese, strip_accents=strip, lowercase=lower)
        tok.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tok.add_special_tokens(["[UNK]", "[CLS]", "[SEP]", "[MASK]"])
    tok.add_tokens(ADDED)
    tok.post_processor = processors.TemplateProcessing(single="[CLS]:1 $A:1 [SEP]", special_tokens=[("[CLS]", 1), ("[SEP]", 2)])
    return tok


def main():
    rng = random.Random(7)
    texts = PARTS + ["".join(rng.choice(PARTS) for _ in range(rng.randint(2, 9))) for _ in range(150)]
    texts += [" ".join(rng.choice(PARTS) for _ in range(rng.randint(2, 9))) for _ in range(50)]
    variants = []
    for rules in [(True, True, None, True), (True, True, None, False), (False, False, True, False), (True, False, False, True),
                  (False, True, False, False), (False, False, None, False, False)]:
        tok = build(*rules) if len(rules) == 5 else build(*rules, True)
        encoded = [tok.encode(t) for t in texts]
        variants.append(dict(tokenizer=json.loads(tok.to_str()), ids=[e.ids for e in encoded],
                             types=[e.type_ids for e in encoded[:3]], special=[e.special_tokens_mask for e in encoded[:3]]))
    (HERE / "tokenizer_variants.json").write_text(json.dumps(dict(texts=texts, variants=variants), separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
