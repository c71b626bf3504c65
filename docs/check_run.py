#!/usr/bin/env python3
"""Recomputes a nasim run from its inputs, in NumPy alone, and compares.

    python check_run.py RUN...

Reads RUN/config.yaml, outputs*.npz, features*.npz or the map file in inputs/, metrics.json and metrics.csv. It shares no code with nasim:
every formula below is written from science.md (named by section), with the matrices H, g and p of the network
explicit. For each head it recomputes

    A0  softmax attention from q, k, v                               (section 2)
    A1  kernel attention from q, k and the feature map's rows W, b   (section 3), or a fitted map (section 12)
        and, of maps that know the data, the importance weights b of the rows; of invariances, what they are to bring about
    A2  the continuous network, solved segment by segment            (section 4)
    A2 with one cause on at a time, for the split of the dynamics    (section 2)

and compares them with the stored arrays; then every quantity of metrics.json, from the stored arrays and, for the
causes (which a run does not store), from its own, and what the whole model answers (check_model.py, beside this). A3 is a numerical solution: it is measured, not recomputed. Nor is
`remedy`, which reports a search over other runs: what it says to set can be run, and that run checked.

Differences are relative to the largest entry of an array's row, for an output to the largest of Σ_s |A_ts v_s|, for a
normaliser to Σ_s |φ(q_t)·φ(k_s)| or itself, and for a metric to max(1, |value|); each must be at most 1e-9 (peak_ratio,
which is looked for at some instants of a read: 1e-2; times the
cancellation κ_t = Σ_s |φ(q_t)·φ(k_s)| / |p_t| for the answers of signed maps). The largest difference of each quantity
is printed; of several runs, one line of each that agrees. Exit status: 0 all agree, 1 something differs, 2 a run could
not be read. Time constants of 0 and inf are the limits that section 1 defines.
"""
import csv
import functools
import json
import math
import pathlib
import sys

import numpy as np

from check_model import check_model

TOLERANCE = 1e-9
INTEGRATED = 0.1         # of a standard deviation that is integrated over draws
PEAK_TOLERANCE = 0.01    # of a largest value that is looked for at some instants of a read
NORM_FLOOR = 1e-150      # smallest denominator
STEP_FLOOR = 1e-12       # smallest step, relative to the reference, that has a direction
ATTENTION_FLOOR = 1e-12  # inside the logarithm of KL
CONSTANT = 1e-12         # relative spread at which a series is constant
LADDER = {"A0": "softmax", "A1": "kernel", "A2": "exact"}
RUNGS = ["softmax", "kernel", "exact", "solver"]
WHOLE = {"hidden", "logits", "embedding", "input", "question"}  # how the names of the whole model's arrays begin
PARTS = {"carry-over": "carry_over", "learning rate": "learning_rate", "calcium lag": "calcium_lag", "rise": "rise", "latency": "latency", "biophysics": "biophysics", "drive": "drive",
         "read-out": "readout", "coupling": "coupling", "no astrocyte": "no_astrocyte", "gain lag": "gain_lag", "settling": "settling", "leak": "leak", "floor": "floor", "compartments": "compartments", "threshold": "threshold"}


# ---------------------------------------------------------------- reading

def read_config(path):
    """config.yaml as nasim writes it (two spaces a level, a scalar or [list] a leaf): dotted path → text."""
    config, stack = {}, []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        depth = (len(line) - len(line.lstrip(" "))) // 2
        key, _, value = line.strip().partition(":")
        stack = stack[:depth] + [key]
        value = value.strip()
        if value.startswith('"'):
            value = value[1:value.rindex('"')]
        else:
            value = value.split(" #")[0].strip()
        if value:
            config[".".join(stack)] = value
    return config


def seconds(text):
    if text in ("inf", ".inf", "+inf"):
        return math.inf
    for unit, size in (("min", 60), ("ms", 1e-3), ("us", 1e-6), ("µs", 1e-6), ("ns", 1e-9), ("s", 1), ("h", 3600)):
        if text.endswith(unit):
            return float(text[:-len(unit)]) * size
    raise ValueError(f"{text!r} is not a time with a unit")


def read_arrays(run, stem):
    """Per head, in order: the entries of its arrays in stem.npz, or in stem-<layer>.npz."""
    heads = []
    files = [run / f"{stem}.npz"] if (run / f"{stem}.npz").exists() else \
        sorted(run.glob(f"{stem}-*.npz"), key=lambda p: int(p.stem.rsplit("-", 1)[1]))
    for file in files:
        with np.load(file) as z:
            arrays = {name: z[name] for name in z.files}
        arrays = {name: a for name, a in arrays.items() if a.ndim and name.split("_")[0] not in WHOLE}  # of the heads
        count = max((len(a) for a in arrays.values()), default=0)
        for i in range(count):
            heads.append({name: a[i] for name, a in arrays.items() if len(a) == count})
    return heads


def read_learned(run, config, layer, head):
    """What the run's map file holds for one head (docs/run-directory.md, "A map file"), else None."""
    file = config.get("network.features.file")
    if not file or not (run / file).exists():
        return None
    with np.load(run / file) as z:
        at = np.flatnonzero((z["layer"] == layer) & (z["head"] == head))[0]
        m = int(z["neurons"][at])
        per_neuron = {"W_q", "W_k", "b_q", "b_k", "gain"}
        return {name: z[name][at][:m].astype(float) if name in per_neuron else z[name][at].astype(float) for name in z.files
                if name not in ("provenance", "layer", "head", "neurons") and len(z[name]) == len(z["layer"])}


def read_given(run, config, index):
    """φ(q) and φ(k) of one head where the run was given them as tensors (input.tensors), else None."""
    file = config.get("input.tensors.file")
    if not file or not (run / file).exists():
        return None
    with np.load(run / file) as z:
        if "phi_q" not in z.files:
            return None
        return {name: (z[name] if z[name].ndim == 2 else z[name][index]).astype(float) for name in ("phi_q", "phi_k")}


# ---------------------------------------------------------------- A0 and A1

def visible(n, causal):
    return np.tril(np.ones((n, n), bool)) if causal else np.ones((n, n), bool)


def softmax(q, k, causal, gain=0):
    """Attention matrix and Z_t = Σ_s exp(q_t·k_s + gain_s)."""
    scores = np.where(visible(len(q), causal), q @ k.T + gain, -np.inf)
    top = scores.max(1, keepdims=True)
    weights = np.exp(scores - top)
    with np.errstate(over="ignore"):
        z = np.exp(top[:, 0] + np.log(weights.sum(1)))
    return weights / weights.sum(1, keepdims=True), z


def hidden_rates(name, x, w, b):
    """log-amplitude [N] and tuning [N, m] with φ = exp(log-amplitude) · tuning · (exp of its own), section 3.

    Returns (log φ, None) for exponential maps and (log-amplitude, factor) for the others.
    """
    m, norm2, u = len(w), (x * x).sum(1), x @ w.T
    if b is not None:
        u = u + b
    if name in ("positive", "hyperbolic") or name in ADAPTED:  # hyperbolic: the rows come as ±ω; ADAPTED: b is ½ ln w
        return u - 0.5 * norm2[:, None] - 0.5 * math.log(m), None
    if name == "truncated_positive":
        return np.minimum(u, math.log(150)) - 0.5 * norm2[:, None] - 0.5 * math.log(m), None
    if name == "cosine":
        return 0.5 * norm2 + 0.5 * math.log(2 / m), np.cos(u)
    if name == "trig":  # pairs (cos ωx, sin ωx), neurons 2i and 2i+1, whether or not phases are stored
        plain = x @ w.T
        return 0.5 * norm2 + 0.5 * math.log(2 / m), np.where(np.arange(m) % 2 == 0, np.cos(plain), np.sin(plain))
    if name == "positive_cosine":
        return 0.5 * norm2 + 0.5 * math.log(2 / (math.pi * m)), np.maximum(np.cos(u), 0)
    if name == "clipped_sine":
        return 0.5 * norm2 + 0.5 * math.log(2 / m), np.sin(np.clip(u, -math.pi / 2, math.pi / 2))
    if name == "elu1":
        return np.zeros(len(x)), np.where(u > 0, u + 1, np.exp(np.minimum(u, 0)))
    if name == "linear":
        return np.zeros(len(x)), 1 + u - 0.5 * norm2[:, None] - 0.5 * math.log(m)
    raise ValueError(f"no feature map is called {name!r}")


ADAPTED = ("oprf", "dense", "gauss", "pairs")  # the positive map with rows that are drawn as the tokens call for
UNBIASED = ("positive", "hyperbolic", "cosine", "trig") + ADAPTED


