#!/usr/bin/env python3
"""Reference data for the Go tests, from Hugging Face transformers in float64 (eager attention) and tokenizers.

Writes into --out:
  text_reference.npz       for s in short, long:  s_input_ids [N] int64, s_embeddings [N,E], s_hidden [L+1,N,D] (after the mapping of the
                           embeddings into the hidden size, then after every layer), s_q s_k s_v [L,H,N,d] (with bias, unscaled),
                           s_attention [L,H,N,N], s_logits_rows [R] and s_logits [R,V] (rows of the vocabulary logits),
                           s_masked_* for the sentence with one token replaced by [MASK]: input_ids, position, logits [V]
  vision_reference.npz     for i in 0, 1:  i_index, i_label, i_pixels [28,28] uint8, i_pixel_values [1,28,28] float32, i_hidden [L+1,N,D],
                           i_q i_k i_v [L,H,N,d], i_attention [L,H,N,N], i_last [N,D] (after the final layer norm), i_logits [10]
  tokenizer_reference.json strings with their ids and tokens, special tokens included
Computed in float64; stored in float64 but for q, k, v and attention of the long sentence, which are rounded to float32.
Run again whenever the weights change:  python fixtures.py --build BUILD
"""
import argparse
import json
import os
from pathlib import Path

import numpy as np
import torch

from layout import set_one_thread
from train_vision import MEAN, STD, images

SHORT = "The server reads the file and returns one row."
LONG = ("A query that joins two tables returns one row for each pair of rows that satisfies the condition. If no index can be used, the "
        "database reads every row of the inner table once for each row of the outer table, which becomes slow when both tables are large. "
        "An index lets the planner choose a better method, but it must be kept up to date.")
IMAGES = (0, 1)  # test images 0 (ankle boot) and 1 (pullover)


def heads(x, H):
    """[1, N, H d] -> [H, N, d]"""
    return x[0].view(x.shape[1], H, -1).transpose(0, 1).detach()


class Recorder:
    """Collects the outputs of modules over one forward pass, in order of calls."""

    def __init__(self):
        self.seen, self.hooks = {}, []

    def watch(self, name, module):
        def hook(_, __, output):
            self.seen.setdefault(name, []).append(output[0] if isinstance(output, tuple) else output)
        self.hooks.append(module.register_forward_hook(hook))

    def watch_second(self, name, module):
        def hook(_, __, output):
            self.seen.setdefault(name, []).append(output[1])
        self.hooks.append(module.register_forward_hook(hook))

    def close(self):
        for h in self.hooks:
            h.remove()


def softmax_in_float64():
    """Some eager attentions round the probabilities to float32 (softmax with dtype=float32): keep the precision of the scores."""
    plain = torch.nn.functional.softmax

    def softmax(x, dim=None, _stacklevel=3, dtype=None):
        return plain(x, dim=dim)
    torch.nn.functional.softmax = softmax


def find(module, *names):
    for n in names:
        if hasattr(module, n):
            return getattr(module, n)
    raise AttributeError(f"none of {names} in {type(module).__name__}")


def record_attention(recorder, attention, parts):
    for name, module in zip("qkv", parts):
        recorder.watch(name, module)
    recorder.watch_second("attention", attention)


def stack_heads(recorder, H):
    out = {n: torch.stack([heads(x, H) for x in recorder.seen[n]]).numpy() for n in "qkv"}
    out["attention"] = torch.stack([a[0] for a in recorder.seen["attention"]]).detach().numpy()
    d = out["q"].shape[-1]
    s = out["q"] @ out["k"].swapaxes(-1, -2) / np.sqrt(d)
    s = np.exp(s - s.max(-1, keepdims=True))
    assert np.abs(s / s.sum(-1, keepdims=True) - out["attention"]).max() < 1e-12, "recorded attention is not softmax(qk/sqrt d)"
    return out


