#!/usr/bin/env python3
"""Write the parity files of reference/: small tokenizers of every kind, and the ids that the reference libraries give for 2 000 texts.

strings.json.gz       the texts: a JSON list
NAME.json.gz          a tokenizer.json, or for older models {"files": {name: content}} as they lie in a checkpoint's directory
patterns.json.gz      regular expressions, and what the library finds by them in every eighth text
NAME.ids.gz           for each text the number of ids and the ids, as unsigned varints, special tokens included

The vocabularies are trained here, on corpus.txt (ours); the trainers break ties by chance, so a new run makes other vocabularies,
and ids to match. Made with tokenizers 0.23.3, transformers 5.23.0, sentencepiece 0.2.3 and
protobuf 7.36.2 from PyPI. Usage:
    python3 make_reference.py
"""
import gzip
import io
import json
import tempfile
from pathlib import Path

import sentencepiece
from sentencepiece import sentencepiece_model_pb2
from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
from transformers import AutoTokenizer

from reference_strings import strings

HERE = Path(__file__).resolve().parent
OUT = HERE / "reference"
CORPUS = (HERE / "corpus.txt").read_text().splitlines()
GPT4 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")
QWEN = GPT4.replace(r"\p{N}{1,3}", r"\p{N}")
GPT4O = "|".join([
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
    r"\p{N}{1,3}", r" ?[^\s\p{L}\p{N}]+[\r\n/]*", r"\s*[\r\n]+", r"\s+(?!\S)", r"\s+"])
CLIP = r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"
BLOOM = r" ?[^(\s|[.,!?…。，、।۔،])]+"

PATTERNS = [GPT4, QWEN, GPT4O, CLIP, BLOOM, r"\s+", r"\w+", r"\W", r"\d", r"[^\s\p{L}]+", r"(?<=a)b|\p{Lu}", r"(?<!\s)\p{M}", r"a*", r"x?", r"^.|.$", r"\b",
            r"\p{Han}|\p{Hiragana}+", r"(?:ab)+?", r"(?>a+)b", r"[a-z]{2,3}", r"[a-z]{2,3}?", r"e++", r"(?i:the|and|i)", r"\p{^L}", r"\P{N}+", r"[\p{P}\p{S}]",
            r"\p{Cf}|\p{Cc}", r"[[a-c][x-z]]", r"\A\w|\w\z", r"\S(?=\s)", r"'(?:s|t|re)|\.{3}", r"\h+", r"[^\n]+\n?", r"(?m).+", r"\u00e9|\x41", r" ?[^\s]+|\s+(?!\S)",
            r"(?:[^\s,]+,?){1,2}", r"\B.", r".\Z", r"(?i)k|s", r"(a|b|ab)(c|bcd|)", r"\p{Letter}\p{mark}*", r"\x{1F9E0}|\p{So}\p{Mn}?", r"(?:\p{L}\p{M}*){2,4}", r"[\d\-_]+"]


def train(tok, kind, specials=(), size=900, **options):
    trainer = getattr(trainers, kind)(vocab_size=size, special_tokens=list(specials), show_progress=False, **options)
    tok.train_from_iterator(CORPUS, trainer)
    return tok


def byte_level(specials, size=1100, normalizer=None, before=(), prefix=False, regex=True, **model):
    """BPE over visible bytes."""
    tok = Tokenizer(models.BPE(**model))
    if normalizer:
        tok.normalizer = normalizer
    last = pre_tokenizers.ByteLevel(add_prefix_space=prefix, use_regex=regex)
    tok.pre_tokenizer = pre_tokenizers.Sequence([*before, last]) if before else last
    suffix = {"end_of_word_suffix": model["end_of_word_suffix"]} if "end_of_word_suffix" in model else {}
    return train(tok, "BpeTrainer", specials, size, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), **suffix)


def split(pattern, behavior="isolated", invert=False):
    return pre_tokenizers.Split(Regex(pattern), behavior, invert)


def template(tok, single):
    names = [t for t in single.split() if not t.startswith("$")]
    tok.post_processor = processors.TemplateProcessing(
        single=single, special_tokens=[(n.split(":")[0], tok.token_to_id(n.split(":")[0])) for n in names])


def bert(lowercase, strip_accents=None, chinese=True, clean=True, size=900, ends="template", mask="[MASK]"):
    tok = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tok.normalizer = normalizers.BertNormalizer(clean, chinese, strip_accents, lowercase)
    tok.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    train(tok, "WordPieceTrainer", ["[PAD]", "[UNK]", "[CLS]", "[SEP]", mask], size)
    if ends == "template":
        template(tok, "[CLS] $A [SEP]")
    else:
        cls, sep = ("[CLS]", tok.token_to_id("[CLS]")), ("[SEP]", tok.token_to_id("[SEP]"))
        tok.post_processor = ends(sep, cls)
    return tok


