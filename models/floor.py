#!/usr/bin/env python3
"""How small the error of each head of a map file could be with as many neurons: floor.py MAP.npz --texts FOLDER --nasim NASIM --out FLOORS.json

Of --tokens tokens of the first texts of the folder, E[t, s] = exp(q_t·k_s)/Z_t over all pairs, those of unlike texts too (Z_t is the sum over t's own
text), and of E the nearest matrix of rank m, the number of neurons. Its rows within a text, divided by their sums, weigh the values; the error is that
of the outputs, relative to softmax attention's. Signed, made of the very tokens that it is judged by, and nearest in E, not in the outputs: what a
layer of m neurons cannot be much better than, not what a positive one reaches. FLOORS.json holds {neurons: {layer:head: floor}}; what it has is kept.
"""
import argparse
import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np


def truncated(e, rank, rng):
    """The nearest matrix of a rank, by subspace iteration with half as many directions again."""
    y = e @ rng.standard_normal((len(e), rank * 3 // 2)).astype(e.dtype)
    for _ in range(3):
        y = e @ (e.T @ np.linalg.qr(y)[0])
    q = np.linalg.qr(y)[0]
    b = q.T @ e
    values, vectors = np.linalg.eigh((b @ b.T).astype(float))  # of the small side: the leading left directions, in ascending order
    lead = q @ vectors[:, -rank:].astype(e.dtype)
    return lead @ (lead.T @ e)


def floor(texts, rank, rng):
    """Of a head: texts are its (q, k, v) of each text."""
    q, k = (np.concatenate([t[i] for t in texts]).astype(np.float32) for i in (0, 1))
    scores = q @ k.T
    at, own, blocks = 0, np.empty(len(q), np.float32), []
    for x, _, _ in texts:
        block = slice(at, at + len(x))
        s = scores[block, block]
        top = s.max(1)
        own[block] = top + np.log(np.exp(s - top[:, None]).sum(1))
        blocks.append(block)
        at += len(x)
    e = np.exp(np.minimum(scores - own[:, None], 30))
    low = truncated(e, rank, rng)
    off = size = 0.0
    for block, (_, _, v) in zip(blocks, texts):
        exact, near = e[block, block].astype(float) @ v, low[block, block].astype(float)
        off += (((near / near.sum(1, keepdims=True)) @ v - exact) ** 2).sum()
        size += (exact**2).sum()
    return np.sqrt(off / size)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("maps")
    parser.add_argument("--texts", type=Path, required=True)
    parser.add_argument("--nasim", required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--model", default="tiny-text")
    parser.add_argument("--tokens", type=int, default=8192)
    args = parser.parse_args()

    maps = np.load(args.maps)
    found = json.loads(args.out.read_text()) if args.out.exists() else {}
    wanted = [(m, layer, head) for layer, head, m in zip(maps["layer"].tolist(), maps["head"].tolist(), maps["neurons"].tolist()) if f"{layer}:{head}" not in found.get(str(m), {})]
    lines = [line for file in sorted(args.texts.glob("*.txt")) for line in file.read_text(encoding="utf-8").splitlines()]
    texts, count = [], 0
    with tempfile.TemporaryDirectory() as folder:
        for i in range(0, len(lines), 20):
            runs = [f"nasim: 1\ninput: {{text: {{file: {folder}/{j}.txt}}}}\ntransformer: {{model: {args.model}, layers: all, heads: all}}\n"
                    "solver: {method: none}\nnetwork: {features: {neurons: 2}}\nrecord: {remedy: none, attention: false, model: false}\n" for j in range(i, min(i + 20, len(lines)))]
            for j in range(i, min(i + 20, len(lines))):
                Path(folder, f"{j}.txt").write_text(lines[j], encoding="utf-8")
            made = subprocess.run([args.nasim, "run", "-", "--no-figures", "--quiet"], input="---\n".join(runs), capture_output=True, text=True, check=True, cwd=folder)
            for path in made.stdout.split():
                a = np.load(Path(folder, path) / "outputs.npz")
                if count < args.tokens:
                    kept = {(int(l), int(h)): (a["q"][n], a["k"][n], a["v"][n]) for n, (l, h) in enumerate(zip(a["layer"], a["head"]))}
                    texts.append(kept)
                    count += a["q"].shape[1]
            if count >= args.tokens:
                break
    print(f"{count} tokens of {len(texts)} texts")
    for m, layer, head in wanted:
        x = floor([t[layer, head] for t in texts], m, np.random.default_rng(16))
        found.setdefault(str(m), {})[f"{layer}:{head}"] = round(float(x), 4)
        args.out.write_text(json.dumps(found, indent=1) + "\n")
        print(f"{layer}:{head}  {m} neurons  floor {x:.4f}", flush=True)


if __name__ == "__main__":
    main()
