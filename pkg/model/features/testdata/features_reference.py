"""Reference values of the hidden layer's feature maps, straight from the table of docs/science.md §3.

    python3 features_reference.py           writes features_reference.json (needs NumPy; ten seconds)

Conventions
  * W is m × d, one row ω per neuron; b holds one phase per neuron; x one input per row. Everything is flat and row-major.
  * maps[name] is φ(x), one row of m entries per input.
  * hyperbolic and trig use the first m/2 rows of W, two neurons a row, interleaved: entries 2r, 2r+1 are (e^{+ωx}, e^{−ωx}) or
    (cos ωx, sin ωx), times the table's factor.
  * linear is 1 + (ωx − ½x² − ½ ln m). elu1 has no factor of m.
  * The last input has |x|² = 200: nothing overflows there, and the others have |x|² of 0 to 9.
  * relative_variance: of one score estimate φ(q)·φ(k) of exp(q·k) with m neurons and iid rows: the table's formula, which this
    script holds to a Monte-Carlo estimate (kept beside it, with its standard error) before it writes anything.
"""
import json
import pathlib

import numpy as np

HERE = pathlib.Path(__file__).parent
DIM, NEURONS, DRAWS, MANY = 8, 12, 4_000_000, 200_000


def square(x):
    return (x * x).sum(-1, keepdims=True)


def interleave(first, second):
    return np.stack([first, second], axis=-1).reshape(len(first), -1)


