#!/usr/bin/env python3
"""Write small random models as Hugging Face transformers saves them, and what they compute in float64.

albert/ (stored as bfloat16) and vit/ (as float16): config.json, model.safetensors, tokenizer.json or preprocessor_config.json,
reference.json (input, hidden states, queries, keys, values, attention, logits). Usage:
    python3 huggingface_reference.py        (needs torch, transformers, tokenizers, pillow)
"""
import json
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import AlbertConfig, AlbertForMaskedLM, ViTConfig, ViTForImageClassification
from transformers.models.vit.image_processing_pil_vit import ViTImageProcessorPil

HERE = Path(__file__).resolve().parent
TEXT = "The synapse [MASK] near Żółć: 3 naïve cells, don't they?"


def randomise(model, dtype, seed):
    """Unlike the library's start values: nothing is 0 or 1, so that a forgotten bias or scale shows."""
    g = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, p in model.named_parameters():
            spread = torch.randn(p.shape, generator=g) * 0.4
            p.copy_(1 + spread if "norm" in name.lower() and name.endswith("weight") else spread)
    return model.to(dtype).eval()


def record(model, projections, **inputs):
    """Run in float64; queries, keys and values by hooks on the linear maps, in order of execution."""
    plain = torch.nn.functional.softmax
    torch.nn.functional.softmax = lambda x, dim=None, **_: plain(x, dim=dim)  # some eager attentions ask for float32 here
    model = model.to(torch.float64)
    model.set_attn_implementation("eager")
    found = {"q": [], "k": [], "v": []}
    hooks = [layer.register_forward_hook(lambda _m, _i, out, n=n: found[n].append(out[0].tolist()))
             for n, layers in projections(model).items() for layer in layers]
    with torch.no_grad():
        out = model(**inputs, output_attentions=True, output_hidden_states=True)
    for h in hooks:
        h.remove()
    return dict(found, hidden=[h[0].tolist() for h in out.hidden_states], attention=[a[0].tolist() for a in out.attentions],
                logits=out.logits[0].tolist())


def tokenizer(folder):
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "The", "syn", "##apse", "near", "na", "##ive", "cell", "##s", "don", "t", "they",
             ":", ",", "'", "?", "3", "Z", "##olc", "##ï", "##ve"]
    tok = Tokenizer(models.WordPiece({w: i for i, w in enumerate(words)}, unk_token="[UNK]"))
    tok.normalizer = normalizers.BertNormalizer(lowercase=False, strip_accents=None)
    tok.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tok.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    tok.add_special_tokens(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"])
    tok.save(str(folder / "tokenizer.json"))
    return tok


def albert():
    folder = HERE / "albert"
    model = AlbertForMaskedLM(AlbertConfig(vocab_size=25, embedding_size=6, hidden_size=12, num_hidden_layers=3, num_attention_heads=3,
                                           intermediate_size=20, max_position_embeddings=32, hidden_act="gelu_new"))
    model = randomise(model, torch.bfloat16, 1)
    model.save_pretrained(folder)
    encoded = tokenizer(folder).encode(TEXT)

    def projections(m):
        a = m.albert.encoder.albert_layer_groups[0].albert_layers[0].attention
        return {"q": [a.query], "k": [a.key], "v": [a.value]}

    reference = record(model, projections, input_ids=torch.tensor([encoded.ids]))
    reference.update(text=TEXT, ids=encoded.ids, tokens=encoded.tokens)
    (folder / "reference.json").write_text(json.dumps(reference) + "\n")


def vit():
    folder = HERE / "vit"
    model = ViTForImageClassification(ViTConfig(hidden_size=12, num_hidden_layers=2, num_attention_heads=2, intermediate_size=20,
                                                image_size=[12, 20], patch_size=4, num_channels=3, num_labels=5, hidden_act="gelu"))
    model = randomise(model, torch.float16, 2)
    model.save_pretrained(folder)
    processor = ViTImageProcessorPil(size={"height": 12, "width": 20}, resample=3, image_mean=[0.5, 0.4, 0.3], image_std=[0.2, 0.3, 0.4])
    processor.save_pretrained(folder)
    pixels = processor(Image.open(HERE.parent / "picture" / "testdata" / "photograph.png"), return_tensors="np")["pixel_values"]

    def projections(m):
        names = {n: l for n, l in m.named_modules()}
        pick = lambda *ends: [l for n, l in names.items() if n.endswith(ends)]
        return {"q": pick(".query", ".q_proj"), "k": pick(".key", ".k_proj"), "v": pick(".value", ".v_proj")}

    reference = record(model, projections, pixel_values=torch.tensor(pixels, dtype=torch.float64))
    reference.update(pixels=np.asarray(pixels[0], dtype=np.float64).ravel().tolist())
    (folder / "reference.json").write_text(json.dumps(reference) + "\n")


if __name__ == "__main__":
    torch.set_num_threads(1)
    albert()
    vit()
