"""Recomputes in NumPy what `nasim inspect MODEL --format csv` says, from the queries, keys and values of a run.

    nasim run configs/text.yaml --set layers=all --set heads=all --set solver.method=none --out RUN
    nasim inspect tiny-text --format csv > heads.csv
    python3 docs/check_heads.py RUN heads.csv

Shares no code with nasim; the sums over pairs of keys are written out, with none of its rearrangements. Needs NumPy."""
import csv
import pathlib
import sys

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "pkg/model/features/testdata"))
from output_error import ADAPTED, MAPS, attention, covariance, predicted, predicted_pairs, product_moments, score_pairs  # noqa: E402

TOLERANCE = 1e-8  # of sums in another order, and of log10 of ratios of sums
INTEGRATED = 0.2   # of what nasim and this integrate over draws of their own: the map pairs
NEURONS, ERROR = 1000, 0.05


def recompute(q, k, v, causal):
    n, d = q.shape
    seen = np.tri(n, dtype=bool) if causal else np.ones((n, n), bool)
    a = attention(q, k, causal)
    size = (q**2).sum(1)[:, None] + (k**2).sum(1)[None] + 2 * q @ k.T
    scores = np.where(seen, q @ k.T, -np.inf)
    top = scores.max(1)
    log_z = top + np.log(np.exp(scores - top[:, None]).sum(1))
    row = {
        "dim": d,
        "tokens": n,
        "norm2_mean": size[seen].mean(),
        "entropy_nats": -np.sum(a * np.log(np.where(a > 0, a, 1))) / n,
        "z_decades": (log_z.max() - log_z.min()) / np.log(10),
    }
    for name in MAPS + ADAPTED:
        if name in MAPS:
            variance = np.array([a[t] @ np.diag(covariance(name, q[t], k)) for t in range(n)])
        else:
            variance = np.array([a[t] @ (np.diag(product_moments(name, q, k, t, n, causal).astype(float)) - 1) for t in range(n)])
        row["sd_" + name] = np.median(np.sqrt(variance / NEURONS))
        m = max(1, np.ceil(predicted(name, q, k, v, causal, np.float64) / ERROR**2))
        row["m05_" + name] = m + m % 2 if name in ("hyperbolic", "trig") and m < 2**53 else m
    row["sd_pairs"] = np.median(np.sqrt((a * score_pairs(q, k, causal, NEURONS, 3)).sum(1) / NEURONS))
    row["m05_pairs"] = max(1, np.ceil(predicted_pairs(q, k, v, causal, 2048, 3) / ERROR**2))
    return row


def main():
    run, table = sys.argv[1:3]
    arrays = np.load(pathlib.Path(run) / "outputs.npz")
    causal = "order: causal" in (pathlib.Path(run) / "config.yaml").read_text()
    heads = {(int(layer), int(head)): i for i, (layer, head) in enumerate(zip(arrays["layer"], arrays["head"]))}
    worst, loosest, checked = 0.0, 0.0, 0
    with open(table, newline="") as file:
        for line in csv.DictReader(file):
            i = heads.pop((int(line["layer"]), int(line["head"])))
            want = recompute(arrays["q"][i], arrays["k"][i], arrays["v"][i], causal)
            for name, value in want.items():
                error = abs(float(line[name]) / value - 1) if value else abs(float(line[name]))
                if name.startswith("m05_"):  # one neuron, or a pair, more or less by rounding
                    error = max(0.0, abs(float(line[name]) - value) - 2) / value
                if name.endswith("_pairs"):
                    loosest, error = max(loosest, error), 0.0 if error < INTEGRATED else error
                else:
                    worst = max(worst, error)
                checked += 1
                if not error < TOLERANCE:
                    sys.exit(f"head {line['layer']}:{line['head']}: {name} is {line[name]}, and {value!r} by NumPy")
    if heads:
        sys.exit(f"{table} lacks the heads {sorted(heads)}")
    print(f"{checked} numbers of {table} are those of {run} by NumPy, to {worst:.1e}; of pairs, integrated over draws, to {100 * loosest:.0f} %")


if __name__ == "__main__":
    main()