MAPS = {
    "positive": lambda x, w, b, m: np.exp(x @ w.T - square(x) / 2 - np.log(m) / 2),
    "hyperbolic": lambda x, w, b, m: interleave(np.exp(x @ w[:m // 2].T), np.exp(-(x @ w[:m // 2].T))) * np.exp(-square(x) / 2) / np.sqrt(m),
    "cosine": lambda x, w, b, m: np.sqrt(2 / m) * np.cos(x @ w.T + b) * np.exp(square(x) / 2),
    "trig": lambda x, w, b, m: np.sqrt(2 / m) * np.exp(square(x) / 2) * interleave(np.cos(x @ w[:m // 2].T), np.sin(x @ w[:m // 2].T)),
    "elu1": lambda x, w, b, m: np.where(x @ w.T > 0, x @ w.T, np.expm1(np.minimum(x @ w.T, 0))) + 1,
    "linear": lambda x, w, b, m: 1 + (x @ w.T - square(x) / 2 - np.log(m) / 2),
    "truncated_positive": lambda x, w, b, m: np.clip(np.exp(x @ w.T), 0, 150) * np.exp(-square(x) / 2) / np.sqrt(m),
    "positive_cosine": lambda x, w, b, m: np.maximum(0, np.sqrt(2 / (np.pi * m)) * np.exp(square(x) / 2) * np.cos(x @ w.T + b)),
    "clipped_sine": lambda x, w, b, m: np.sqrt(2 / m) * np.exp(square(x) / 2) * np.sin(np.clip(x @ w.T + b, -np.pi / 2, np.pi / 2)),
}

# m × relative variance, s = |q+k|², δ = |q−k|².
VARIANCES = {
    "positive": lambda s, delta: np.exp(s) - 1,
    "hyperbolic": lambda s, delta: 4 * np.sinh(s / 2) ** 2,
    "cosine": lambda s, delta: np.exp(delta) * (1 + 0.5 * np.exp(-2 * delta) - np.exp(-delta)),
    "trig": lambda s, delta: 4 * np.sinh(delta / 2) ** 2,
}


def single_score(name, q, k, w, b):
    """The score estimate of the smallest network of this map, for every row of w as its own draw; and that network's m."""
    m = 2 if name in ("hyperbolic", "trig") else 1
    def phi(x):
        z, half = w @ x, x @ x / 2
        return {"positive": lambda: [np.exp(z - half)],
                "hyperbolic": lambda: [np.exp(z - half) / np.sqrt(2), np.exp(-z - half) / np.sqrt(2)],
                "cosine": lambda: [np.sqrt(2) * np.cos(z + b) * np.exp(half)],
                "trig": lambda: [np.exp(half) * np.cos(z), np.exp(half) * np.sin(z)]}[name]()
    return sum(u * v for u, v in zip(phi(q), phi(k))), m


def measure(name, q, k, rng):
    """Mean of the score over exp(q·k), and m × its relative variance, each with a standard error."""
    w, b = rng.normal(size=(DRAWS, DIM)), rng.uniform(0, 2 * np.pi, DRAWS)
    score, m = single_score(name, q, k, w, b)
    score = score / np.exp(q @ k)
    squares = (score - 1) ** 2
    return score.mean(), score.std() / np.sqrt(DRAWS), m * squares.mean(), m * squares.std() / np.sqrt(DRAWS)


def flat(x):
    return [float(u) for u in np.ravel(x)]


def main():
    rng = np.random.default_rng(1603)
    w, b = rng.normal(size=(NEURONS, DIM)), rng.uniform(0, 2 * np.pi, NEURONS)
    x = rng.normal(size=(7, DIM))
    x *= (np.sqrt([0, 0.5, 2, 4.5, 9, 9, 200]) / np.linalg.norm(x, axis=1))[:, None]
    x[5] = 3 * w[2] / np.linalg.norm(w[2])          # along one row: e^{ωx} reaches the ceiling of truncated_positive
    with np.errstate(over="raise", invalid="raise"):
        maps = {name: phi(x, w, b, NEURONS) for name, phi in MAPS.items()}
    assert (np.exp(x[5] @ w[2]) > 150) and (maps["positive_cosine"] == 0).any() and (maps["positive_cosine"] > 0).any()
    assert (x @ w.T + b < -np.pi / 2).any() and (x @ w.T + b > np.pi / 2).any() and (np.abs(x @ w.T + b) < np.pi / 2).any()

    pair = rng.normal(size=(2, DIM))
    pair *= np.sqrt([[0.45], [0.6]]) / np.linalg.norm(pair, axis=1)[:, None]
    q, k = pair
    s, delta = float((q + k) @ (q + k)), float((q - k) @ (q - k))
    rows = []
    for name, formula in VARIANCES.items():
        mean, mean_error, variance, variance_error = measure(name, q, k, rng)
        exact = formula(s, delta)
        print(f"{name:12s} mean {mean:.5f} ± {mean_error:.5f}   m·variance {variance:.4f} ± {variance_error:.4f}, formula {exact:.4f}")
        assert abs(mean - 1) < 4 * mean_error and abs(variance - exact) < 4 * variance_error, name
        assert variance_error < 0.02 * exact, "too few draws to say anything"
        # The table's φ itself, its factors of m included, at many neurons.
        wide = MAPS[name](pair, rng.normal(size=(MANY, DIM)), rng.uniform(0, 2 * np.pi, MANY), MANY)
        assert abs(wide[0] @ wide[1] / np.exp(q @ k) - 1) < 4 * np.sqrt(exact / MANY), name
        rows.append(dict(map=name, relative_variance=float(exact / NEURONS), sampled=float(variance / NEURONS), standard_error=float(variance_error / NEURONS)))
    about = "Feature maps of docs/science.md section 3 and their relative variances; conventions in features_reference.py"
    document = dict(about=about, dim=DIM, neurons=NEURONS, rows=flat(w), phases=flat(b), inputs=flat(x), maps={n: flat(v) for n, v in maps.items()},
                    pair=dict(query=flat(q), key=flat(k), sum_square=s, difference_square=delta, maps=rows))
    (HERE / "features_reference.json").write_text(json.dumps(document, separators=(",", ":")).replace(',"', ',\n"') + "\n")


if __name__ == "__main__":
    main()