def sentencepiece_model(kind, size, rule="nmt_nfkc", **options):
    out = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(CORPUS), model_writer=out, model_type=kind, vocab_size=size, normalization_rule_name=rule,
        hard_vocab_limit=False, character_coverage=0.98, minloglevel=2, num_threads=1, **options)
    model = sentencepiece_model_pb2.ModelProto()
    model.ParseFromString(out.getvalue())
    return model


def unigram(first, normalizer, pre_tokenizer, size=700, unk="<unk>", fallback=False, rule="nmt_nfkc", last=()):
    """A SentencePiece vocabulary as transformers converts it: its own specials give way to first and last."""
    model = sentencepiece_model("unigram", size, rule, byte_fallback=fallback)
    pieces = [(t, 0.0) for t in first] + [(p.piece, p.score) for p in model.pieces if p.type in (1, 6)] + [(t, 0.0) for t in last]
    tok = Tokenizer(models.Unigram(pieces, [t for t, _ in pieces].index(unk), byte_fallback=fallback))
    charsmap = normalizers.Precompiled(model.normalizer_spec.precompiled_charsmap)
    tok.normalizer = normalizer(charsmap)
    tok.pre_tokenizer = pre_tokenizer
    tok.add_special_tokens([t for t in list(first) + list(last)])
    return tok


def llama_bpe(first, size=1200):
    """A SentencePiece BPE with byte fallback; its merges are in the order of the pieces they make."""
    model = sentencepiece_model("bpe", size, "identity", byte_fallback=True)
    pieces = [t for t in first] + [p.piece for p in model.pieces if p.type in (1, 6)]
    vocab = {t: i for i, t in enumerate(pieces)}
    merges = [(p[:i], p[i:]) for p in pieces for i in range(1, len(p)) if p not in first and not p.startswith("<0x")
              and p[:i] in vocab and p[i:] in vocab]
    return Tokenizer(models.BPE(vocab, merges, unk_token="<unk>", fuse_unk=True, byte_fallback=True))


