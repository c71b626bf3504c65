"""Relative output error of kernel attention with drawn features: what is predicted, and what is measured.

Writes output_error.json beside itself. The prediction is summed term by term over all pairs of keys
(docs/science.md, section 3), with none of the rearrangements of OutputVariance; the measured error is the
root mean square over draws of these formulas of the maps. python3 output_error.py [CASE …] prints also a table."""
import json
import pathlib
import sys

import numpy as np

import features_reference as reference

MAPS = ("positive", "hyperbolic", "cosine", "trig")
ADAPTED = ("oprf", "dense", "gauss")  # rows from a Gaussian as the tokens call for


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


def product_moments(name, q, k, t, seen, causal):
    """1 + m Cov of the scores of query t with all keys that it sees, of rows from N(μ, Σ): ∫ N(ω; 0, I)²/N(ω; μ, Σ) e^{ω·(z+z') − ½|z|² − ½|z'|²} dω."""
    mean, root = reference.proposal(name, q, k) if not causal else causal_proposal(name, q, k)
    precision = np.linalg.inv(root @ root.T)
    inner = 2 * np.eye(len(mean)) - precision
    z = (q[t] + k[:seen]).astype(np.longdouble)
    y = z[:, None] + z[None] - precision @ mean
    half = (z * z).sum(1) / 2
    exponent = np.einsum("abj,jk,abk->ab", y, np.linalg.inv(inner).astype(np.longdouble), y) / 2 - half[:, None] - half[None] + mean @ precision @ mean / 2
    return np.exp(exponent - np.linalg.slogdet(precision)[1] / 2 - np.linalg.slogdet(inner)[1] / 2)


def causal_proposal(name, q, k):
    """The same with the causal attention: only gauss looks at it."""
    if name != "gauss":
        return reference.proposal(name, q, k)
    z, weight = (q[:, None] + k[None]).reshape(-1, q.shape[1]), attention(q, k, True).ravel() / len(q)
    mean = weight @ z
    values, vectors = reference.eigh((z - mean).T @ ((z - mean) * weight[:, None]))
    return mean, vectors * np.sqrt(1 + values)


def stratified_scores(q, k, a, strata, repetitions):
    """Score estimates of single neurons of the map pairs relative to the scores [strata, N, N], twice in each stratum, again and again."""
    rng = np.random.default_rng(8)
    z, weight = (q[:, None] + k[None]).reshape(-1, q.shape[1]), a.ravel() / len(q)
    for _ in range(repetitions):
        twice = []
        for _ in range(2):
            quantile = (np.arange(strata) + rng.uniform(size=strata)) / strata
            rows = z[np.minimum(np.searchsorted(np.cumsum(weight), quantile), len(z) - 1)] + rng.standard_normal((strata, q.shape[1]))
            log = rows @ z.T - (z * z).sum(1) / 2  # of N(ω; z, I)/N(ω; 0, I), which is a score estimate relative to the score, too
            top = log.max(1, keepdims=True)
            twice.append((np.exp(log - top) / (np.exp(log - top) @ weight)[:, None]).reshape(-1, *a.shape))
        yield twice


def score_pairs(q, k, causal, strata, repetitions):
    """m × relative variance of every score of the map pairs, [N, N]."""
    return np.mean([((x - y) ** 2 / 2).mean(0) for x, y in stratified_scores(q, k, attention(q, k, causal), strata, repetitions)], 0)


def predicted_pairs(q, k, v, causal, strata=8192, repetitions=40):
    """c of the map pairs: the variance within strata of what a neuron adds to the output, integrated over pairs of draws."""
    a = attention(q, k, causal)
    f, total = a @ v, 0.0
    for twice in stratified_scores(q, k, a, strata, repetitions):
        first, second = (np.einsum("rts,tsj->rtj", ratio, a[:, :, None] * (v[None] - f[:, None]), optimize=True) for ratio in twice)
        total += ((first - second) ** 2 / 2).sum((1, 2)).mean() / repetitions
    return float(total / (f**2).sum())


def predicted(name, q, k, v, causal, precision=np.longdouble):
    """c: the expected squared relative error is c/m. In long double: v - f cancels where attention is on one token."""
    q, k, v = (x.astype(precision) for x in (q, k, v))
    a = attention(q, k, causal)
    f = a @ v
    total = 0.0
    for t in range(len(q)):
        seen = t + 1 if causal else len(q)
        u = a[t, :seen, None] * (v[:seen] - f[t])
        grown = covariance(name, q[t], k[:seen]) if name in MAPS else product_moments(name, *(x.astype(float) for x in (q, k)), t, seen, causal) - 1
        total += np.sum(u * (grown @ u))
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
        for name in ADAPTED:
            row["maps"][name] = {"c": predicted(name, q, k, v, causal), "measured": []}
        row["maps"]["pairs"] = {"c": predicted_pairs(q, k, v, causal), "few": predicted_pairs(q, k, v, causal, 64, 5120), "measured": []}
        out[case] = row
        assert np.isfinite(a).all()
    path = pathlib.Path(__file__).with_name("output_error.json")
    path.write_text(json.dumps(out) + "\n")


if __name__ == "__main__":
    main()