def text_reference(folder):
    from tokenizers import Tokenizer
    from transformers import AlbertForMaskedLM
    tok = Tokenizer.from_file(str(folder / "tokenizer.json"))
    model, info = AlbertForMaskedLM.from_pretrained(folder, attn_implementation="eager", output_loading_info=True, dtype=torch.float32)
    assert not info["missing_keys"] and not info["unexpected_keys"], info
    model = model.double().eval()
    H = model.config.num_attention_heads
    layer = model.albert.encoder.albert_layer_groups[0].albert_layers[0]
    arrays = {}
    for name, sentence in (("short", SHORT), ("long", LONG)):
        ids = tok.encode(sentence).ids
        r = Recorder()
        att = layer.attention
        record_attention(r, att, [find(att, n, o) for n, o in (("query", "q_proj"), ("key", "k_proj"), ("value", "v_proj"))])
        r.watch("embeddings", model.albert.embeddings)
        r.watch("mapped", model.albert.encoder.embedding_hidden_mapping_in)
        r.watch("layer", layer)
        with torch.no_grad():
            out = model(input_ids=torch.tensor([ids]), output_attentions=True)
        r.close()
        L = model.config.num_hidden_layers
        assert len(r.seen["layer"]) == L and len(r.seen["q"]) == L
        a = stack_heads(r, H)
        if name == "long":
            a = {k: v.astype(np.float32) for k, v in a.items()}
        a["input_ids"] = np.array(ids, dtype=np.int64)
        a["embeddings"] = r.seen["embeddings"][0][0].detach().numpy()
        a["hidden"] = torch.stack([r.seen["mapped"][0][0]] + [x[0] for x in r.seen["layer"]]).detach().numpy()
        rows = np.unique(np.linspace(0, len(ids) - 1, 8).round().astype(np.int64))
        a["logits_rows"], a["logits"] = rows, out.logits[0, rows].numpy()
        position = len(ids) // 2
        masked = list(ids)
        masked[position] = tok.token_to_id("[MASK]")
        with torch.no_grad():
            a["masked_logits"] = model(input_ids=torch.tensor([masked])).logits[0, position].numpy()
        a["masked_input_ids"], a["masked_position"] = np.array(masked, dtype=np.int64), np.array(position, dtype=np.int64)
        arrays.update({f"{name}_{k}": v for k, v in a.items()})
    return arrays


def vision_reference(folder, build):
    from transformers import ViTForImageClassification
    model, info = ViTForImageClassification.from_pretrained(folder, attn_implementation="eager", output_loading_info=True, dtype=torch.float32)
    assert not info["missing_keys"] and not info["unexpected_keys"], info
    model = model.double().eval()
    H = model.config.num_attention_heads
    layers = model.vit.layers if hasattr(model.vit, "layers") else model.vit.encoder.layer
    x, y = images(next((build / "packages/dataset-fashion-mnist").rglob("train-images-idx3-ubyte.gz")).parent, "t10k")
    arrays = {}
    for n, index in enumerate(IMAGES):
        r = Recorder()
        for layer in layers:
            att = layer.attention
            inner = att.attention if hasattr(att, "attention") else att
            record_attention(r, inner, [find(inner, a, b) for a, b in (("query", "q_proj"), ("key", "k_proj"), ("value", "v_proj"))])
            r.watch("layer", layer)
        r.watch("embeddings", model.vit.embeddings)
        r.watch("last", model.vit.layernorm)
        pixels = x[index].numpy()
        values = ((pixels.astype(np.float64) / 255 - MEAN) / STD).astype(np.float32)[None]
        with torch.no_grad():
            out = model(pixel_values=torch.from_numpy(values)[None].double(), output_attentions=True)
        r.close()
        assert len(r.seen["layer"]) == model.config.num_hidden_layers
        a = stack_heads(r, H)
        a["hidden"] = torch.stack([r.seen["embeddings"][0][0]] + [z[0] for z in r.seen["layer"]]).detach().numpy()
        last = r.seen["last"][0]
        a["last"] = (last[0] if last.dim() == 3 else last).detach().numpy()
        a.update(index=np.array(index, dtype=np.int64), label=np.array(int(y[index]), dtype=np.int64), pixels=pixels, pixel_values=values,
                 logits=out.logits[0].numpy())
        arrays.update({f"{n}_{k}": v for k, v in a.items()})
    return arrays