def tokenizers():
    special = lambda text, **how: AddedToken(text, special=True, normalized=False, **how)  # noqa: E731
    metaspace = pre_tokenizers.Metaspace
    made = {
        "bert_uncased": bert(True), "bert_cased": bert(False), "bert_multilingual": bert(False, strip_accents=False, size=1400),
        "bert_accents": bert(True, strip_accents=False, chinese=False, ends=processors.BertProcessing),
        "bert_unclean": bert(False, strip_accents=True, clean=False, mask="<mask>", ends=processors.RobertaProcessing),
    }
    made["bert_unclean"].add_special_tokens([special("<mask>", lstrip=True)])
    made["bert_uncased"].add_tokens([AddedToken("Astro", single_word=True), AddedToken("ÉTÉ"), AddedToken("<r>", rstrip=True),
                                     AddedToken("calc", normalized=False), AddedToken("calcium!", normalized=False)])

    tok = made["gpt2"] = byte_level(["<|endoftext|>"])
    tok.post_processor = processors.ByteLevel(trim_offsets=False)
    tok = made["roberta"] = byte_level(["<s>", "<pad>", "</s>", "<unk>"], prefix=True, unk_token="<unk>")
    tok.add_special_tokens([special("<mask>", lstrip=True)])
    tok.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), add_prefix_space=True)
    tok = made["opt"] = byte_level(["<pad>", "</s>"], size=700)
    template(tok, "</s> $A")
    tok = made["llama3"] = byte_level(["<|begin_of_text|>", "<|end_of_text|>"], before=[split(GPT4)], regex=False, ignore_merges=True)
    tok.post_processor = processors.Sequence([processors.ByteLevel(trim_offsets=False), processors.TemplateProcessing(
        single="<|begin_of_text|> $A", special_tokens=[("<|begin_of_text|>", 0)])])
    made["qwen2"] = byte_level(["<|endoftext|>"], normalizer=normalizers.NFC(), before=[split(QWEN)], regex=False)
    made["gpt4o"] = byte_level(["<|endoftext|>"], before=[split(GPT4O, "removed", True)], regex=False)
    made["deepseek"] = byte_level(["<|end|>"], regex=False, before=[
        split(r"\p{N}{1,3}"), split(r"[一-龥\u3040-ゟ゠-ヿ]+"),
        split(r"[!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")])
    made["bloom"] = byte_level(["<s>", "</s>"], before=[split(BLOOM)], regex=False)
    made["falcon"] = byte_level(["<|endoftext|>"], before=[
        pre_tokenizers.Punctuation("contiguous"), pre_tokenizers.Digits(False), split("[0-9][0-9][0-9]")])
    tok = made["clip"] = byte_level(
        ["<|startoftext|>", "<|endoftext|>"], unk_token="<|endoftext|>", end_of_word_suffix="</w>", before=[split(CLIP, "removed", True)],
        normalizer=normalizers.Sequence([normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()]))
    tok.post_processor = processors.RobertaProcessing(("<|endoftext|>", 1), ("<|startoftext|>", 0), False, False)

    tok = made["llama2"] = llama_bpe(["<unk>", "<s>", "</s>"])
    tok.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tok.add_special_tokens([special(t) for t in ("<unk>", "<s>", "</s>")])
    template(tok, "<s> $A")
    tok = made["mistral"] = llama_bpe(["<unk>", "<s>", "</s>"])
    tok.pre_tokenizer = metaspace(prepend_scheme="first", split=False)
    tok.add_special_tokens([special(t) for t in ("<unk>", "<s>", "</s>")])
    template(tok, "<s> $A")
    tok = made["gemma"] = llama_bpe(["<pad>", "<eos>", "<bos>", "<unk>"])
    tok.normalizer = normalizers.Replace(" ", "▁")
    tok.pre_tokenizer = pre_tokenizers.Split(" ", "merged_with_previous")
    tok.add_special_tokens([special(t) for t in ("<pad>", "<eos>", "<bos>", "<unk>")])
    template(tok, "<bos> $A")

    tok = made["xlm_roberta"] = unigram(
        ["<s>", "<pad>", "</s>", "<unk>"], lambda charsmap: charsmap,
        pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), metaspace()]), last=["<mask>"])
    tok.add_special_tokens([special("<mask>", lstrip=True)])
    template(tok, "<s> $A </s>")
    tok = made["t5"] = unigram(["<pad>", "</s>", "<unk>"], lambda charsmap: charsmap, metaspace())
    tok.add_special_tokens([special(f"<extra_id_{i}>", lstrip=i == 0, rstrip=i == 1) for i in range(5)])
    template(tok, "$A </s>")
    tok = made["albert"] = unigram(
        ["<pad>", "<unk>", "[CLS]", "[SEP]", "[MASK]"], lambda charsmap: normalizers.Sequence([
            normalizers.Replace("``", '"'), normalizers.Replace("''", '"'), normalizers.NFKD(), normalizers.StripAccents(),
            normalizers.Lowercase(), charsmap, normalizers.Replace(Regex(" {2,}"), " ")]), metaspace(), rule="nmt_nfkc_cf")
    template(tok, "[CLS]:0 $A:0 [SEP]:0")
    made["unigram_bytes"] = unigram(["<unk>"], lambda charsmap: normalizers.Sequence([
        normalizers.Nmt(), normalizers.NFKC(), normalizers.Strip(True, True), normalizers.Replace(Regex(r"\s{2,}"), " ")]),
        metaspace(prepend_scheme="first"), size=1100, fallback=True)

    tok = made["word_level"] = Tokenizer(models.WordLevel(unk_token="[UNK]"))
    tok.normalizer = normalizers.Sequence([normalizers.NFD(), normalizers.Lowercase(), normalizers.StripAccents()])
    tok.pre_tokenizer = pre_tokenizers.Whitespace()
    train(tok, "WordLevelTrainer", ["[UNK]"], 800)
    tok = made["bpe_prefix"] = Tokenizer(models.BPE(unk_token="<unk>", continuing_subword_prefix="@@"))
    tok.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Whitespace(), pre_tokenizers.Digits(True), pre_tokenizers.Punctuation("merged_with_next")])
    train(tok, "BpeTrainer", ["<unk>"], 900, continuing_subword_prefix="@@", limit_alphabet=200)
    tok = made["bpe_plain"] = Tokenizer(models.BPE(end_of_word_suffix="</w>"))
    tok.normalizer = normalizers.Strip(True, False)
    tok.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.CharDelimiterSplit("|"), pre_tokenizers.Split(Regex("-+"), "merged_with_previous"), pre_tokenizers.FixedLength(7),
        pre_tokenizers.Metaspace(replacement="_", prepend_scheme="first", split=True)])
    train(tok, "BpeTrainer", [], 800, end_of_word_suffix="</w>", limit_alphabet=150)
    tok = made["byte_normalizer"] = Tokenizer(models.BPE())
    tok.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.ByteLevel()])
    tok.pre_tokenizer = split("Ġ", "merged_with_next")
    train(tok, "BpeTrainer", [], 700, initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    tok.add_tokens([AddedToken("synapse"), AddedToken("naïve")])
    return {name: json.loads(tok.to_str()) for name, tok in made.items()}


def as_before_2020(file):
    """Merges as "a b", and no type of the model."""
    file["model"]["merges"] = [" ".join(m) for m in file["model"]["merges"]]
    del file["model"]["type"]


def older(made):
    """Checkpoints that have no tokenizer.json: what transformers makes of their files."""
    vocab_txt = lambda name: "".join(t + "\n" for t in made[name]["model"]["vocab"])  # noqa: E731
    merges = lambda name: {"vocab.json": json.dumps(made[name]["model"]["vocab"], ensure_ascii=False),  # noqa: E731
                           "merges.txt": "#version: 0.2\n" + "".join(" ".join(m) + "\n" for m in made[name]["model"]["merges"])}
    with_mask = lambda files: {**files, "vocab.json": json.dumps({**json.loads(files["vocab.json"]), "<mask>": 1100}, ensure_ascii=False)}  # noqa: E731
    config = lambda **keys: {"tokenizer_config.json": json.dumps(keys)}  # noqa: E731
    return {
        "files_bert": {"vocab.txt": vocab_txt("bert_uncased"), **config(tokenizer_class="BertTokenizer")},
        "files_bert_cased": {"vocab.txt": vocab_txt("bert_cased"), **config(tokenizer_class="BertTokenizer", do_lower_case=False)},
        "files_distilbert": {"vocab.txt": vocab_txt("bert_multilingual"), **config(
            tokenizer_class="DistilBertTokenizer", do_lower_case=True, strip_accents=False, tokenize_chinese_chars=False)},
        "files_gpt2": {**merges("gpt2"), **config(tokenizer_class="GPT2Tokenizer")},
        "files_roberta": {**with_mask(merges("roberta")), **config(tokenizer_class="RobertaTokenizer", add_prefix_space=True)},
        "files_clip": {**merges("clip"), **config(tokenizer_class="CLIPTokenizer")},
    }


def load_older(files):
    with tempfile.TemporaryDirectory() as directory:
        for name, content in files.items():
            (Path(directory) / name).write_text(content)
        model_type = {"BertTokenizer": "bert", "DistilBertTokenizer": "distilbert", "GPT2Tokenizer": "gpt2", "RobertaTokenizer": "roberta",
                      "CLIPTokenizer": "clip"}[json.loads(files["tokenizer_config.json"])["tokenizer_class"]]
        (Path(directory) / "config.json").write_text(json.dumps({"model_type": model_type}))
        return AutoTokenizer.from_pretrained(directory).backend_tokenizer


def varint(n):
    out = bytearray()
    while n >= 0x80:
        out.append(n & 0x7F | 0x80)
        n >>= 7
    return bytes(out + bytes([n]))


def write(path, content):
    path.write_bytes(gzip.compress(content, 9, mtime=0))


def write_patterns(texts):
    """What each pattern finds; a text in which it finds nothing has an empty list."""
    found = []
    for pattern in PATTERNS:
        matches = split(pattern, "removed", True)
        found.append({"pattern": pattern, "matches": [[s for s, _ in matches.pre_tokenize_str(t)] for t in texts[::8]]})
    write(OUT / "patterns.json.gz", json.dumps(found, ensure_ascii=False).encode())


def write_ids(name, tok, texts):
    encoded = [tok.encode(t).ids for t in texts]
    write(OUT / f"{name}.ids.gz", b"".join(varint(n) for ids in encoded for n in [len(ids), *ids]))
    return sum(map(len, encoded))


def main():
    OUT.mkdir(exist_ok=True)
    texts = strings(CORPUS)
    write(OUT / "strings.json.gz", json.dumps(texts, ensure_ascii=False).encode())
    write_patterns(texts)
    made = tokenizers()
    for name, file in made.items():
        if name in ("roberta", "clip"):
            as_before_2020(file)
        content = json.dumps(file, ensure_ascii=False)
        write(OUT / f"{name}.json.gz", content.encode())
        print(name, write_ids(name, Tokenizer.from_str(content), texts), "tokens")
        if name in ("roberta", "clip"):
            file["model"]["merges"] = [m.split(" ") for m in file["model"]["merges"]]
    for name, files in older(made).items():
        write(OUT / f"{name}.json.gz", json.dumps({"files": files}, ensure_ascii=False).encode())
        print(name, write_ids(name, load_older(files), texts), "tokens")


if __name__ == "__main__":
    main()
