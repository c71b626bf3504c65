"""Writes fixture.json: random rungs and every metric of them, by NumPy and SciPy.

    python make_fixture.py        (NumPy 2.4, SciPy 1.17)

The formulas are written from the definitions in docs/science.md section 2 and
use library routines where there is one: numpy.quantile, scipy.stats.pearsonr,
scipy.stats.entropy, scipy.spatial.distance. The rungs are random arrays, not
solutions of the network: what is tested is the measuring.
"""
import json
import pathlib

import numpy as np
from scipy import stats
from scipy.spatial import distance

FLOOR = 1e-12  # of attention weights inside the logarithm of KL


def number(x):
    x = float(x)
    return x if np.isfinite(x) else None


def visible(n, causal):
    return [np.arange(t + 1) if causal else np.arange(n) for t in range(n)]


def clean(a, seen):
    """Visible entries clipped at 0 and renormalised; None where nothing is left."""
    row = np.clip(a[seen], 0, None)
    return row / row.sum() if row.sum() > 0 else None


def top(row, k):
    """Indices of the k largest, ties to the lower index."""
    row = np.clip(row, 0, None)
    return set(sorted(range(len(row)), key=lambda s: (-row[s], s))[:k])


def rows_alone(a, n, causal):
    seen = visible(n, causal)
    sums = np.array([a[t][seen[t]].sum() for t in range(n)])
    mass = [np.abs(a[t][seen[t]]).sum() for t in range(n)]
    clipped = np.array([-np.clip(a[t][seen[t]], None, 0).sum() / mass[t] for t in range(n) if mass[t] > 0])
    kept = [p for p in (clean(a[t], seen[t]) for t in range(n)) if p is not None]
    return {
        "row_sum_min": sums.min(), "row_sum_median": np.median(sums), "row_sum_max": sums.max(),
        "clipped_mass_mean": clipped.mean(), "clipped_mass_max": clipped.max(),
        "entropy": np.mean([stats.entropy(p) for p in kept]), "rows_skipped": n - len(kept),
    }


def rows_against(ref, a, n, causal):
    tv, kl, floored, top1, top5 = [], [], [], [], []
    for t, seen in enumerate(visible(n, causal)):
        p, q = clean(ref[t], seen), clean(a[t], seen)
        if p is None or q is None:
            continue
        tv.append(distance.cityblock(p, q) / 2)
        kl.append((p * (np.log(np.maximum(p, FLOOR)) - np.log(np.maximum(q, FLOOR)))).sum())
        floored.append(p[q < FLOOR].sum())
        k = min(5, len(seen))
        top1.append(np.argmax(np.clip(ref[t][seen], 0, None)) == np.argmax(np.clip(a[t][seen], 0, None)))
        top5.append(len(top(ref[t][seen], k) & top(a[t][seen], k)) / k)
    return {"tv_mean": np.mean(tv), "tv_max": np.max(tv), "kl_mean": np.mean(kl), "kl_floored_mass": np.mean(floored),
            "top1_overlap": np.mean(top1), "top5_overlap": np.mean(top5)}


def output_against(ref, x):
    cosines = np.array([1 - distance.cosine(a, b) for a, b in zip(x, ref)])
    gain = (x * ref).sum() / (ref * ref).sum()
    rest = np.linalg.norm(x / gain - ref) / np.linalg.norm(ref) if gain > 1e-12 else None
    return {"gain": gain, "relative_error_after_gain": rest, "relative_error": np.linalg.norm(x - ref) / np.linalg.norm(ref), "cosine_mean": cosines.mean(),
            "cosine_worst": cosines.min(), "cosine_worst_token": cosines.argmin()}


def dwell_against(ref, x, average, peak):
    return {"relative_error_dwell": np.linalg.norm(average - ref) / np.linalg.norm(ref), "peak_ratio": np.median(peak / np.linalg.norm(x, axis=1))}


def normalizer_against(z, p, gain):
    p = p / gain
    ok = np.isfinite(z) & np.isfinite(p)
    logs = ok & (p > 0) & (z > 0)
    off = np.abs(p[ok] / z[ok] - 1)
    return {"normalizer_median": np.median(off), "normalizer_p95": np.quantile(off, 0.95),
            "normalizer_r": stats.pearsonr(p[ok], z[ok])[0],
            "normalizer_r_log10": stats.pearsonr(np.log10(p[logs]), np.log10(z[logs]))[0],
            "normalizer_skipped": (~ok).sum(), "normalizer_log_skipped": (~logs).sum()}


PART = {"carry-over": "carry_over", "calcium lag": "calcium_lag", "leak": "leak"}


