#!/usr/bin/env python3
"""What freshly initialised queries and keys look like (docs/science.md, section 9).

Without arguments: s = mean |q+k|² over pairs of tokens of a head of ViT-base's size, of N = 197 Gaussian tokens behind a layer norm, over 64
draws of the maps, as transformers initialises them and as torch.nn.Linear does. With RUN…, run directories of tiny-vision that differ in
nothing but the picture, of one head of layer 0 with transformer.projections: random: recovers the drawn maps by least squares from the hidden
states that transformers computes, and says how far the queries and keys are from them, and how the weights are spread.
Usage:
    python3 fresh_projections.py                (needs numpy)
    python3 fresh_projections.py RUN…           (needs torch and transformers, too)
"""
import json
import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
MODEL = HERE.parents[3] / "models" / "tiny-vision"


def layer_norm(x, eps=0.0):
    return (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + eps)


def pairs(q, k):
    """mean |q_t + k_s|² over all t and s."""
    return (q ** 2).sum(1).mean() + (k ** 2).sum(1).mean() + 2 * q.mean(0) @ k.mean(0)


def vit_base(width=768, size=64, tokens=197, draws=64):
    for initialised in ("normal, 0.02", "torch.nn.Linear"):
        for correlation in (0.0, 0.5, 0.9):
            found = []
            for seed in range(draws):
                rng = np.random.default_rng(seed)
                x = layer_norm(np.sqrt(correlation) * rng.normal(size=(1, width)) + np.sqrt(1 - correlation) * rng.normal(size=(tokens, width)))
                if initialised.startswith("normal"):
                    weight, bias = rng.normal(0, 0.02, (2, size, width)), np.zeros((2, size))
                else:
                    weight, bias = rng.uniform(-1, 1, (2, size, width)) / width ** 0.5, rng.uniform(-1, 1, (2, size)) / width ** 0.5
                q, k = ((x @ weight[i].T + bias[i]) / size ** 0.25 for i in (0, 1))
                found.append(pairs(q, k))
            print(f"{initialised}: tokens' correlation {correlation}: s = {np.mean(found):.2f} ± {np.std(found):.2f}, {min(found):.2f} to {max(found):.2f}")
    print(f"2 D σ² √d = {2 * width * 0.02 ** 2 * size ** 0.5:.4f}, 2 √d (1/3 + 1/3D) = {2 * size ** 0.5 * (1 + 1 / width) / 3:.4f}")


def recovered(runs):
    import torch
    from PIL import Image
    from transformers import ViTForImageClassification
    model = ViTForImageClassification.from_pretrained(MODEL).double().eval()
    as_read = json.loads((MODEL / "preprocessor_config.json").read_text())
    seen, maps = [], {"q": [], "k": [], "v": []}
    for run in map(Path, runs):
        arrays = np.load(run / "outputs.npz")
        assert arrays["layer"].tolist() == [0]
        seen_picture = np.asarray(Image.open(run / "inputs" / "model.png").convert("L"), float)
        pixels = torch.tensor((seen_picture / 255 - as_read["image_mean"][0]) / as_read["image_std"][0])[None, None]
        with torch.no_grad():
            hidden = model.vit.embeddings(pixels)[0].numpy()
        seen.append(layer_norm(hidden, model.config.layer_norm_eps))
        for name in maps:
            maps[name].append(arrays[name][0] * (arrays[name].shape[-1] ** 0.25 if name != "v" else 1))
    x = np.concatenate(seen)
    for name, rows in maps.items():
        y = np.concatenate(rows)
        weight, _, rank, _ = np.linalg.lstsq(x, y, rcond=1e-9)
        print(f"{name}: {len(x)} tokens, rank {rank} of {x.shape[1]}; off a linear map by {np.abs(x @ weight - y).max() / np.abs(y).max():.1e}; "
              f"weights {weight.mean():+.1e} ± {weight.std():.4f}")


if __name__ == "__main__":
    recovered(sys.argv[1:]) if sys.argv[1:] else vit_base()
