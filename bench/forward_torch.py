"""PyTorch's forward pass of a ViT-B and a BERT-base, eager attention in float32, timed on request.

    forward_torch.py THREADS FOLDER

Writes both models, freshly initialised, into FOLDER/vit and FOLDER/bert as save_pretrained does, with what nasim needs beside them, and
input.npz: the pixels and the ids that are given, and the last hidden states that come out. Prints a line with the versions, then answers
each line that it reads, "vit" or "bert", with the seconds of a pass (median over a second). bench/forward starts it.
"""
import json
import pathlib
import statistics
import sys
import time

import numpy as np
import torch
import transformers

threads, folder = int(sys.argv[1]), pathlib.Path(sys.argv[2])
torch.set_num_threads(threads)
torch.manual_seed(0)

vit = transformers.ViTModel(transformers.ViTConfig(attn_implementation="eager"), add_pooling_layer=False).eval()
bert = transformers.BertModel(transformers.BertConfig(attn_implementation="eager"), add_pooling_layer=False).eval()
vit.save_pretrained(folder / "vit")
bert.save_pretrained(folder / "bert")
half = [0.5] * 3
(folder / "vit" / "preprocessor_config.json").write_text(json.dumps(
    {"image_processor_type": "ViTImageProcessor", "size": {"height": 224, "width": 224}, "image_mean": half, "image_std": half}))
vocab = {"[UNK]": 0} | {f"w{i}": i for i in range(1, 30522)}
(folder / "bert" / "tokenizer.json").write_text(json.dumps(
    {"version": "1.0", "added_tokens": [], "pre_tokenizer": {"type": "WhitespaceSplit"}, "model": {"type": "WordLevel", "vocab": vocab, "unk_token": "[UNK]"}}))
pixels, ids = torch.randn(1, 3, 224, 224), torch.randint(1, 30522, (1, 512))
passes = {"vit": lambda: vit(pixels).last_hidden_state, "bert": lambda: bert(ids).last_hidden_state}


def median_seconds(compute):
    each, end = [], time.perf_counter() + 1
    compute()
    while len(each) < 3 or time.perf_counter() < end:
        start = time.perf_counter()
        compute()
        each.append(time.perf_counter() - start)
    return statistics.median(each)


with torch.inference_mode():
    np.savez(folder / "input.npz", pixels=pixels[0].numpy(), ids=ids[0].numpy(), **{name: run()[0].numpy() for name, run in passes.items()})
    print("PyTorch", torch.__version__, "transformers", transformers.__version__, flush=True)
    for line in sys.stdin:
        print(median_seconds(passes[line.strip()]), flush=True)
