"""Relative output error of kernel attention with drawn features: what is predicted, and what is measured.

Writes output_error.json beside itself. The prediction is summed term by term over all pairs of keys
(docs/science.md, section 3), with none of the rearrangements of OutputVariance; the measured error is the
root mean square over draws of these formulas of the maps. python3 output_error.py [CASE …] prints also a table."""
import json
import pathlib
import sys

import numpy as np

MAPS = ("positive", "hyperbolic", "cosine", "trig")


def covariance(name, q, k):
    """m Cov(K_s, K_s') / (K_s K_s') of the scores of one query q [d] with keys k [N, d]."""
    x = k + q if name in ("positive", "hyperbolic") else q - k
    z = x @ x.T
    if name == "positive":
        return np.exp(z) - 1
    if name == "cosine":
        return np.exp(z) + np.exp(-z) / 2 - 1
    return 2 * (np.cosh(z) - 1)


def attention(q, k, causal):
    s = q @ k.T
    if causal:
        s = np.where(np.tri(len(q), dtype=bool), s, -np.inf)
    a = np.exp(s - s.max(1, keepdims=True))
    return a / a.sum(1, keepdims=True)


def predicted(name, q, k, v, causal, precision=np.longdouble):
    """c: the expected squared relative error is c/m. In long double: v - f cancels where attention is on one token."""
    q, k, v = (x.astype(precision) for x in (q, k, v))
    a = attention(q, k, causal)
    f = a @ v
    total = 0.0
    for t in range(len(q)):
        seen = t + 1 if causal else len(q)
        u = a[t, :seen, None] * (v[:seen] - f[t])
        total += np.sum(u * (covariance(name, q[t], k[:seen]) @ u))
    return float(total / np.sum(f**2))


def estimates(name, q, k, m, rng):
    """φ(q)·φ(k) [N, N] with m neurons, a block of rows at a time."""
    half = lambda x: (x**2).sum(1, keepdims=True) / 2
    total, left = 0.0, m
    while left > 0:
        block = min(left, 20_000)
        left -= block
        if name in ("hyperbolic", "trig"):
            w = rng.standard_normal((block // 2, q.shape[1]))
            if name == "hyperbolic":
                phi = lambda x: np.hstack([np.exp(x @ w.T - half(x)), np.exp(-x @ w.T - half(x))])
            else:
                phi = lambda x: np.sqrt(2) * np.exp(half(x)) * np.hstack([np.cos(x @ w.T), np.sin(x @ w.T)])
        else:
            w, b = rng.standard_normal((block, q.shape[1])), rng.uniform(0, 2 * np.pi, block)
            if name == "positive":
                phi = lambda x: np.exp(x @ w.T - half(x))
            else:
                phi = lambda x: np.sqrt(2) * np.exp(half(x)) * np.cos(x @ w.T + b)
        total = total + phi(q) @ phi(k).T / m
    return total


def measured(name, q, k, v, causal, m, draws, rng):
    """Relative output errors of so many draws."""
    f = attention(q, k, causal) @ v
    errors = []
    for _ in range(draws):
        weights = estimates(name, q, k, m, rng)
        if causal:
            weights = np.tril(weights)
        answer = weights @ v / weights.sum(1, keepdims=True)
        errors.append(np.linalg.norm(answer - f) / np.linalg.norm(f))
    return np.array(errors)


# Heads: lengths of queries and keys, whether they are causal, seeds.
CASES = {"short": (0.7, False, 1), "causal": (0.9, True, 2), "ordinary": (1.2, False, 3), "long": (2.0, False, 4), "sharp": (8.0, False, 5)}
DRAWS = 200


def main():
    tokens, dim, values = 12, 6, 5
    out = {}
    for case, (length, causal, seed) in CASES.items():
        rng = np.random.default_rng(seed)
        q, k = (length / np.sqrt(dim) * rng.standard_normal((tokens, dim)) for _ in range(2))
        v = rng.standard_normal((tokens, values)) + 0.5
        a = attention(q, k, causal)
        row = {"tokens": tokens, "dim": dim, "values": values, "causal": causal, "q": q.ravel().tolist(), "k": k.ravel().tolist(), "v": v.ravel().tolist(), "maps": {}}
        for name in MAPS:
            c = predicted(name, q, k, v, causal)
            row["maps"][name] = {"c": c, "measured": []}
            for aim in (0.15, 0.05):
                m = 2 * int(np.ceil(c / aim**2 / 2))
                if m > 40_000:
                    continue
                errors = measured(name, q, k, v, causal, m, DRAWS, rng)
                rms = float(np.sqrt(np.mean(errors**2)))
                row["maps"][name]["measured"].append({"neurons": m, "rms": rms})
                print(f"{case:9s} {name:11s} m = {m:6d}: predicted {np.sqrt(c / m):.4f}, measured {rms:.4f}, median {np.median(errors):.4f}", file=sys.stderr)
        out[case] = row
        assert np.isfinite(a).all()
    path = pathlib.Path(__file__).with_name("output_error.json")
    path.write_text(json.dumps(out) + "\n")


if __name__ == "__main__":
    main()
