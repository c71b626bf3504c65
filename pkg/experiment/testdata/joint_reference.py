"""Writes joint_reference.npz: gradients of whole models' answers by maps in the place of all their heads, and steps of Adam, by PyTorch.

    python joint_reference.py        (transformers 5.23, torch 2.15, numpy 2.4; seconds)

The models are tiny checkpoints of package family (../../model/transformer/family/testdata/reference), read in float64, with the
input that is stored beside each. All heads are replaced by the network's sums with maps of random numbers; the loss is
KL(model's own answer || answer with the maps), the mean over all rows of the logits; gradients are autograd's, and the steps those of
torch.optim.Adam. Of each model stand, under its name:

    mean_q, mean_k [S,d], balance [S,d,d]                                  what the maps keep, heads in the order of layer and head
    W_q, W_k [S,m,d+n], b_q, b_k [S,m], D_q, D_k [S,n,d], c_q, c_k [S,n], square_k [S,d]      what is tuned
    d_W_q, ...      gradients of the loss by them
    a_W_q, ...      the same after STEPS steps on this one input, at rates that rise and fall to at most RATE, as science.md, section 12, has it
    loss, last      before the first step, and after the last
"""
import math
import pathlib

import numpy as np
import torch
import transformers
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

HERE = pathlib.Path(__file__).parent
CHECKPOINTS = HERE / "../../model/transformer/family/testdata/reference"
NEURONS, DENDRITES, STEPS, RATE = 5, 3, 3, 0.5
MODELS = ("bert-maskedlm", "albert-groups", "distilbert-sequenceclassification", "roberta-tokenclassification", "gpt2-lmhead", "gpt2-inverse-scale",
          "vit-imageclassification", "deit-withteacher", "dinov2-imageclassification")
TUNED = ("W_q", "b_q", "D_q", "c_q", "W_k", "b_k", "D_k", "c_k", "square_k")

maps, calls = None, 0  # None: softmax


def attention(module, query, key, value, attention_mask=None, scaling=None, **_):
    """All heads of a layer: [1,H,N,d] each; returns [1,N,H,d]."""
    global calls
    layer, calls = calls, calls + 1
    if scaling is None:
        scaling = query.shape[-1] ** -0.5
    q, k, n = query[0] * scaling ** 0.5, key[0] * scaling ** 0.5, query.shape[2]
    seen = torch.ones(n, n, dtype=torch.bool)
    if getattr(module, "is_causal", False):
        seen = seen.tril()
    if maps is None:
        weights = (q @ k.transpose(1, 2)).masked_fill(~seen, -torch.inf).softmax(-1)
    else:
        at = slice(layer * len(q), (layer + 1) * len(q))
        p = {name: x[at] for name, x in maps.items()}
        y = {"q": (q - p["mean_q"][:, None]) @ torch.linalg.inv(p["balance"]), "k": (k - p["mean_k"][:, None]) @ p["balance"].transpose(1, 2)}
        phi = {}
        for side, of in y.items():
            dendrites = torch.relu(of @ p["D_" + side].transpose(1, 2) + p["c_" + side][:, None])
            phi[side] = torch.cat([of, dendrites], -1) @ p["W_" + side].transpose(1, 2) + p["b_" + side][:, None]
        phi["k"] = phi["k"] + (y["k"] ** 2 * p["square_k"][:, None]).sum(-1, keepdim=True)
        sums = torch.exp(phi["q"]) @ torch.exp(phi["k"]).transpose(1, 2) * seen
        weights = sums / sums.sum(-1, keepdim=True)
    return (weights @ value[0]).transpose(0, 1)[None], weights[None]


def draw(heads, d, seed):
    g = torch.Generator().manual_seed(seed)
    normal = lambda size, *shape: size * torch.randn(heads, *shape, generator=g, dtype=torch.float64)
    inputs = d + DENDRITES
    drawn = {"mean_q": normal(0.3, d), "mean_k": normal(0.3, d), "balance": torch.eye(d, dtype=torch.float64) + normal(0.2, d, d), "square_k": normal(0.1, d) - 0.1}
    for side in "qk":
        drawn.update({"W_" + side: normal(0.4, NEURONS, inputs), "b_" + side: normal(0.3, NEURONS), "D_" + side: normal(0.5, DENDRITES, d), "c_" + side: normal(0.3, DENDRITES)})
    return drawn


def reference(name, seed, arrays):
    global maps, calls
    config = transformers.AutoConfig.from_pretrained(CHECKPOINTS / name)
    cls = getattr(transformers, config.architectures[0])
    model = cls.from_pretrained(CHECKPOINTS / name, dtype=torch.float64, attn_implementation="maps").eval().requires_grad_(False)
    stored = np.load(CHECKPOINTS / name / "reference.npz")
    inputs = {k: torch.tensor(stored[k])[None] for k in ("input_ids", "token_type_ids", "pixel_values") if k in stored}

    def logits():
        global calls
        calls = 0
        out = model(**inputs).logits
        return out.reshape(-1, out.shape[-1])

    maps = None
    theirs = logits().log_softmax(-1)
    assert torch.allclose(logits(), torch.tensor(stored["logits"]), rtol=0, atol=2e-6), name  # some families round to float32 on their way
    heads = calls * stored["q"].shape[1]
    drawn = draw(heads, stored["q"].shape[-1], seed)
    for key, x in drawn.items():
        arrays[f"{name}/{key}"] = x.numpy().copy()
    tuned = [drawn[key].requires_grad_() for key in TUNED]
    adam = torch.optim.Adam(tuned, lr=RATE, betas=(0.9, 0.99), eps=1e-12)
    maps = drawn

    def loss():
        return (theirs.exp() * (theirs - logits().log_softmax(-1))).sum(-1).mean()

    for step in range(STEPS):
        adam.zero_grad()
        kl = loss()
        kl.backward()
        if step == 0:
            arrays[f"{name}/loss"] = np.array([kl.item()])
            for key, x in zip(TUNED, tuned):
                arrays[f"{name}/d_{key}"] = x.grad.numpy().copy()
        adam.param_groups[0]["lr"] = RATE * min(1, (step + 1) / 50) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * step / STEPS)))
        adam.step()
    for key, x in zip(TUNED, tuned):
        arrays[f"{name}/a_{key}"] = x.detach().numpy().copy()
    arrays[f"{name}/last"] = np.array([loss().item()])
    print(f"{name:40} {heads} heads, KL {arrays[name + '/loss'][0]:.4f}, after {STEPS} steps {arrays[name + '/last'][0]:.4f}")


def main():
    ALL_ATTENTION_FUNCTIONS["maps"] = attention
    arrays = {}
    for i, name in enumerate(MODELS):
        reference(name, 200 + i, arrays)
    np.savez_compressed(HERE / "joint_reference.npz", **arrays)


main()
