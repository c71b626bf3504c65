#!/usr/bin/env python3
"""Loads what `nasim export` writes into the programs it is for.

    docs/check_export.py            some seconds, and leaves nothing behind

Runs a text, a masked text and a picture, writes their attention in every format, gives it
to BertViz (head_view, model_view) and CircuitsVis (attention_heads, attention_patterns) in
the way that `nasim export --help` says, and finds in the pages that these make the numbers
and tokens of the run's own arrays, to the last digit.

NASIM names the program (default: nasim). Needs, from PyPI: numpy, torch, bertviz, ipython,
circuitsvis.
"""

import json
import os
import subprocess
import sys
import tempfile

import bertviz
import circuitsvis
import numpy as np
import torch

NASIM = os.environ.get("NASIM", "nasim")
CONFIGS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "configs")

RUNS = {
    "text": ["text.yaml", "transformer.layers=[0, 3]", "transformer.heads=all"],
    "causal": ["causal.yaml", "transformer.heads=[1, 2]"],
    "image": ["image.yaml", "transformer.layers=all", "transformer.heads=all"],
    "static": ["image.yaml", "transformer.heads=[0]", "solver={method: none}"],
}


def nasim(*args):
    return subprocess.run([NASIM, *args], check=True, stdout=subprocess.PIPE).stdout


def embedded(page, before):
    """The JSON that stands behind the last of these words in a page."""
    at = page.rindex(before) + len(before)
    return json.JSONDecoder().raw_decode(page[at:].lstrip())[0]


def same(what, got, want):
    got = np.asarray(got, dtype=np.float64)
    if got.shape != want.shape or not np.array_equal(got, want):
        sys.exit(f"{what}: shape {got.shape}, want {want.shape}; or another number")


def check_tokens(what, got, want):
    if list(got) != list(want):
        sys.exit(f"{what}: the tokens are {got}")


def check_bertviz(what, x, arrays):
    layers = list(dict.fromkeys(arrays["layer"].tolist()))
    assert x["layers"] == layers and sum(x["heads"], []) == arrays["head"].tolist(), what
    for rung, per_layer in x["attention"].items():
        attention = [torch.tensor(a, dtype=torch.float64) for a in per_layer]
        want = np.stack([arrays["attention_" + rung][arrays["layer"] == l] for l in layers])
        for view in (bertviz.head_view, bertviz.model_view):
            page = view(attention, x["tokens"], prettify_tokens=False, html_action="return").data
            shown = embedded(page, "const params = ")["attention"][0]
            same(f"{what}, {rung}, {view.__name__}", shown["attn"], want)
            check_tokens(what, shown["left_text"], x["tokens"])


def check_circuitsvis(what, x, arrays):
    for rung, attention in x["attention"].items():
        want = arrays["attention_" + rung]
        page = circuitsvis.attention.attention_heads(
            attention=torch.tensor(attention, dtype=torch.float64), tokens=x["tokens"],
            attention_head_names=x["attention_head_names"], mask_upper_tri=x["mask_upper_tri"]).show_code()
        shown = embedded(page, "AttentionHeads,")
        same(f"{what}, {rung}, attention_heads", shown["attention"], want)
        check_tokens(what, shown["tokens"], x["tokens"])
        assert shown["attentionHeadNames"] == [f"{l}:{h}" for l, h in zip(arrays["layer"], arrays["head"])], what
        page = circuitsvis.attention.attention_patterns(tokens=x["tokens"], attention=attention).show_code()
        same(f"{what}, {rung}, attention_patterns", embedded(page, "AttentionPatterns,")["attention"], want)


def check_json(what, x, arrays):
    assert x["heads"] == [list(p) for p in zip(arrays["layer"].tolist(), arrays["head"].tolist())], what
    for rung, attention in x["attention"].items():
        same(f"{what}, {rung}", attention, arrays["attention_" + rung])


def check_notes(what, x, arrays):
    """What is no probability is said to be none."""
    for rung in x["attention"]:
        a = arrays["attention_" + rung]
        said = [note for note in x["notes"] if note.startswith(rung + ":")]
        off = np.abs(a.sum(axis=2) - 1).max() > 1e-9
        assert any("below 0" in note for note in said) == bool((a < 0).any()), (what, rung, said)
        assert any("not to 1" in note for note in said) == bool(off), (what, rung, said)


def tokens_of(run):
    path = os.path.join(run, "inputs", "tokens.json")
    if os.path.exists(path):
        return json.load(open(path))["strings"]
    grid = json.load(open(os.path.join(run, "inputs", "patches.json")))
    return grid["front"] + [f"({r}, {c})" for r in range(grid["rows"]) for c in range(grid["columns"])]


def main():
    checks = {"json": check_json, "bertviz": check_bertviz, "circuitsvis": check_circuitsvis}
    pages = 0
    with tempfile.TemporaryDirectory() as dir:
        for name, (config, *sets) in RUNS.items():
            run = os.path.join(dir, name)
            options = sum((["--set", s] for s in ["record.remedy=none", *sets]), [])
            nasim("run", os.path.join(CONFIGS, config), "--out", run, "--no-figures", "--quiet", *options)
            arrays = dict(np.load(os.path.join(run, "outputs.npz")))
            rungs = [k.removeprefix("attention_") for k in arrays if k.startswith("attention_")]
            for format, check in checks.items():
                for rung in rungs:
                    file = os.path.join(dir, "attention.json")
                    nasim("export", run, "--format", format, "--rung", rung, "-o", file, "--quiet")
                    text = open(file, "rb").read()
                    assert text == nasim("export", run, "--format", format, "--rung", rung, "--quiet"), "file and standard output differ"
                    x = json.loads(text)
                    what = f"{name}, {format}"
                    assert list(x["attention"]) == list(dict.fromkeys(["softmax", rung])), what
                    check_tokens(what, x["tokens"], tokens_of(run))
                    check(what, x, arrays)
                    check_notes(what, x, arrays)
                    pages += 1
    print(f"{pages} exports of {len(RUNS)} runs: BertViz and CircuitsVis have the runs' numbers")


main()