def coordinates(q, k, stored):
    """q' = A⁻ᵀ(q − q̄), k' = A(k − k̄) and the logarithm of the keys' gains, q̄·A⁻¹k', by what features.npz or a map file holds."""
    if stored is None or "balance" not in stored:
        return q, k, np.zeros(len(k))
    inverse = np.linalg.inv(stored["balance"])
    k1 = (k - stored["mean_k"]) @ stored["balance"].T
    return (q - stored["mean_q"]) @ inverse, k1, k1 @ inverse.T @ stored["mean_q"]


def part_of(stored, kind):
    """Of a map file's invariances those of a kind."""
    d = len(stored["mean_q"])
    mean = {name: stored[name] if kind in ("center", "both") else np.zeros(d) for name in ("mean_q", "mean_k")}
    return {**mean, "balance": stored["balance"] if kind in ("balance", "both") else np.eye(d)}


def invariances_of(kind, q, k):
    """Those that tokens call for, where none are stored: A is a geometric mean of the covariances, turned to where they are diagonal."""
    mean = {name: x.mean(0) if kind in ("center", "both") else np.zeros(x.shape[1]) for name, x in (("mean_q", q), ("mean_k", k))}
    a = np.eye(q.shape[1])
    if kind in ("balance", "both"):
        sq, sk = ((x - y).T @ (x - y) / len(x) for x, y in zip((q, k), mean.values()))
        sq, sk = (s + 1e-4 * np.trace(s) / len(s) * np.eye(len(s)) for s in (sq, sk))

        def power(s, p):
            values, vectors = np.linalg.eigh(s)
            return vectors * values**p @ vectors.T

        inverse = power(sk, -0.5)
        a = power(inverse @ power(power(sk, 0.5) @ sq @ power(sk, 0.5), 0.5) @ inverse, 0.5)
        a = np.linalg.eigh(a @ sk @ a.T)[1].T @ a
    return {**mean, "balance": a}


def check_invariances(kind, q, k, stored, checks, where):
    """What is stored is what the invariances are to bring about for the tokens at hand (section 3)."""
    centred, balanced = kind in ("center", "both"), kind in ("balance", "both")
    for x, name in ((q, "mean_q"), (k, "mean_k")):
        checks.add("invariances: means", np.abs(stored[name] - (x.mean(0) if centred else 0)).max() / np.abs(x).max(), where)
    if not balanced:
        checks.add("invariances: balance", np.abs(stored["balance"] - np.eye(q.shape[1])).max(), where)
        return
    covariances = []
    for x, name, a in ((q, "mean_q", np.linalg.inv(stored["balance"]).T), (k, "mean_k", stored["balance"])):
        s = (x - stored[name]).T @ (x - stored[name]) / len(x)
        s += 1e-4 * np.trace(s) / len(s) * np.eye(len(s))
        covariances.append(a @ s @ a.T)
    size = np.abs(covariances[1]).max()
    checks.add("invariances: balance", np.abs(covariances[0] - covariances[1]).max() / size, where)
    checks.add("invariances: diagonal", np.abs(covariances[1] - np.diag(np.diag(covariances[1]))).max() / size, where)


def proposal(name, q, k, gain, causal):
    """Mean and covariance of the Gaussian from which rows are drawn, where it is one (section 3)."""
    d, z = q.shape[1], q[:, None] + k[None]
    if name == "gauss":
        weight = softmax(q, k, causal, gain)[0] / len(q)
        mean = np.einsum("ts,tsj->j", weight, z)
        return mean, np.einsum("ts,tsi,tsj->ij", weight, z - mean, z - mean) + np.eye(d)
    second = np.einsum("tsi,tsj->ij", z, z) / len(q) / len(k)
    variance = lambda x: 1 - 4 * (1 - 2 * x - np.sqrt((2 * x + 1) ** 2 + 8 * x)) / 16
    if name == "oprf":
        return np.zeros(d), variance(np.trace(second) / d) * np.eye(d)
    values, vectors = np.linalg.eigh(second)
    return np.zeros(d), vectors * variance(np.maximum(values, 0)) @ vectors.T