def tokenizer_strings():
    words = ["astrocyte", "neuron", "transformer", "attention", "database", "PostgreSQL", "Rust", "Python", "internationalization", "a", "I",
             "unbelievably", "antidisestablishmentarianism", "the", "THE", "The", "tHe", "sqlite3_open_v2", "camelCaseName", "SCREAMING_SNAKE",
             "don't", "can’t", "it's", "rock'n'roll", "state-of-the-art", "e.g.", "i.e.", "U.S.A.", "Ph.D.", "C++", "C#", "F#", ".NET", "x86_64"]
    s = ["", " ", "  ", "\t", "\n", "\r\n", "\u00a0", "\u2003", "\u200b", "\ufeff", "\u3000", "a b", "a  b", "a\tb", "a\nb", "a\r\nb", "a\u00a0b",
         "a\u2003b", "a\u200bb", "a\u200db", "a\u2028b", "a\u2029b", "a\u0085b", "a\u1680b", "a\u180eb", "a\u202fb", "a\ufeffb", " leading",
         "trailing ", "  both  ", "\x00", "a\x00b", "\x01\x02\x03", "a\x07b", "a\x1bb", "a\x7fb", "\x80\x9f", "a\x0bb", "a\x0cb", "a\x1cb",
         "\ufffd", "a\ufffdb", "\ue000", "a\ue000b", "\u00ad", "soft\u00adhyphen", "\u2060", "a\u2066b\u2069"]
    s += words
    s += ["café", "cafe\u0301", "CAFÉ", "naïve", "résumé", "Ångström", "A\u030angstro\u0308m", "Čeština", "ñandú", "São Paulo", "Zürich", "straße", "STRASSE",
          "İstanbul", "ıi", "İ", "ß", "ẞ", "Œuvre", "œ", "Æther", "ø", "đ", "Đ", "ł", "ŁÓDŹ", "ﬁne", "ﬀ", "Ǆ", "ǅ", "ŉ", "ſ", "K", "Å", "Ω", "µ", "μ",
          "x\u0301\u0302\u0303", "\u0301", "\u0301a", "a\u0301\u0301\u0301", "o\u0308\u0304", "ộ", "ấn", "Việt Nam", "हिन्दी", "ไทย", "العربية",
          "עִבְרִית", "Русский", "Ёлка", "й", "Ελληνικά", "ΣΊΣΥΦΟΣ", "ς", "ქართული", "ᲐᲑ", "አማርኛ", "한국어", "\u1112\u1161\u11ab", "日本語", "ひらがな", "カタカナ",
          "ｶﾞ", "が", "か\u3099", "中文字符", "a中b", "中 文", "㐀", "𠀀", "豈", "﨎", "々", "〇", "、。", "「引用」", "Ａｂｃ", "１２３", "ｆｕｌｌ ｗｉｄｔｈ", "𝐁𝐨𝐥𝐝", "𝔘𝔫𝔦"]
    s += ["😀", "a😀b", "👩‍🔬", "👍🏽", "🇫🇷", "❤️", "☃", "→", "∀x∈ℝ", "½", "²", "x²", "①", "Ⅷ", "№", "™", "©", "€", "£5", "$5", "¥", "₿", "°C", "§3",
          "¶", "†", "‡", "•", "…", "–", "—", "‐", "‑", "―", "“quoted”", "‘single’", "«guillemets»", "‹›", "¿Qué?", "¡Hola!", "·", "‰", "′", "″", "‽", "⁂"]
    s += [c for c in "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"]
    s += ["0", "7", "42", "007", "3.14159", "-1", "+1", "1e-12", "1,000,000", "0xDEADBEEF", "12:34:56", "2023-08-21", "10%", "1st", "2nd", "100th", "9" * 99,
          "9" * 100, "9" * 101, "a" * 99, "a" * 100, "a" * 101, "a" * 200, "é" * 100, "é" * 101, "e\u0301" * 101, "中" * 101, "😀" * 101,
          "x" + "y" * 98 + " " + "z" * 150, "-" * 120, "._" * 60]
    s += ["https://example.org/path?query=1&x=%20#frag", "user@example.org", "www.example.org", "/usr/share/doc", "C:\\Windows\\System32", "~/.cache",
          "def f(x):\n    return x ** 2  # square\n", "SELECT * FROM t WHERE a <> 'b';", "fn main() { println!(\"{}\", 1); }", "for (i=0; i<n; ++i) a[i] = -b[i];",
          "<p class=\"x\">Hello</p>", "&amp;&nbsp;", "{\"key\": [1, 2, null]}", "\\frac{1}{2}", "a_b_c", "__init__", "--flag=value", "$HOME", "`code`",
          "[CLS]", "[SEP]", "[MASK]", "[PAD]", "[UNK]", "a [MASK] b", "[mask]", "[MASK][MASK]", "x[SEP]y", "[ MASK ]", "[MASK", "##ing", "##", "# #", "#ing",
          "[CLS] the [SEP]", " [MASK] ", "\t[MASK]\n", "é[MASK]é"]
    s += [SHORT, LONG, SHORT.upper(), "Hello, World!", "Hello,World!", "HELLO", "hello...", "wait—what?!", "(a)(b)", "a,b;c:d", "\"'`", "Mr. O'Neill-Smith, Jr.",
          "The quick brown fox jumps over the lazy dog.", "Zażółć gęślą jaźń", "Příliš žluťoučký kůň", "Fix, Schwyz! quäkt Jürgen blöd vom Paß",
          "Ça va? Où êtes-vous né?", "mixed 中文 and English テキスト text", "tabs\tand\nnewlines\r\nand  spaces", "emoji 😀 in the middle of 🧠 text",
          "combining a\u0300 e\u0301 i\u0302 o\u0303 u\u0308", "zero\u200bwidth\u200cjoiner\u200dtest", "right\u202eto\u202cleft"]
    long = " ".join([SHORT, LONG, "Zürich – naïve café; 中文 😀 don't, 3.14!"] * 16)
    s += [long[:10240], ("supercalifragilistic" * 6 + " ") * 20]
    return list(dict.fromkeys(s))