def ladder(rungs, causes, v, causal):
    n = len(v)
    present = [r for r in ("softmax", "kernel", "exact", "solver") if r in rungs]
    ref, last = rungs[present[0]]["output"], rungs[present[-1]]["output"]
    unit = np.linalg.norm(ref)
    uniform = np.array([v[seen].mean(0) for seen in visible(n, causal)])
    total = last - ref
    out = {"reference_norm": unit, "total_error": np.linalg.norm(total) / unit,
           "trivial_error": np.linalg.norm(uniform - ref) / unit}
    steps = {}
    for name, low, high in (("kernel", "softmax", "kernel"), ("dynamics", "kernel", "exact"), ("integration", "exact", "solver")):
        if low in rungs and high in rungs:
            steps[name] = rungs[high]["output"] - rungs[low]["output"]
    if causes:
        rest = steps["dynamics"].copy()
        for cause, x in causes.items():
            steps[PART[cause]] = x - rungs["kernel"]["output"]
            rest -= steps[PART[cause]]
        steps["interaction"] = rest
    for name, step in steps.items():
        out[name + "_error"] = np.linalg.norm(step) / unit
        out[name + "_share"] = (step * total).sum() / (total * total).sum()
    if "kernel" in steps and "dynamics" in steps:
        out["cosine_dynamics_kernel"] = 1 - distance.cosine(steps["dynamics"].ravel(), steps["kernel"].ravel())
    named = [p for p in ("kernel", "carry_over", "calcium_lag", "leak", "interaction", "integration") if p in steps]
    if not causes:
        named = [p for p in ("kernel", "dynamics", "integration") if p in steps]
    dominant = max(named, key=lambda p: out[p + "_share"])
    names = {b: a for a, b in PART.items()}
    return {k: number(x) for k, x in out.items()}, names.get(dominant, dominant)


def case(name, seed, n, dv, causal, rungs, causes, gain=False, signed=False, overflow=()):
    rng = np.random.default_rng(seed)
    v = rng.normal(size=(n, dv))
    mask = np.tril(np.ones((n, n))) if causal else np.ones((n, n))
    logits = 2 * rng.normal(size=(n, n))
    weights = np.exp(logits) * mask
    z = weights.sum(1)
    softmax = weights / z[:, None]
    data, noise = {}, {"softmax": 0.0, "kernel": 0.3, "exact": 0.5, "solver": 0.5}
    for i, rung in enumerate(rungs):
        a = softmax.copy()
        if rung != "softmax":
            a = softmax * np.exp(noise[rung] * rng.normal(size=(n, n))) * (1 - 0.1 * i)
            if signed:
                a -= 0.05 * rng.random((n, n)) * mask
            a[min(2, n - 1), 0] = 0.0  # a softmax-positive entry that meets the floor
        p = z * np.exp(noise[rung] * rng.normal(size=n))
        data[rung] = {"attention": a, "output": a @ v, "normalizer": p if rung != "softmax" else z.copy()}
    if signed:
        data["kernel"]["attention"][n - 1] = -np.abs(data["kernel"]["attention"][n - 1])  # a row with nothing left
        data["kernel"]["normalizer"][1] = -0.5
    if "exact" in data:  # from a generator of its own: what is drawn below stays as it was
        later, output = np.random.default_rng(1000 + seed), data["exact"]["output"]
        data["exact"]["average"] = output * np.exp(0.4 * later.normal(size=output.shape))
        data["exact"]["peak"] = np.linalg.norm(output, axis=1) * (1 + later.random(n))
    g = np.exp(rng.normal(size=n)) if gain else np.ones(n)
    for rung in rungs:
        if rung != "softmax":
            data[rung]["normalizer"] = data[rung]["normalizer"] * g
    made = {c: data["kernel"]["output"] + 0.2 * (1 + k) * rng.normal(size=(n, dv)) for k, c in enumerate(causes)}
    reference = data[rungs[0]]
    zeros = reference["normalizer"].copy()
    zeros[list(overflow)] = np.inf
    values = {}
    for rung in rungs:
        found = rows_alone(data[rung]["attention"], n, causal)
        if rung != rungs[0]:
            found |= output_against(reference["output"], data[rung]["output"])
            if rung == "exact":
                found |= dwell_against(reference["output"], *(data[rung][k] for k in ("output", "average", "peak")))
            found |= rows_against(reference["attention"], data[rung]["attention"], n, causal)
            divisor = g if rungs[0] == "softmax" else np.ones(n)
            found |= normalizer_against(zeros, data[rung]["normalizer"], divisor)
        if rung == "softmax":
            found = {k: found[k] for k in ("entropy", "rows_skipped")}
        values[rung] = {k: number(x) for k, x in found.items()}
    steps, dominant = ladder(data, made, v, causal)
    return {"name": name, "tokens": n, "value_dim": dv, "causal": causal, "v": v.ravel().tolist(),
            "gain": g.tolist() if gain else None, "overflow": list(overflow),
            "rungs": [{"name": r, **{k: a.ravel().tolist() for k, a in data[r].items()}} for r in rungs],
            "causes": {c: x.ravel().tolist() for c, x in made.items()},
            "ladder": steps, "dominant": dominant, "values": values}


ALL = ["softmax", "kernel", "exact", "solver"]
CAUSES = ["carry-over", "calcium lag", "leak"]
cases = [
    case("bidirectional, all causes", 1, 11, 3, False, ALL, CAUSES),
    case("causal, two causes, gain", 2, 9, 4, True, ALL, CAUSES[:2], gain=True),
    case("no softmax rung, gain", 3, 8, 2, False, ALL[1:], CAUSES[1:3], gain=True),
    case("signed map, kernel only", 4, 10, 3, False, ALL[:2], [], signed=True),
    case("Z overflows, no causes", 5, 12, 5, False, ALL[:3], [], overflow=(0, 7)),
    case("fewer than five tokens", 6, 3, 2, True, ALL, CAUSES[:1]),
]
with open(pathlib.Path(__file__).with_name("fixture.json"), "w") as f:
    json.dump({"cases": cases}, f, separators=(",", ":"), allow_nan=False)
    f.write("\n")