def log_weights(name, w, q, k, gain, causal):
    """ln N(ω; 0, I)/p(ω) of the rows of w."""
    if name == "pairs":
        with np.errstate(divide="ignore"):
            log = np.log(softmax(q, k, causal, gain)[0] / len(q)).ravel()
        z = (q[:, None] + k[None]).reshape(-1, q.shape[1])
        total = []
        for rows in np.array_split(w, max(1, len(w) * len(z) // 4_000_000)):
            x = rows @ z.T - 0.5 * (z * z).sum(1) + log
            top = x.max(1)
            total.append(top + np.log(np.exp(x - top[:, None]).sum(1)))
        return -np.concatenate(total)
    mean, covariance = proposal(name, q, k, gain, causal)
    apart = w - mean
    return 0.5 * np.linalg.slogdet(covariance)[1] - 0.5 * (w * w).sum(1) + 0.5 * (apart * np.linalg.solve(covariance, apart.T).T).sum(1)


def learned_exponents(x, side, tuning):
    """ln φ of queries or keys x, of a fitted map (section 12)."""
    y = x
    if f"D_{side}" in tuning:
        y = np.hstack([x, np.maximum(x @ tuning[f"D_{side}"].T + tuning[f"c_{side}"], 0)])
    u = y @ tuning[f"W_{side}"].T + tuning[f"b_{side}"]
    return u + ((x * x) @ tuning["square_k"])[:, None] if side == "k" else u


GROWING = ("cosine", "trig", "positive_cosine", "clipped_sine")  # amplitude e^{+½x²}; the others e^{−½x²}


def log_lengths(amplitude, factor):
    """ln |φ| of the tokens that excite a neuron."""
    if factor is None:
        top = amplitude.max(1)
        return top + 0.5 * np.log(np.exp(2 * (amplitude - top[:, None])).sum(1))
    square = (factor * factor).sum(1)
    return (amplitude + 0.5 * np.log(np.where(square > 0, square, 1)))[square > 0]


def features(name, q, k, tuning, gain, causal):
    """φ(q)·γ·e^a, φ(k)·e^a, a, and the query gains γ (section 3, "Gains are part of the model")."""
    lost = q @ tuning["mean_k"] if "balance" in tuning and name != "learned" else 0  # of all scores of a query (section 3)
    q, k, key_gain = coordinates(q, k, tuning)
    if name == "learned":
        parts, key_gain = [(learned_exponents(x, side, tuning), None) for x, side in ((q, "q"), (k, "k"))], np.zeros(len(k))
    else:
        parts = [hidden_rates(name, x, tuning["W"], tuning.get("b")) for x in (q, k)]
    parts[1] = ((parts[1][0].T + key_gain).T, parts[1][1])
    log_gain = np.zeros(len(q))
    if gain == "balanced":
        log_gain += np.median(log_lengths(*parts[1])) - np.median(log_lengths(*parts[0]))
    elif gain == "trained":
        top = parts[0][0].max(1)
        log_gain = -(top + np.log(np.exp(parts[0][0] - top[:, None]) @ tuning["gain"]))
    if gain == "norm":
        log_gain = (-0.5 if name in GROWING else 0.5) * (q * q).sum(1)
    elif gain == "rate":
        amplitude, factor = parts[0]
        if factor is None:
            top = amplitude.max(1)
            log_gain = -(top + np.log(np.exp(amplitude - top[:, None]).sum(1)))
        else:
            log_gain = -(amplitude + np.log(factor.sum(1)))
    shift = 0.0
    if name not in ("elu1", "linear") or "balance" in tuning:
        shift = -max((parts[0][0].T + log_gain).max(), parts[1][0].max())

    def build(part, extra):
        amplitude, factor = part
        if factor is None:
            return np.exp(amplitude + extra[:, None] + shift)
        return np.exp(amplitude + extra + shift)[:, None] * factor

    phi_q, phi_k = build(parts[0], log_gain), build(parts[1], np.zeros(len(k)))
    if gain == "equalised":  # divide by g·φ(q), g the sum over the keys written by then
        read = np.where(visible(len(q), causal), phi_q @ phi_k.T, 0).sum(1)
        log_gain = 2 * shift - np.log(read)
        phi_q = phi_q * np.exp(log_gain)[:, None]
    return phi_q, phi_k, shift, np.exp(log_gain - lost)


def ideal_features(q, k, gain, causal, key_gain):
    """The map of infinitely many neurons (section 2b): tokens are their own coordinates, with the metric exp(x·y) between them.

    Returns φ(q)·γ, φ(k), the metric, a and γ; the common factor e^a is in the metric, as e^{2a}.
    """
    n = len(q)
    x = np.vstack([k, q])
    exponents = x @ x.T
    log_gain = np.zeros(n)
    if gain == "norm":
        log_gain = 0.5 * (q * q).sum(1)
    elif gain == "balanced":
        log_gain += 0.5 * np.median((k * k).sum(1) + 2 * key_gain) - 0.5 * np.median((q * q).sum(1))
    elif gain == "equalised":
        scores = np.where(visible(n, causal), q @ k.T + key_gain, -np.inf)
        top = scores.max(1)
        log_gain = -(top + np.log(np.exp(scores - top[:, None]).sum(1)))
    weight = np.concatenate([key_gain, log_gain])
    shift = -0.5 * (np.diag(exponents) + 2 * weight).max()
    metric = np.exp(exponents + weight[:, None] + weight[None] + 2 * shift)
    unit = np.eye(2 * n)
    return unit[n:], unit[:n], metric, shift, np.exp(log_gain)


def kernel_attention(phi_q, phi_k, causal, metric=None):
    """Attention matrix, p, and Σ_s |φ(q_t)·φ(k_s)|, the scale of p's rounding."""
    scores = phi_q @ phi_k.T if metric is None else phi_q @ metric @ phi_k.T
    scores = np.where(visible(len(phi_q), causal), scores, 0)
    p = scores.sum(1)
    return scores / p[:, None], p, np.abs(scores).sum(1)


def answers(checks, rung, mine, stored, v, where, sums=None):
    """Compares a rung's attention, output and normaliser; sums as kernel_attention gives them."""
    a, p = mine
    cancelling = 1.0 if sums is None else (sums / np.abs(p))[:, None]
    weight = np.abs(a).max(axis=1, keepdims=True) * cancelling
    reach = (np.abs(a) @ np.abs(v)).max(axis=1, keepdims=True) * cancelling
    for name, x, scale in (("attention", a, weight), ("output", a @ v, reach), ("normalizer", p, sums)):
        if f"{name}_{LADDER[rung]}" in stored:
            checks.array(f"{rung} {name}", x, stored[f"{name}_{LADDER[rung]}"], where, scale)
        elif name == "attention":  # not recorded (record.arrays: summary): measure this one
            stored[f"attention_{LADDER[rung]}"] = a


# ---------------------------------------------------------------- A2

def rate(tau):
    return math.inf if tau == 0 else 1 / tau


@functools.lru_cache(maxsize=None)
def convolved(T, *rates):
    """The exponentials e^{−at}, e^{−bt}, … convolved, at time T: ε(a, b, …) of section 4.

    It is T^(n−1) times the divided difference of exp at −aT, −bT, …, which is the corner of the exponential of a
    bidiagonal matrix with those on its diagonal (Opitz, 1964). Shifted by the largest rate the matrix has no negative
    entry, so nothing cancels, coinciding rates included. An infinite rate gives 0.
    """
    if math.inf in rates:
        return 0.0
    n, c = len(rates), max(rates) * T
    a = np.diag([c - r * T for r in rates]) + np.diag(np.ones(n - 1), 1)
    halvings = max(0, math.ceil(math.log2(2 * (c + 1))))
    a /= 2.0 ** halvings
    term, total = np.eye(n), np.eye(n)
    for i in range(1, 20):
        term = term @ a / i
        total = total + term
    total *= math.exp(-c / 2.0 ** halvings)
    for _ in range(halvings):
        total = total @ total
    return total[0, -1] * T ** (n - 1)


def filtered(kappa, T, *rates):
    """κ ε(κ, …), the calcium's response; at κ = ∞ it follows at once."""
    return convolved(T, *rates) if kappa == math.inf else kappa * convolved(T, kappa, *rates)


def filtered_at(kappa, s, a):
    """κ ε_s(κ, a) for an array of times s."""
    if a == math.inf:
        return np.zeros_like(s)
    if kappa == math.inf:
        return np.exp(-a * s)
    d = abs(kappa - a) * s
    with np.errstate(invalid="ignore", divide="ignore"):
        slope = np.where(d > 0, -np.expm1(-d) / d, 1.0)
    return kappa * s * np.exp(-min(kappa, a) * s) * slope


NODES, WEIGHTS = np.polynomial.legendre.leggauss(16)


def edges(T, shortest):
    """Panel boundaries of [0, T], graded towards both ends."""
    left, width = [0.0], shortest / 12
    while left[-1] < T / 2:
        left.append(left[-1] + width)
        width *= 1.5
    left = [x for x in left if x < T / 2]
    return np.array(left + [T / 2] + [T - x for x in reversed(left)])


class Network:
    """One head's circuit in time. For A_eff the values carry N more columns, the identity (section 1).

    Hidden vectors may be coordinates: metric holds the inner products of what they are coordinates over.
    """

    def __init__(self, phi_q, phi_k, v, P, attention, metric=None):
        self.phi_q, self.phi_k, self.P, self.metric = phi_q, phi_k, P, metric
        self.seen = (lambda x: x) if metric is None else (lambda x: metric @ x)  # x as the others' inner products take it
        self.width = v.shape[1]
        self.v = np.hstack([v, np.eye(len(v))]) if attention else v
        self.h, self.g = np.zeros(phi_k.shape[1]), np.zeros(phi_k.shape[1])
        self.f, self.H = np.zeros(self.v.shape[1]), np.zeros((self.v.shape[1], phi_k.shape[1]))
        # With a rise the calcium is (τ_p p[τ_p] − τ_r p[τ_r])/(τ_p − τ_r), p[τ] being that of one filter alone (section 7).
        taus = [tau for tau in (P["tau_p"], P["tau_r"]) if tau > 0] or [0.0]
        total = taus[0] - (taus[1] if len(taus) > 1 else 0)
        self.filters = [(rate(tau), (tau if i == 0 else -tau) / total if total else 1.0) for i, tau in enumerate(taus)]
        self.pools = [P["baseline"]] * len(taus)
        if P["frozen"]:  # every g at their mean: the processes collect (Σ g)(Σ h)/m
            m = phi_k.shape[1]
            self.collected = lambda x: np.full(m, x.sum() / m)
        else:
            self.collected = self.seen
        self.learning = learning_rate(P)

    def divisor(self, p):
        """1/P: of the reciprocal read-out, of receptors, or without an astrocyte (section 7)."""
        return np.full_like(p, self.P["level"]) if self.P["level"] is not None else np.maximum(p, self.P["floor"]) + self.P["half"]

    def write(self, phi, v, T):
        P, h, f, g = self.P, self.h, self.f, self.g
        alpha, beta = rate(P["tau_g"]), rate(P["tau_h"])
        leak, output, dwell = rate(P["tau_H"]), rate(P["tau_f"]), P["write"]
        dh, df = h - phi, f - v
        on_phi, on_dh = self.collected(phi), self.collected(dh)
        for i, (kappa, _) in enumerate(self.filters):
            before = self.pools[i]
            self.pools[i] = (math.exp(-kappa * T) * before + (g @ on_phi) * filtered(kappa, T, alpha) + (g @ on_dh) * filtered(kappa, T, alpha + beta)
                             + ((phi @ on_phi) * filtered(kappa, T, alpha, 0.0)
                                + (phi @ on_dh) * (filtered(kappa, T, alpha + beta, beta) + filtered(kappa, T, alpha, beta))
                                + (dh @ on_dh) * filtered(kappa, T, alpha + beta, 2 * beta)) / dwell)
            if P["drive"] != "ungated":  # held, or falling
                self.pools[i] = before if P["drive"] == "hold" else math.exp(-kappa * T) * before
        self.g = math.exp(-alpha * T) * g + (convolved(T, alpha, 0.0) * phi + convolved(T, alpha, beta) * dh) / dwell
        self.H *= math.exp(-leak * T)
        self.H += np.outer(v, self.learning * (convolved(T, leak, 0.0) * phi + convolved(T, leak, beta) * dh) / dwell)
        self.H += np.outer(df, self.learning * (convolved(T, leak, output) * phi + convolved(T, leak, beta + output) * dh) / dwell)
        self.h, self.f = phi + dh * math.exp(-beta * T), v + df * math.exp(-output * T)

    def read(self, phi, T):
        """Also sets what f was throughout: its average over [0, T], and the largest norm it had."""
        P = self.P
        alpha, beta = rate(P["tau_g"]), rate(P["tau_h"])
        leak, output = rate(P["tau_H"]), rate(P["tau_f"])
        dh = self.h - phi
        on_phi, on_dh = self.g @ self.collected(phi), self.g @ self.collected(dh)
        recall_phi, recall_dh = self.H @ self.seen(phi), self.H @ self.seen(dh)

        starts = list(self.pools)

        def pool(i, s):
            kappa, s = self.filters[i][0], np.asarray(s, float)
            if P["drive"] == "hold" and not phi.any():  # the blank
                return np.full_like(s, starts[i])
            fading = np.zeros_like(s) if kappa == math.inf else np.exp(-kappa * s) * starts[i]
            return fading + on_phi * filtered_at(kappa, s, alpha) + on_dh * filtered_at(kappa, s, alpha + beta)

        def calcium(s):
            return sum(weight * pool(i, s) for i, (_, weight) in enumerate(self.filters))

        def hidden(s):
            return np.zeros_like(s) if beta == math.inf else np.exp(-beta * s)

        end = float(calcium(T))
        finite = [t for t in (P["tau_h"], P["tau_f"], P["tau_p"], P["tau_r"], P["tau_H"], P["tau_g"]) if 0 < t < math.inf]
        cuts = edges(T, min(finite + [T]))
        if phi.any():
            self.throughout(self.with_crossings(np.unique(np.linspace(cuts[:-1], cuts[1:], 7)), calcium), calcium, hidden, recall_phi, recall_dh)
        if output == math.inf:
            recalled = recall_phi + math.exp(-beta * T) * recall_dh
            self.f = math.exp(-leak * T) * recalled / self.divisor(end) if recalled.any() else 0 * recalled
        else:
            finite = [t for t in (P["tau_h"], P["tau_f"], P["tau_p"], P["tau_r"]) if t > 0]
            cuts = self.with_crossings(edges(T, min(finite + [T])), calcium)
            half = np.diff(cuts)[:, None] / 2
            s = (cuts[:-1, None] + half * (NODES + 1)).ravel()
            weight = (half * WEIGHTS).ravel() * output * np.exp(-output * (T - s) - leak * s)
            with np.errstate(divide="ignore", invalid="ignore"):
                weight = weight / self.divisor(calcium(s))
            fade = math.exp(-output * T) * self.f
            self.f = fade + (weight.sum() * recall_phi if phi.any() else 0)
            if recall_dh.any():
                self.f = self.f + np.where(hidden(s) > 0, weight, 0) @ hidden(s) * recall_dh
        self.p, self.pools, self.h = end, [float(pool(i, T)) for i in range(len(starts))], phi + dh * math.exp(-beta * T)
        self.H *= math.exp(-leak * T)
        self.g = math.exp(-alpha * T) * self.g

    def throughout(self, cuts, calcium, hidden, recall_phi, recall_dh):
        """f at every cut, panel by panel, and its average from the integral of what is recalled."""
        leak, output = rate(self.P["tau_H"]), rate(self.P["tau_f"])
        half, start = np.diff(cuts)[:, None] / 2, 0 * self.f if output == math.inf else self.f
        s = cuts[:-1, None] + half * (NODES + 1)
        fade = np.zeros(len(cuts)) if output == math.inf else np.exp(-output * cuts)
        f = np.outer(fade, start)
        integral = 0 * start if output == math.inf else (1 - fade[-1]) / output * start
        for recall, share in ((recall_phi, np.ones_like), (recall_dh, hidden)):
            if not recall.any():
                continue
            felt = lambda t: share(t) * np.exp(-leak * t) / self.divisor(calcium(t))
            whole = half * WEIGHTS * felt(s)
            if output == math.inf:
                reached, over = felt(cuts), whole.sum()
            else:
                reached = [0.0]
                for more, width in zip((whole * output * np.exp(-output * (cuts[1:, None] - s))).sum(1), np.diff(cuts)):
                    reached.append(reached[-1] * math.exp(-output * width) + more)
                over = whole.sum() - reached[-1] / output
            f, integral = f + np.outer(reached, recall), integral + over * recall
        self.average, self.peak = integral[:self.width] / cuts[-1], np.linalg.norm(f[:, :self.width], axis=1).max()

    def with_crossings(self, cuts, calcium):
        """Adds the times at which the calcium meets its floor, where 1/max(p, p_min) has a kink."""
        above = calcium(cuts) > self.P["floor"]
        extra = []
        for i in np.flatnonzero(above[1:] != above[:-1]):
            low, high = cuts[i], cuts[i + 1]
            for _ in range(100):
                middle = (low + high) / 2
                low, high = (middle, high) if (calcium(middle) > self.P["floor"]) == above[i] else (low, middle)
            extra.append(high)
        return np.unique(np.concatenate([cuts, extra]))

    def run(self, causal):
        """The outputs, A_eff (no columns where it was not asked for) and p, at the end of each read."""
        n, P = len(self.v), self.P
        blank_phi, blank_v = np.zeros(self.H.shape[1]), np.zeros(self.H.shape[0])
        f, p = np.zeros(self.v.shape), np.zeros(n)
        self.averages, self.peaks = np.zeros((n, self.width)), np.zeros(n)

        def write(t):
            self.write(self.phi_k[t], self.v[t], P["write"])
            if P["gap"] > 0:
                self.write(blank_phi, blank_v, P["gap"])

        def read(t):
            self.read(self.phi_q[t], P["read"])
            f[t], p[t], self.averages[t], self.peaks[t] = self.f, self.p, self.average, self.peak
            if P["gap"] > 0:
                self.read(blank_phi, P["gap"])

        for t in range(n):
            write(t)
            if causal:
                read(t)
        for t in range(0 if causal else n):
            read(t)
        return f[:, :self.width], f[:, self.width:], p


def learning_rate(P):
    """η: calibrated, T_w / ∫ f̂ ĥ dt over a token's write and blank, where it is not a number (section 1b)."""
    if P["learning"] is not None:
        return P["learning"]
    if P["gap"] == 0:
        return 1.0
    beta, output, T = rate(P["tau_h"]), rate(P["tau_f"]), P["write"]
    fading = [0.0 if r == math.inf else math.exp(-r * T) for r in (beta, output)]
    felt = T - convolved(T, 0.0, beta) - convolved(T, 0.0, output) + convolved(T, 0.0, beta + output)
    return T / (felt + (1 - fading[0]) * (1 - fading[1]) * convolved(P["gap"], 0.0, beta + output))


NEEDED = 0.02  # of the norm of the reference output: what gap_needed and read_needed bring the dynamics to

LIMITS = {"learning": None, "drive": "hold", "half": 0.0, "level": None, "frozen": False, "tau_h": 0.0, "tau_f": 0.0, "tau_p": 0.0, "tau_r": 0.0, "tau_H": math.inf, "tau_g": math.inf, "floor": 0.0}
BESIDE = {"learning rate": "carry-over", "drive": "calcium lag"}  # the cause that each is measured beside
CAUSE_OF = {"carry-over": ("tau_h", "tau_f"), "learning rate": ("learning",), "calcium lag": ("tau_p",), "rise": ("tau_r",), "drive": ("drive",), "read-out": ("half",), "coupling": ("frozen",), "no astrocyte": ("level",), "leak": ("tau_H", "tau_g"), "floor": ("floor",)}


def constants(config):
    at = lambda path: seconds(config["network." + path])
    none = config.get("network.circuit") == "none"  # what divides is a number, and there is no calcium
    receptor = config.get("network.astrocyte.readout") == "receptor"
    return {"tau_h": at("neurons.tau_hidden"), "tau_f": at("neurons.tau_output"), "tau_p": 0.0 if none else at("astrocyte.tau_calcium"),
            "tau_r": seconds(config.get("network.astrocyte.tau_rise", "0ms")),
            "half": float(config["network.astrocyte.half_effect"]) if receptor else 0.0, "level": 1.0 if none else None,
            "frozen": config.get("network.astrocyte.coupling_plasticity") == "false",
            "tau_H": at("synapses.tau_hebbian"), "tau_g": at("synapses.tau_presynaptic"), "write": at("schedule.write"),
            "read": at("schedule.read"), "gap": at("schedule.gap"), "baseline": config.get("network.astrocyte.baseline", "1"),
            "learning": None if config["network.synapses.learning_rate"] == "calibrated" else float(config["network.synapses.learning_rate"]),
            "drive": config.get("network.astrocyte.drive", "hold"),
            "floor": float(config.get("network.astrocyte.floor", "0"))}


# ---------------------------------------------------------------- metrics (section 2)

def ratio(a, b):
    return a / b if np.isfinite(a) and np.isfinite(b) and abs(b) > NORM_FLOOR else math.nan


def mean(x):
    return float(np.mean(x)) if len(x) else math.nan


def pearson(x, y):
    if len(x) < 2:
        return math.nan
    x, y = (a / max(np.abs(a).max(), NORM_FLOOR) for a in (x, y))
    if min(x.std(), y.std()) <= CONSTANT:
        return math.nan
    return float(np.corrcoef(x, y)[0, 1])


def row(a, seen):
    """The visible entries, clipped at 0 and renormalised; None where nothing is left."""
    a = a[seen]
    total = np.maximum(a, 0).sum()
    return np.maximum(a, 0) / total if np.isfinite(a).all() and total > NORM_FLOOR else None


def rows_alone(a, seen):
    sums = [a[t][seen[t]].sum() for t in range(len(a))]
    clipped = [ratio(np.maximum(-a[t][seen[t]], 0).sum(), np.abs(a[t][seen[t]]).sum()) for t in range(len(a))]
    sums, clipped = ([x for x in series if np.isfinite(x)] for series in (sums, clipped))
    kept = [p for p in (row(a[t], seen[t]) for t in range(len(a))) if p is not None]
    nothing = math.nan
    return {"row_sum_min": min(sums, default=nothing), "row_sum_median": np.median(sums) if sums else nothing,
            "row_sum_max": max(sums, default=nothing), "clipped_mass_mean": mean(clipped), "clipped_mass_max": max(clipped, default=nothing),
            "entropy": mean([-(p[p > 0] * np.log(p[p > 0])).sum() for p in kept]), "rows_skipped": len(a) - len(kept)}


def largest(a, count):
    """Indices of the largest entries after clipping, ties to the lower index."""
    return set(np.argsort(-np.maximum(a, 0), kind="stable")[:count])


def rows_against(reference, a, seen):
    tv, kl, floored, top1, top5 = [], [], [], [], []
    for t in range(len(a)):
        p, q = row(reference[t], seen[t]), row(a[t], seen[t])
        if p is None or q is None:
            continue
        tv.append(np.abs(p - q).sum() / 2)
        kl.append((p * np.log(np.maximum(p, ATTENTION_FLOOR) / np.maximum(q, ATTENTION_FLOOR))).sum())
        floored.append(p[q < ATTENTION_FLOOR].sum())
        x, y, five = reference[t][seen[t]], a[t][seen[t]], min(5, len(p))
        top1.append(largest(x, 1) == largest(y, 1))
        top5.append(len(largest(x, five) & largest(y, five)) / five)
    return {"tv_mean": mean(tv), "tv_max": max(tv, default=math.nan), "kl_mean": mean(kl), "kl_floored_mass": mean(floored),
            "top1_overlap": mean(top1), "top5_overlap": mean(top5)}


def cosines(reference, x):
    a, b = np.linalg.norm(x, axis=1), np.linalg.norm(reference, axis=1)
    ok = np.isfinite(a) & np.isfinite(b) & (a > NORM_FLOOR) & (b > NORM_FLOOR)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(ok, (x * reference).sum(1) / a / b, np.nan)


def output_against(reference, x):
    c = cosines(reference, x)
    known = c[np.isfinite(c)]
    gain = ratio((x * reference).sum() / np.linalg.norm(reference), np.linalg.norm(reference))
    rest = ratio(np.linalg.norm(x / gain - reference), np.linalg.norm(reference)) if gain > STEP_FLOOR else math.nan
    return {"gain": gain, "relative_error_after_gain": rest, "relative_error": ratio(np.linalg.norm(x - reference), np.linalg.norm(reference)), "cosine_mean": mean(known),
            "cosine_worst": min(known, default=math.nan), "cosine_worst_token": np.nanargmin(c) if len(known) else math.nan}


def dwell_against(reference, x, network):
    ends = np.linalg.norm(x, axis=1)
    known = ends > NORM_FLOOR
    return {"relative_error_dwell": ratio(np.linalg.norm(network.averages - reference), np.linalg.norm(reference)),
            "peak_ratio": np.median(network.peaks[known] / ends[known]) if known.any() else math.nan}


def normalizer_against(z, p):
    ok = np.isfinite(z) & np.isfinite(p) & (np.abs(z) > NORM_FLOOR)
    logs = ok & (p > 0) & (z > 0)
    off = np.abs(p[ok] / z[ok] - 1)
    q = lambda x: np.quantile(off, x) if len(off) else math.nan
    return {"normalizer_median": q(0.5), "normalizer_p95": q(0.95), "normalizer_r": pearson(p[ok], z[ok]),
            "normalizer_r_log10": pearson(np.log10(p[logs]), np.log10(z[logs])),
            "normalizer_skipped": (~ok).sum(), "normalizer_log_skipped": (~logs).sum()}


def ladder(outputs, causes, v, seen):
    present = [r for r in RUNGS if r in outputs]
    reference, last = outputs[present[0]], outputs[present[-1]]
    unit, total = np.linalg.norm(reference), last - reference
    uniform = np.array([v[s].mean(0) for s in seen])
    out = {"reference_norm": unit, "trivial_error": ratio(np.linalg.norm(uniform - reference), unit)}
    if len(present) > 1:
        out["total_error"] = ratio(np.linalg.norm(total), unit)
    steps = {name: outputs[high] - outputs[low] for name, low, high in
             (("kernel", "softmax", "kernel"), ("dynamics", "kernel", "exact"), ("integration", "exact", "solver"))
             if low in outputs and high in outputs}
    for cause, x in causes.items():
        steps[PARTS[cause]] = x - causes.get(BESIDE.get(cause), outputs["kernel"])
    if causes and "dynamics" in steps:
        steps["interaction"] = steps["dynamics"] - sum(steps[PARTS[c]] for c in causes)
    for name, step in steps.items():
        out[name + "_error"] = ratio(np.linalg.norm(step), unit)
        if out.get("total_error", 0) > STEP_FLOOR:
            out[name + "_share"] = (step * total).sum() / (total * total).sum()
    if min(out.get("kernel_error", 0), out.get("dynamics_error", 0)) > STEP_FLOOR:
        out["cosine_dynamics_kernel"] = (steps["dynamics"] * steps["kernel"]).sum() / np.linalg.norm(steps["dynamics"]) / np.linalg.norm(steps["kernel"])
    return out, steps


def dominating(values, steps):
    parts = ["kernel", *PARTS.values(), "interaction", "integration"] if "interaction" in steps else ["kernel", "dynamics", "integration"]
    size = lambda p: values.get(p + "_error", 0)
    share = lambda p: values.get(p + "_share", size(p))
    best = max((p for p in parts if p in steps and size(p) > STEP_FLOOR), key=share, default=None)
    if best is None:
        return "", 0.0
    return {b: a for a, b in PARTS.items()}.get(best, best), size(best)


def pairs_apart(q, k, gain, causal, strata):
    """How far two score estimates in the same stratum are apart, relative to the scores: [some, N, N], again and again."""
    rng, n = np.random.default_rng(1), len(q)
    z = (q[:, None] + k[None]).reshape(-1, q.shape[1])
    cut = np.cumsum(softmax(q, k, causal, gain)[0].ravel() / n)
    for _ in range(-(-max(2048, min(16384, 2**18 // n)) // strata)):
        for part in np.array_split(np.arange(strata), max(1, strata * n * n // 4_000_000)):
            scores = []
            for _ in range(2):
                at = np.minimum(np.searchsorted(cut, (part + rng.uniform(size=len(part))) / strata), len(z) - 1)
                w = z[at] + rng.standard_normal((len(part), q.shape[1]))
                log = log_weights("pairs", w, q, k, gain, causal)
                with np.errstate(over="ignore"):
                    scores.append(np.exp(w @ z.T - 0.5 * (z * z).sum(1) + log[:, None]))
            yield (scores[0] - scores[1]).reshape(-1, n, n)


def pairs_variance(q, k, gain, m, attention, causal):
    """Σ_s A_ts times the relative variance of a score of m stratified neurons: of two draws in each stratum, again and again."""
    total, count = 0, 0
    for apart in pairs_apart(q, k, gain, causal, min(m, 4096)):
        total, count = total + (apart**2).sum(0) / 2, count + len(apart)
    return attention * total / count / m


def gaussian_variance(name, q, k, gain, m, attention, causal):
    """The same of independent rows from a Gaussian: ∫ N(ω; 0, I)²/N(ω; μ, Σ) e^{2ω·z − |z|²} dω − 1, z = q + k."""
    mean, covariance = proposal(name, q, k, gain, causal)
    precision = np.linalg.inv(covariance)
    inner = 2 * np.eye(len(mean)) - precision
    z = q[:, None] + k[None]
    y = 2 * z - precision @ mean
    exponent = 0.5 * np.einsum("tsi,ij,tsj->ts", y, np.linalg.inv(inner), y) - (z * z).sum(2) + 0.5 * mean @ precision @ mean
    return np.where(attention > 0, attention * np.expm1(exponent - 0.5 * np.linalg.slogdet(precision)[1] - 0.5 * np.linalg.slogdet(inner)[1]) / m, 0)


def deviation(name, q, k, m, attention, gain, causal):
    """Attention-weighted analytic relative standard deviation of one score estimate (section 3)."""
    if name in ADAPTED:
        of = pairs_variance(q, k, gain, m, attention, causal) if name == "pairs" else gaussian_variance(name, q, k, gain, m, attention, causal)
        return np.median(np.sqrt(of.sum(1)))
    s, d = (((q[:, None] + sign * k[None]) ** 2).sum(2) for sign in (1, -1))
    with np.errstate(over="ignore", invalid="ignore"):
        variance = {"positive": lambda: np.expm1(s) / m, "hyperbolic": lambda: 4 * np.sinh(s / 2) ** 2 / m,
                    "cosine": lambda: np.exp(d) * (1 + 0.5 * np.exp(-2 * d) - np.exp(-d)) / m,
                    "trig": lambda: 4 * np.sinh(d / 2) ** 2 / m}.get(name)
        return math.nan if variance is None else np.median(np.sqrt(np.where(attention > 0, attention * variance(), 0).sum(1)))


def prediction(name, q, k, gain, v, m, attention, causal):
    """The kernel part expected of m independent rows (section 3, "Prediction"), term by term: its size, the weighted deviation of
    scores, the share within reach, and what no draw of a positive map exceeds. q and k are in the map's own coordinates."""
    if name not in UNBIASED:
        return [math.nan] * 4
    positive, f = name not in ("cosine", "trig"), attention @ v
    norm2 = (f * f).sum()
    rows, variances, sizes, reach = [], [], [], 0.0
    if name == "pairs":
        rows, variances = pairs_rows(q, k, gain, v, f, m, attention, causal)
    elif name in ADAPTED:
        mean, covariance = proposal(name, q, k, gain, causal)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        for t in range(len(q)):
            seen = attention[t] > 0
            a, x, apart = attention[t, seen], (q[t] + k[seen] if positive else q[t] - k[seen]), v[seen] - f[t]
            reach += (apart * apart).sum(1).max()
            if name == "pairs":
                continue
            if name in ADAPTED:
                c, far = gaussian_covariance(x, mean, covariance)
            else:
                z, far = x @ x.T, (x * x).sum(1)
                c = {"positive": lambda: np.expm1(z), "cosine": lambda: np.exp(z) + np.exp(-z) / 2 - 1}.get(name, lambda: 4 * np.sinh(z / 2) ** 2)()
            u, grown = a[:, None] * apart, np.log1p(np.diag(c)) if name in ADAPTED else far
            rows.append(max((u * (c @ u)).sum(), 0.0))
            variances.append(a @ np.diag(c))
            sizes.append(far[np.argmax(2 * np.log(a) + grown + np.log((apart * apart).sum(1)))])
        rows, variances, sizes = map(np.array, (rows, variances, sizes))
        total = rows.sum()
        share = np.array([math.erfc((2 * math.sqrt(s) - math.sqrt(2 * math.log(m))) / math.sqrt(2)) / 2 for s in sizes])
        drawn = (rows * share).sum() / total if positive and name != "pairs" else 1.0
        return [np.sqrt(total / norm2 / m), np.sqrt((rows * variances).sum() / total / m), drawn, np.sqrt(reach / norm2) if positive else math.nan]


def gaussian_covariance(z, mean, covariance):
    """m times the covariance of the scores of one query, z = q + k_s, of rows from N(μ, Σ), and of each a quarter of the square of the
    draw that makes its mean square, in units of the draws: ∫ N(ω; 0, I)²/N(ω; μ, Σ) e^{ω·(z+z') − ½|z|² − ½|z'|²} dω − 1."""
    precision = np.linalg.inv(covariance)
    inner = 2 * np.eye(len(mean)) - precision
    y = z[:, None] + z[None] - precision @ mean
    half = (z * z).sum(1) / 2
    exponent = np.einsum("abi,ij,abj->ab", y, np.linalg.inv(inner), y) / 2 - half[:, None] - half[None] + mean @ precision @ mean / 2
    draws = (2 * z - precision @ mean) @ np.linalg.inv(inner) - mean
    return np.expm1(exponent - np.linalg.slogdet(precision)[1] / 2 - np.linalg.slogdet(inner)[1] / 2), np.einsum("ai,ij,aj->a", draws, precision, draws) / 4


def pairs_rows(q, k, gain, v, f, m, attention, causal):
    """Of the map pairs, of each row, m E|f̂ − f|² of m stratified neurons and Σ_s A_ts times m Var ε_ts of many."""
    u = attention[:, :, None] * (v[None] - f[:, None])
    found = []
    for strata, of in ((max(64, min(m, 8192)), lambda apart: np.einsum("pts,tsj->ptj", apart, u, optimize=True) ** 2), (4096, lambda apart: attention * apart**2)):
        total, count = 0, 0
        for apart in pairs_apart(q, k, gain, causal, strata):
            total, count = total + of(apart).sum((0, 2)) / 2, count + len(apart)
        found.append(total / count)
    return found


# ---------------------------------------------------------------- comparing

class Checks:
    def __init__(self):
        self.worst, self.notes = {}, []

    def add(self, quantity, difference, where, tolerance=TOLERANCE):
        excess = difference / tolerance if np.isfinite(difference) else math.inf
        if quantity not in self.worst or excess > self.worst[quantity][0]:
            self.worst[quantity] = (excess, difference, tolerance, where)

    def array(self, quantity, mine, theirs, where, scale=None):
        """Each entry is held against the largest of its row; a normaliser against itself; or against scale."""
        if scale is None:
            scale = np.abs(mine).max(axis=1, keepdims=True) if mine.ndim == 2 else np.abs(mine)
        same = (mine == theirs) | (np.isnan(mine) & np.isnan(theirs))
        with np.errstate(invalid="ignore", over="ignore"):
            off = np.where(same, 0.0, np.abs(mine - theirs) / np.maximum(scale, NORM_FLOOR))
        self.add(quantity, float(np.nan_to_num(off, nan=np.inf).max(initial=0)), where)

    def metric(self, quantity, mine, theirs, where, tolerance=TOLERANCE, vague=False):
        """vague: a direction so close to its floor that rounding decides whether it is null."""
        known = mine is not None and np.isfinite(mine)
        if not known or theirs is None:
            agree = not known and theirs is None or vague
            self.add(quantity, 0.0 if agree else math.inf, f"{where}: {mine} here, {theirs} there")
            return
        self.add(quantity, abs(float(mine) - theirs) / max(1.0, abs(theirs)), where, tolerance)

    def report(self, brief):
        failed = sum(excess > 1 for excess, *_ in self.worst.values())
        width = max(len(q) for q in self.worst)
        for quantity, (excess, difference, tolerance, where) in self.worst.items():
            verdict = "ok" if excess <= 1 else f"FAIL (allowed {tolerance:.1e}) at {where}"
            if failed or not brief:
                print(f"{quantity:<{width}}  {difference:8.1e}  {verdict}")
        for note in dict.fromkeys(self.notes):
            print("not checked:", note)
        print(f"{len(self.worst)} quantities, {failed} differ by more than allowed" if failed else f"{len(self.worst)} quantities agree")
        return 1 if failed else 0


def in_units(P, unit, sums):
    """Baseline and floor as the network has them, from the configuration's units."""
    median = np.median(np.abs(sums))
    P["baseline"] = median if P["baseline"] == "median" else float(P["baseline"]) * unit
    P["floor"] *= median
    P["half"] *= median
    P["level"] = None if P["level"] is None else median


class Replicator:
    """Gains of tokens that settle while a query is read (section 7): averages and peaks of f over the reads."""

    def __init__(self, logits, seen, v, tau, T):
        self.gains = lambda t: softmaxed(np.where(seen, logits * (1.0 if tau == 0 else -math.expm1(-t / tau)), -np.inf))
        cuts = T * np.concatenate([[0.0], 2.0 ** np.arange(-20, 1)])
        self.averages, self.peaks = 0 * v, np.linalg.norm(self.gains(T) @ v, axis=1)
        for low, high in zip(cuts, cuts[1:]):
            for x, w in zip(NODES, WEIGHTS):
                f = self.gains(low + (high - low) * (x + 1) / 2) @ v
                self.averages = self.averages + w * (high - low) / 2 / T * f
                self.peaks = np.maximum(self.peaks, np.linalg.norm(f, axis=1))
        if tau > 0:
            self.peaks = np.maximum(self.peaks, np.linalg.norm(self.gains(0.0) @ v, axis=1))


def softmaxed(scores):
    weights = np.exp(scores - scores.max(1, keepdims=True))
    return weights / weights.sum(1, keepdims=True)


def replicated(head, config, checks, where, a0):
    """recomputed, of a replicator: its sums are the softmax's own."""
    causal, v = config["network.schedule.order"] == "causal", head["v"]
    if a0 is None:
        checks.notes.append("A1, A2, causes: this script has no gains of tokens that are known by features alone")
        return None, None, None, None
    z = softmax(head["q"], head["k"], causal)[1]
    answers(checks, "A1", (a0, z), head, v, where, z)
    if "output_exact" not in head:
        return np.ones(len(v)), {}, None, None
    tau, T = seconds(config["network.replicator.tau_gain"]), seconds(config["network.schedule.read"])
    network = Replicator(head["q"] @ head["k"].T, visible(len(v), causal), v, tau, T)
    a2 = network.gains(T)
    answers(checks, "A2", (a2, None), head, v, where)
    return np.ones(len(v)), ({"gain lag": a2 @ v} if tau > 0 else {}), None, network


def recomputed(head, tuning, config, checks, where):
    """Checks A0, A1 and A2; returns the query gains, the outputs with one cause at a time, that at m = ∞, and the network of A2; None where unknown."""
    causal, v = config["network.schedule.order"] == "causal", head["v"]
    z = None
    if "q" in head:
        a0, z = softmax(head["q"], head["k"], causal)
        answers(checks, "A0", (a0, z), head, v, where)
    if config.get("network.circuit") == "replicator":
        return replicated(head, config, checks, where, a0 if "q" in head else None)
    name, metric, query_gain = config.get("network.features.map"), None, config["network.features.query_gain"]
    invariances, kind = None, config.get("network.features.invariances", "none")
    if kind != "none" and "q" in head:
        invariances = tuning if tuning and "balance" in tuning else invariances_of(kind, head["q"], head["k"])
        if tuning and "balance" in tuning and not config.get("network.features.file"):
            check_invariances(kind, head["q"], head["k"], tuning, checks, where)
    if name == "ideal":
        q, k, key_gain = coordinates(head["q"], head["k"], invariances)
        phi_q, phi_k, metric, shift, gain = ideal_features(q, k, query_gain, causal, key_gain)
        if invariances is not None:
            gain = gain * np.exp(-head["q"] @ invariances["mean_k"])
    elif tuning and "phi_q" in tuning:
        phi_q, phi_k, shift, gain = tuning["phi_q"], tuning["phi_k"], 0.0, np.ones(len(v))
    elif tuning and ("W" in tuning or name == "learned") and "q" in head:
        phi_q, phi_k, shift, gain = features(name, head["q"], head["k"], tuning, query_gain, causal)
        if name in ADAPTED:
            q, k, key_gain = coordinates(head["q"], head["k"], invariances)
            weights = log_weights(name, tuning["W"], q, k, key_gain, causal)
            checks.add("importance weights", np.abs(weights / 2 - tuning["b"]).max() / max(1, np.abs(weights).max()), where)
    else:
        checks.notes.append("A1, A2, causes and gains: features.npz holds neither W nor phi_q and phi_k for this head")
        return None, None, None, None
    a1, p1, sums = kernel_attention(phi_q, phi_k, causal, metric)
    unit = math.exp(2 * shift)
    answers(checks, "A1", (a1, p1 / unit), head, v, where, sums / unit)
    if "output_exact" not in head:
        return gain, {}, None, None
    slow = [key for key in ("latency", "tau_receptor") if seconds(config.get("network.astrocyte." + key, "0ms")) > 0]
    if config.get("network.circuit") == "emergent-division":
        checks.notes.append("A2, causes: this script has no emergent division (pkg/model/testdata/emergent_reference.py has, by SciPy)")
        return gain, None, None, None
    if config.get("network.astrocyte.calcium", "pole") not in ("pole", ""):
        checks.notes.append("A2, causes: this script has no calcium of a cell (pkg/model/testdata/calcium_reference.py has, by SciPy)")
        return gain, None, None, None
    if config.get("network.astrocyte.readout") == "event":
        checks.notes.append("A2, causes: this script has no release in events (pkg/model/testdata/event_reference.py has, by SciPy)")
        return gain, None, None, None
    if config.get("network.astrocyte.readout") == "threshold":
        checks.notes.append("A2, causes: this script has no compartments that gather (pkg/model/testdata/threshold_reference.py has, by SciPy)")
        return gain, None, None, None
    if slow:
        checks.notes.append(f"A2, causes: this script has no {', '.join(slow)} (pkg/model/testdata/astrocyte_reference.py has, by SciPy)")
        return gain, None, None, None
    P = constants(config)
    in_units(P, unit, p1)
    network = Network(phi_q, phi_k, v, P, True, metric)
    f2, a2, p2 = network.run(causal)
    assert np.allclose(f2, a2 @ v, rtol=1e-9, atol=1e-9 * np.abs(f2).max()), "this script's outputs are not linear in the values"
    answers(checks, "A2", (a2, None if P["level"] is not None else (p2 + P["half"]) / unit), head, v, where)
    causes = {}
    for cause, taus in CAUSE_OF.items():
        if cause == "floor" and p1.min() > P["floor"]:
            continue  # no query reads so little
        if cause == "learning rate" and P["learning"] == learning_rate({**P, "learning": None}):
            continue
        if any(P[t] != LIMITS[t] for t in taus):
            beside = CAUSE_OF.get(BESIDE.get(cause), ())
            only = {**P, **LIMITS, **{t: P[t] for t in taus + beside}}
            causes[cause] = Network(phi_q, phi_k, v, only, False, metric).run(causal)[0]
    ideal = None
    if not P["frozen"] and name in (("positive", "hyperbolic") + ADAPTED if query_gain == "norm" else UNBIASED) and "q" in head and config.get("record.attention") != "false":
        q, k, key_gain = coordinates(head["q"], head["k"], invariances)
        x_q, x_k, metric, shift, _ = ideal_features(q, k, "none" if query_gain == "rate" else query_gain, causal, key_gain)
        P = constants(config)
        in_units(P, math.exp(2 * shift), kernel_attention(x_q, x_k, causal, metric)[1])
        ideal = Network(x_q, x_k, v, P, False, metric).run(causal)[0]
    return gain, causes, ideal, network


def check_head(head, tuning, config, report, checks):
    where = f"head {report['layer']}:{report['head']}"
    causal, v = config["network.schedule.order"] == "causal", head["v"]
    n = len(v)
    seen = visible(n, causal)
    gain, causes, ideal, network = recomputed(head, tuning, config, checks, where)
    outputs = {r: head[f"output_{r}"] for r in RUNGS if f"output_{r}" in head}
    for rung in outputs:
        if f"attention_{rung}" in head:
            a = head[f"attention_{rung}"]
            checks.array("output = A_eff v", a @ v, outputs[rung], f"{where} {rung}", (np.abs(a) @ np.abs(v)).max(axis=1, keepdims=True))
    if list(outputs) != [r for r in RUNGS if r in report["rungs"]]:
        checks.add("rungs", math.inf, f"{where}: {list(outputs)} stored, {list(report['rungs'])} measured")
        return
    reference = next(iter(outputs))
    facts = {"tokens": (n, report["tokens"]), "value_dim": (v.shape[1], report["value_dim"])}
    for name, (mine, theirs) in facts.items():
        checks.add(name, abs(mine - theirs), where)
    checks.add("reference and last rung", 0.0 if (report["reference"], report["last"]) == (reference, list(outputs)[-1]) else math.inf, where)
    check_attributes(head, tuning, config, report, checks, where)
    check_ladder(outputs, causes, ideal, network, v, seen, report, checks, where)
    for rung, x in outputs.items():
        found = {}
        if f"attention_{rung}" in head:
            found |= rows_alone(head[f"attention_{rung}"], seen)
        if rung != reference:
            found |= output_against(outputs[reference], x)
            if rung == "exact" and network:
                found |= dwell_against(outputs[reference], x, network)
            if f"attention_{rung}" in head and f"attention_{reference}" in head:
                found |= rows_against(head[f"attention_{reference}"], head[f"attention_{rung}"], seen)
            if f"normalizer_{rung}" in head and f"normalizer_{reference}" in head and (gain is not None or config.get("network.features.query_gain") == "none"):
                divisor = gain if gain is not None and reference == "softmax" else 1.0
                found |= normalizer_against(head[f"normalizer_{reference}"], head[f"normalizer_{rung}"] / divisor)
        for name, theirs in report["rungs"][rung].items():
            at = f"{where} {rung}"
            unknown = "attention_" + rung not in head and name in UNSTORED or gain is None and name.startswith("normalizer") and name not in found
            if name in UNSTORED and config.get("record.attention") == "false":
                checks.metric(name, None, theirs, at)  # A_eff was not asked for
            elif unknown:
                checks.notes.append(f"{rung} {name}: the arrays it is made of are not stored")
            elif name in ("relative_error_dwell", "peak_ratio") and network is None:
                checks.notes.append(f"{rung} {name}: the network's inputs are not stored")
            elif name == "peak_ratio":
                checks.metric(name, found[name], theirs, at, PEAK_TOLERANCE)
            elif name == "cosine_worst_token" and theirs is not None and np.isfinite(found[name]):
                c = cosines(outputs[reference], x)  # tokens that tie to rounding are equally the worst
                known = theirs == int(theirs) and 0 <= theirs < len(c)
                checks.metric(name, c[int(theirs)] if known else math.nan, float(np.nanmin(c)), at)
            else:
                checks.metric(name, found.get(name), theirs, at)


UNSTORED = {"row_sum_min", "row_sum_median", "row_sum_max", "clipped_mass_mean", "clipped_mass_max", "rows_skipped", "entropy",
            "tv_mean", "tv_max", "kl_mean", "kl_floored_mass", "top1_overlap", "top5_overlap"}


def check_attributes(head, tuning, config, report, checks, where):
    theirs = report["attributes"]
    if config.get("network.features.map") == "ideal" or config.get("network.circuit") == "replicator":
        for name in theirs:
            checks.metric(name, None, theirs[name], where)
        return
    if tuning is None:
        checks.notes.append("neurons, synapses, analytic_relative_sd: no features.npz")
        return
    if "W" not in tuning:
        for name in ("predicted_kernel_error", "predicted_deviation", "predicted_drawn", "predicted_bound"):
            checks.metric(name, None, theirs[name], where)
    m = next(len(tuning[name]) for name in ("W", "W_q", "phi_q") if name in tuning) if "phi_q" not in tuning else tuning["phi_q"].shape[1]
    checks.metric("neurons", m, theirs["neurons"], where)
    checks.metric("synapses", m * report["value_dim"], theirs["synapses"], where)
    if "W" in tuning:
        a0 = softmax(head["q"], head["k"], config["network.schedule.order"] == "causal")[0]
        name, causal = config["network.features.map"], config["network.schedule.order"] == "causal"
        q, k, key_gain = coordinates(head["q"], head["k"], tuning)
        sd = deviation(name, q, k, m, a0, key_gain, causal)
        checks.metric("analytic_relative_sd", sd if sd > 0 else math.nan, theirs["analytic_relative_sd"], where, INTEGRATED if name == "pairs" else TOLERANCE)
        known = config.get("record.attention") != "false"
        found = prediction(name, q, k, key_gain, head["v"], m, a0, causal) if known else [math.nan] * 4
        for quantity, mine in zip(("predicted_kernel_error", "predicted_deviation", "predicted_drawn", "predicted_bound"), found):
            # relative: the numbers span hundreds of decades, and u cancels where attention is on one token
            if name == "pairs" and mine > 0 and theirs[quantity]:
                checks.metric(quantity, mine / theirs[quantity], 1.0, where, INTEGRATED)
            else:
                checks.metric(quantity, mine if mine > 0 else math.nan, theirs[quantity], where, 1e-7)


def check_ladder(outputs, causes, ideal, network, v, seen, report, checks, where):
    values, steps = ladder(outputs, causes or {}, v, seen)
    reference = next(iter(outputs.values()))
    if ideal is not None:
        values["ideal_dynamics_error"] = ratio(np.linalg.norm(ideal - reference), np.linalg.norm(reference))
    check_needed(outputs, v, seen, network, report, checks, where)
    named = {PARTS[c] for c in PARTS} | {"interaction"}
    total = values.get("total_error", 1.0)
    for name, theirs in report["ladder"].items():
        if name in ("gap_needed", "read_needed"):
            continue
        part, _, kind = name.rpartition("_")
        if causes is None and part in named:
            checks.notes.append("the dynamics' causes: they need A2")
            continue
        if causes is None and name == "ideal_dynamics_error":
            checks.notes.append("the dynamics at m = ∞: they need A2")
            continue
        # A share divides by the total: what is recomputed to 1e-9 of the reference is known to 1e-9/total of it.
        loose = TOLERANCE * max(1.0, 1 / max(total, STEP_FLOOR)) if kind == "share" and part in named else TOLERANCE
        vague = kind == "share" and total < 10 * STEP_FLOOR or \
            name == "cosine_dynamics_kernel" and min(values.get("kernel_error", 1), values.get("dynamics_error", 1)) < 10 * STEP_FLOOR
        checks.metric(name, values.get(name), theirs, where, loose, vague)
    if causes is not None:
        dominant, size = dominating(values, steps)
        theirs = report["dominant"]
        part = PARTS.get(theirs, theirs)
        shares = [values.get(PARTS.get(p, p) + "_share", math.inf) for p in (dominant, theirs)]
        gap = 0.0 if theirs == dominant else shares[0] - shares[1]
        checks.add("dominant", gap, f"{where}: {dominant!r} here, {theirs!r} there")


def check_needed(outputs, v, seen, network, report, checks, where):
    """With the blank and the read that a head is said to need its dynamics come to NEEDED, with shorter ones not."""
    gap, read = report["ladder"]["gap_needed"], report["ladder"]["read_needed"]
    if read is None:
        checks.add("needed", 0.0 if gap is None else math.inf, f"{where}: a blank without a read")
        return
    if network is None:
        checks.notes.append("needed: the network's inputs are not stored")
        return

    causal = not seen[0].all()

    def left(gap, read):
        if isinstance(network, Replicator):
            return np.linalg.norm(network.gains(read) @ v - outputs["kernel"]) / np.linalg.norm(next(iter(outputs.values())))
        again = Network(network.phi_q, network.phi_k, v, {**network.P, "gap": gap, "read": read}, False, network.metric)
        return np.linalg.norm(again.run(causal)[0] - outputs["kernel"]) / np.linalg.norm(next(iter(outputs.values())))

    checks.add("needed", max(0.0, left(gap, read) - NEEDED), f"{where}: blanks of {gap} s and reads of {read} s")
    if gap > 0:
        checks.add("needed and no more", max(0.0, NEEDED - left(0.9 * gap, read)), f"{where}: shorter blanks than {gap} s")


def check_csv(path, heads, checks):
    """metrics.csv holds what metrics.json holds."""
    stored = {}
    for h in heads:
        groups = {"head": h["attributes"], "ladder": h["ladder"], **h["rungs"]}
        for rung, values in groups.items():
            for name, x in values.items():
                stored[str(h["layer"]), str(h["head"]), rung, name] = None if x is None else float(x)
    with open(path, newline="", encoding="utf-8") as f:
        listed = {(r["layer"], r["head"], r["rung"], r["metric"]): float(r["value"]) if r["value"] else None for r in csv.DictReader(f)}
    checks.add("metrics.csv", 0.0 if listed == stored else math.inf,
               f"{len(set(listed.items()) ^ set(stored.items()))} entries that only one of csv and json has")


def check_run(run, brief):
    try:
        config = read_config(run / "config.yaml")
        metrics = json.loads((run / "metrics.json").read_text(encoding="utf-8"))
        heads, tunings = read_arrays(run, "outputs"), read_arrays(run, "features")
    except (OSError, ValueError, KeyError) as error:
        print(f"check_run: {run}: {error}", file=sys.stderr)
        return 2
    if metrics["schema_version"] != 1:
        print(f"check_run: metrics.json has schema_version {metrics['schema_version']}; this script reads 1", file=sys.stderr)
        return 2
    if not heads or len(heads) != len(metrics["heads"]):
        print(f"check_run: {len(heads)} heads in outputs.npz, {len(metrics['heads'])} in metrics.json", file=sys.stderr)
        return 2
    tunings = tunings or [None] * len(heads)
    tunings = [read_given(run, config, report["head"]) or tuning for tuning, report in zip(tunings, metrics["heads"])]
    if config.get("network.features.map") == "learned":
        tunings = [read_learned(run, config, report["layer"], report["head"]) for report in metrics["heads"]]
    elif config.get("network.features.file") and config.get("network.features.map") == "ideal":
        tunings = [part_of(read_learned(run, config, report["layer"], report["head"]), config["network.features.invariances"]) for report in metrics["heads"]]
    checks = Checks()
    for head, tuning, report in zip(heads, tunings, metrics["heads"], strict=True):
        if (int(head["layer"]), int(head["head"])) != (report["layer"], report["head"]):
            checks.add("order of heads", math.inf, f"{head['layer']}:{head['head']} in outputs.npz, {report['layer']}:{report['head']} in metrics.json")
            continue
        check_head(head, tuning, config, report, checks)
    if (run / "metrics.csv").exists():
        check_csv(run / "metrics.csv", metrics["heads"], checks)
    check_model(run, config, metrics, checks)
    return checks.report(brief)


def main(arguments):
    if not arguments:
        print(__doc__.split("\n\n")[1].strip(), file=sys.stderr)
        return 2
    several, worst = len(arguments) > 1, 0
    for run in arguments:
        if several:
            print(f"{run}: ", end="", flush=True)
        worst = max(worst, check_run(pathlib.Path(run), several))
    return worst


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