def tokenizer_reference(folder):
    from tokenizers import Tokenizer
    tok = Tokenizer.from_file(str(folder / "tokenizer.json"))
    cases = []
    for text in tokenizer_strings():
        e = tok.encode(text)
        cases.append(dict(text=text, ids=e.ids, tokens=e.tokens))
    return cases


def main():
    here = Path(__file__).resolve().parent
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--build", type=Path, default=here / "build")
    ap.add_argument("--models", type=Path, default=here)
    ap.add_argument("--out", type=Path, default=here.parent / "pkg/model/transformer/testdata")
    ap.add_argument("--only", choices=["text", "vision", "tokenizer"], action="append")
    args = ap.parse_args()
    set_one_thread()
    softmax_in_float64()
    args.out.mkdir(parents=True, exist_ok=True)
    wanted = args.only or ["text", "vision", "tokenizer"]
    if "tokenizer" in wanted:
        cases = tokenizer_reference(args.models / "tiny-text")
        new = args.out / "tokenizer_reference.json.new"
        new.write_text("[\n" + ",\n".join(json.dumps(c, ensure_ascii=True) for c in cases) + "\n]\n", encoding="utf-8")
        os.replace(new, args.out / "tokenizer_reference.json")
        print("tokenizer_reference.json", len(cases), "strings")
    for name in ("text", "vision"):
        if name in wanted:
            arrays = text_reference(args.models / "tiny-text") if name == "text" else vision_reference(args.models / "tiny-vision", args.build)
            new = args.out / f"{name}_reference.npz.new"
            with open(new, "wb") as f:
                np.savez(f, **arrays)
            os.replace(new, args.out / f"{name}_reference.npz")
            print(f"{name}_reference.npz", os.path.getsize(args.out / f"{name}_reference.npz"), "bytes")
            for k, v in arrays.items():
                print("  ", k, v.dtype, v.shape)


if __name__ == "__main__":
    main()
