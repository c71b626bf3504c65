"""PyTorch's fit of one head's hidden layer, timed on request: science.md, section 12, with gradients written out, Adam fused, all in float32.

    fit_torch.py THREADS STEPS BATCH NEURONS TEXTS TOKENS DIM FOLDER

Reads FOLDER/tokens: of each text q' [TOKENS,DIM], k' and v, in float32, one text after another, which it holds in memory with their softmax
attention, as one would in Python; and FOLDER/start: W_q [NEURONS,DIM], b_q, W_k, b_k and u. The last HELD_OUT texts are held out. Prints a
line with PyTorch's version, then answers each line that it reads by a fit from that start: the seconds of its steps, those of the attention
of all texts, which they take ready, the relative error of the held-out outputs, and the peak of memory in GiB. bench/fit starts it.
"""
import math
import pathlib
import resource
import sys
import time

import numpy as np
import torch

RATE, LAST_RATE, WARM_UP, HELD_OUT = 3e-2, 0.02, 50, 64


def features(p, q, k):
    """phi_q [B,N,m], each query's largest 1; phi_k, each text's largest 1; and k'^2."""
    texts, tokens, d = q.shape
    phi_q = torch.addmm(p["b_q"], q.reshape(-1, d), p["W_q"].T)
    phi_q -= phi_q.amax(1, keepdim=True)
    squares = (k * k).reshape(-1, d)
    phi_k = torch.addmm(p["b_k"], k.reshape(-1, d), p["W_k"].T)
    phi_k += (squares @ p["u"])[:, None]
    phi_k = phi_k.view(texts, -1)
    phi_k -= phi_k.amax(1, keepdim=True)
    return phi_q.exp_().view(texts, tokens, -1), phi_k.exp_().view(texts, tokens, -1), squares


def gradient(p, q, k, attention):
    """Of the mean over queries of KL(softmax || network): G = (P^ - P)/K, and through the exponents."""
    texts, tokens, d = q.shape
    phi_q, phi_k, squares = features(p, q, k)
    sums = phi_q @ phi_k.transpose(1, 2)
    sums += 1e-30
    g = sums / sums.sum(-1, keepdim=True)
    g -= attention
    g /= sums
    g /= texts * tokens
    g.nan_to_num_(0, 0, 0)
    by_q, by_k = g @ phi_k, g.transpose(1, 2) @ phi_q
    by_q = by_q.mul_(phi_q).view(texts * tokens, -1)
    by_k = by_k.mul_(phi_k).view(texts * tokens, -1)
    torch.mm(by_q.T, q.reshape(-1, d), out=p["W_q"].grad)
    torch.sum(by_q, 0, out=p["b_q"].grad)
    torch.mm(by_k.T, k.reshape(-1, d), out=p["W_k"].grad)
    torch.sum(by_k, 0, out=p["b_k"].grad)
    torch.mv(squares.T, by_k.sum(1), out=p["u"].grad)


def fit(start, q, k, attention, steps, batch):
    """Returns the parameters and the seconds of the steps."""
    p = {name: torch.nn.Parameter(x.clone(), requires_grad=False) for name, x in start.items()}
    for x in p.values():
        x.grad = torch.zeros_like(x)
    adam = torch.optim.Adam(p.values(), lr=RATE, betas=(0.9, 0.99), eps=1e-12, fused=True)
    order, texts = torch.Generator().manual_seed(0), len(q) - HELD_OUT
    begin, left = time.perf_counter(), torch.empty(0, dtype=torch.long)
    for step in range(steps):
        if len(left) < batch:
            left = torch.randperm(texts, generator=order)
        which, left = left[:batch], left[batch:]
        gradient(p, q[which], k[which], attention[which])
        adam.param_groups[0]["lr"] = RATE * min(1, (step + 1) / WARM_UP) * (LAST_RATE + (1 - LAST_RATE) * (1 + math.cos(math.pi * step / steps)) / 2)
        adam.step()
    return p, time.perf_counter() - begin


def error(p, q, k, v, attention):
    phi_q, phi_k, _ = features(p, q, k)
    sums = phi_q @ phi_k.transpose(1, 2)
    out = attention @ v
    return (((sums / sums.sum(-1, keepdim=True)) @ v - out).norm() / out.norm()).item()


def main():
    threads, steps, batch, m, texts, tokens, d = map(int, sys.argv[1:8])
    folder = pathlib.Path(sys.argv[8])
    torch.set_num_threads(threads)
    of = torch.from_numpy(np.fromfile(folder / "tokens", np.float32)).view(texts, 3, tokens, d)
    q, k, v = (of[:, i].contiguous() for i in range(3))
    del of
    numbers = torch.from_numpy(np.fromfile(folder / "start", np.float32)).split([m * d, m, m * d, m, d, d])
    start = {"W_q": numbers[0].view(m, d), "b_q": numbers[1], "W_k": numbers[2].view(m, d), "b_k": numbers[3], "u": numbers[4]}
    shift = numbers[5]  # the gain of each key, exp(shift·k')
    print("PyTorch", torch.__version__, flush=True)
    with torch.inference_mode():
        for _ in sys.stdin:
            begin = time.perf_counter()
            attention = torch.cat([torch.softmax(a @ b.transpose(1, 2) + (b @ shift)[:, None], -1) for a, b in zip(q.split(16), k.split(16))])
            ready = time.perf_counter() - begin
            p, seconds = fit(start, q, k, attention, steps, batch)
            e = error(p, q[-HELD_OUT:], k[-HELD_OUT:], v[-HELD_OUT:], attention[-HELD_OUT:])
            del attention
            print(seconds, ready, e, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, flush=True)


main()
