"""Writes steps_reference.npz: steps of the fit of one head, from a start given, on minibatches given, by PyTorch.

    python steps_reference.py        (torch 2.15, numpy 2.4; seconds)

A head's inputs are random tokens, of unlike numbers; softmax attention is that of their own scores q·k, masked or not. The map's sums take
its place, and the loss is the mean over the queries of a minibatch of KL(softmax || map). Gradients are autograd's, in float64, and the
steps those of torch.optim.Adam with a rate that LambdaLR raises over WARM_UP steps and lets fall as a cosine, as science.md, section 12, has
it. All that a step begins with is rounded to float32, so that a fit in float32 begins with the same. Of each case stand, under its name:

    causal [1], tokens [I], q, k [sum of tokens,d], v [sum of tokens,d_v]      the inputs, one after another
    mean_q, mean_k [d], balance [d,d]                                          q' = A^-T (q - mean), k' = A (k - mean)
    W_q, W_k [m,d+n], b_q, b_k [m], D_q, D_k [n,d], c_q, c_k [n], square_k [d]  what is tuned, at the start
    batches [STEPS,B]                                                          the inputs of each minibatch
    d_W_q, ...                                                                 gradients of the first minibatch's loss
    1_W_q, 5_W_q, 60_W_q, ...                                                  what is tuned after so many steps
    loss [STEPS]                                                               of each minibatch, before its step
"""
import math
import pathlib

import numpy as np
import torch

HERE = pathlib.Path(__file__).parent
STEPS, WARM_UP, RATE, LAST_RATE = 60, 50, 3e-2, 0.02
KEPT = (1, 5, STEPS)
TUNED = ("W_q", "b_q", "D_q", "c_q", "W_k", "b_k", "D_k", "c_k", "square_k")
# A single neuron would have gradients that are 0 but for rounding, which Adam makes steps of: attention does not see it.
# d, d_v, neurons, dendrites, causal, tokens of the inputs, inputs of a minibatch
CASES = {
    "plain": (4, 3, 6, 0, False, (7, 5, 9, 6, 8), 2),
    "causal": (4, 3, 6, 0, True, (7, 5, 9, 6, 8), 2),
    "one-dimension": (1, 1, 2, 0, False, (5, 4, 6), 3),
    "dendrites": (3, 2, 5, 4, False, (6, 8, 7, 5), 3),
    "dendrites-causal": (3, 2, 5, 4, True, (6, 8, 7, 5), 3),
    "head": (16, 4, 60, 0, False, (20, 31, 26, 17, 24, 29, 32, 18), 4),
    "head-dendrites-causal": (16, 4, 40, 8, True, (20, 31, 26, 17, 24, 29, 32, 18), 4),
}


def single(x):
    return x.float().double()


def draw(d, dv, m, n, tokens, g):
    normal = lambda size, *shape: single(size * torch.randn(*shape, generator=g, dtype=torch.float64))
    near = d ** -0.25  # scores of size 1, whatever d
    inputs = {"q": [], "k": [], "v": []}
    for count in tokens:
        k = normal(1, count, d)
        inputs["q"].append(single(near * (0.5 * k + normal(1, count, d) + 0.3)))
        inputs["k"].append(single(near * k))
        inputs["v"].append(normal(1, count, dv))
    fixed = {"mean_q": normal(0.3, d), "mean_k": normal(0.1, d), "balance": single(torch.eye(d) + normal(0.2 / math.sqrt(d), d, d))}
    start = {"square_k": normal(0.1, d) - 0.5}
    for side in "qk":
        start.update({f"W_{side}": normal(near, m, d + n), f"b_{side}": normal(0.5, m), f"D_{side}": normal(d ** -0.5, n, d), f"c_{side}": normal(0.3, n)})
    return inputs, fixed, {name: single(start[name]) for name in TUNED}


def network(p, fixed, q, k, seen):
    """The attention of the map's sums over what each query sees."""
    y = {"q": (q - fixed["mean_q"]) @ torch.linalg.inv(fixed["balance"]), "k": (k - fixed["mean_k"]) @ fixed["balance"].T}
    exponent = {}
    for side, of in y.items():
        x = torch.cat([of, torch.relu(of @ p["D_" + side].T + p["c_" + side])], -1)
        exponent[side] = x @ p["W_" + side].T + p["b_" + side]
    exponent["k"] = exponent["k"] + ((y["k"] ** 2) @ p["square_k"])[:, None]
    sums = exponent["q"].exp() @ exponent["k"].exp().T * seen
    return sums / sums.sum(-1, keepdim=True)


def reference(name, seed, arrays):
    d, dv, m, n, causal, tokens, batch = CASES[name]
    g = torch.Generator().manual_seed(seed)
    inputs, fixed, p = draw(d, dv, m, n, tokens, g)
    batches = torch.stack([torch.randperm(len(tokens), generator=g)[:batch] for _ in range(STEPS)])
    keep = lambda key, x: arrays.__setitem__(f"{name}/{key}", np.array(x))
    keep("causal", np.int64([causal]))
    keep("tokens", np.int64(tokens))
    for key, x in inputs.items():
        keep(key, torch.cat(x).numpy())
    for key, x in {**fixed, **p, "batches": batches}.items():
        keep(key, x.numpy())
    for x in p.values():
        x.requires_grad_()
    adam = torch.optim.Adam(p.values(), lr=RATE, betas=(0.9, 0.99), eps=1e-12)
    rate = torch.optim.lr_scheduler.LambdaLR(adam, lambda step: min(1, (step + 1) / WARM_UP) * (LAST_RATE + (1 - LAST_RATE) * (1 + math.cos(math.pi * step / STEPS)) / 2))
    losses = []
    for step in range(STEPS):
        adam.zero_grad()
        loss, queries = 0, 0
        for i in batches[step].tolist():
            q, k = inputs["q"][i], inputs["k"][i]
            seen = torch.ones(len(q), len(q), dtype=torch.bool)
            seen = seen.tril() if causal else seen
            exact = (q @ k.T).masked_fill(~seen, -torch.inf).softmax(-1)
            mine = network(p, fixed, q, k, seen)
            loss = loss + torch.where(seen, torch.xlogy(exact, exact) - exact * torch.where(seen, mine, 1).log(), 0).sum()
            queries += len(q)
        loss = loss / queries
        losses.append(loss.item())
        loss.backward()
        if step == 0:
            for key, x in p.items():
                keep("d_" + key, x.grad.numpy())
        adam.step()
        rate.step()
        if step + 1 in KEPT:
            for key, x in p.items():
                keep(f"{step + 1}_{key}", x.detach().numpy())
    keep("loss", losses)
    print(f"{name:24} KL {losses[0]:.4f}, before the last step {losses[-1]:.4f}")


def main():
    arrays = {}
    for i, name in enumerate(CASES):
        reference(name, 300 + i, arrays)
    np.savez_compressed(HERE / "steps_reference.npz", **arrays)


main()
