"""Reference values of the hidden layer's feature maps, straight from the table of docs/science.md §3.

    python3 features_reference.py           writes features_reference.json (needs NumPy and SciPy; a minute)

Conventions
  * W is m × d, one row ω per neuron; b holds one phase per neuron; x one input per row. Everything is flat and row-major.
  * maps[name] is φ(x), one row of m entries per input.
  * hyperbolic and trig use the first m/2 rows of W, two neurons a row, interleaved: entries 2r, 2r+1 are (e^{+ωx}, e^{−ωx}) or
    (cos ωx, sin ωx), times the table's factor.
  * linear is 1 + (ωx − ½x² − ½ ln m). elu1 has no factor of m.
  * The last input has |x|² = 200: nothing overflows there, and the others have |x|² of 0 to 9.
  * oprf, dense, gauss and pairs are drawn as the tokens `adapted` call for: W is what their rows are made of, phase/2π the uniform
    number that chooses a pair. Of an eigenvector the entry largest in size is positive. Their variances are those of every score of
    these tokens, m × relative variance: of three in closed form, by NumPy's inverses and determinants, of pairs the variance within
    strata, integrated over DRAWS pairs of draws.
  * simplex: inner products of the directions of a block of d rows, as the paper writes them (arXiv 2301.13856).
  * invariances[kind]: q', k' and the logarithm of the keys' gains of the tokens `adapted`, by SciPy's matrix square roots: a geometric
    mean of the covariances, turned to where they are diagonal. Each coordinate up to its sign, which q' and k' share.
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


def softmax(q, k):
    a = np.exp(q @ k.T)
    return a / a.sum(1, keepdims=True), a.sum(1)


def pairs_of(q, k):
    """All sums q_t + k_s [N², d], and how much of the attention each is."""
    return (q[:, None] + k[None]).reshape(-1, q.shape[1]), softmax(q, k)[0].ravel() / len(q)


def eigh(s):
    values, vectors = np.linalg.eigh(s)
    values, vectors = values[::-1], vectors[:, ::-1]
    return values, vectors * np.sign(vectors[np.abs(vectors).argmax(0), np.arange(len(s))])


def best(psi):
    """A of the optimal positive random features."""
    return (1 - 2 * psi - np.sqrt((2 * psi + 1) ** 2 + 8 * psi)) / 16


def proposal(name, q, k):
    """μ, and a root R of Σ with which a row is μ + R ω."""
    z, weight = pairs_of(q, k)
    d = q.shape[1]
    if name == "oprf":
        return np.zeros(d), np.sqrt(1 - 4 * best((z * z).sum(1).mean() / d)) * np.eye(d)
    if name == "dense":
        values, vectors = eigh(z.T @ z / len(z))
        return np.zeros(d), vectors * np.sqrt(1 - 4 * best(values))
    mean = weight @ z
    values, vectors = eigh((z - mean).T @ ((z - mean) * weight[:, None]))
    return mean, vectors * np.sqrt(1 + values)


def log_normal(x, mean, cov):
    return -0.5 * np.einsum("ij,jk,ik->i", x - mean, np.linalg.inv(cov), x - mean) - 0.5 * np.linalg.slogdet(2 * np.pi * cov)[1]


def gaussian_rows(name, w, b, q, k):
    mean, root = proposal(name, q, k)
    rows = mean + w @ root.T
    return rows, log_normal(rows, np.zeros(len(mean)), np.eye(len(mean))) - log_normal(rows, mean, root @ root.T)


def pair_rows(name, w, b, q, k):
    """Rows about pairs, stratified, and the logarithm of their weights, from the density of the mixture itself."""
    z, weight = pairs_of(q, k)
    quantile = (np.arange(len(w)) + b / (2 * np.pi)) / len(w)
    rows = z[np.minimum(np.searchsorted(np.cumsum(weight), quantile), len(z) - 1)] + w
    density = np.concatenate([np.exp(r @ z.T - 0.5 * (z * z).sum(1)) @ weight for r in np.array_split(rows, max(1, len(rows) // 4096))])
    return rows, -np.log(density)


def adapted(name, rows_of):
    def phi(x, w, b, m, tokens):
        rows, log_weight = rows_of(name, w, b, *tokens)
        return np.exp(x @ rows.T - square(x) / 2 + log_weight / 2 - np.log(m) / 2)
    return phi


def optimal(x, w, b, m, tokens):
    """The table's formula."""
    d = x.shape[1]
    a = best((pairs_of(*tokens)[0] ** 2).sum(1).mean() / d)
    return (1 - 4 * a) ** (d / 4) * np.exp(a * (w * w).sum(1) + np.sqrt(1 - 4 * a) * x @ w.T - square(x) / 2) / np.sqrt(m)


ADAPTED = {
    "oprf": lambda x, w, b, m, tokens: optimal(x, w, b, m, tokens),
    "dense": lambda x, w, b, m, tokens: adapted("dense", gaussian_rows)(x, w, b, m, tokens),
    "gauss": lambda x, w, b, m, tokens: adapted("gauss", gaussian_rows)(x, w, b, m, tokens),
    "pairs": lambda x, w, b, m, tokens: adapted("pairs", pair_rows)(x, w, b, m, tokens),
}


def second_moments(name, q, k):
    """1 + m × relative variance of every score: ∫ N(ω; 0, I)²/N(ω; μ, Σ) e^{2ω·z − |z|²} dω, z = q + k."""
    mean, root = proposal(name, q, k)
    precision = np.linalg.inv(root @ root.T)
    inner = 2 * np.eye(len(mean)) - precision
    z = pairs_of(q, k)[0]
    y = 2 * z - precision @ mean
    exponent = 0.5 * np.einsum("ij,jk,ik->i", y, np.linalg.inv(inner), y) - (z * z).sum(1) + 0.5 * mean @ precision @ mean
    return np.exp(exponent - 0.5 * np.linalg.slogdet(precision)[1] - 0.5 * np.linalg.slogdet(inner)[1]).reshape(len(q), -1)


def within_strata(q, k, strata, repetitions, rng):
    """m × relative variance of every score of so many stratified neurons, and its standard error."""
    z = pairs_of(q, k)[0]
    found = []
    for _ in range(repetitions):
        scores = []
        for _ in range(2):
            rows, log_weight = pair_rows("pairs", rng.normal(size=(strata, q.shape[1])), rng.uniform(0, 2 * np.pi, strata), q, k)
            scores.append(np.exp(rows @ z.T - 0.5 * (z * z).sum(1) + log_weight[:, None]))
        found.append(((scores[0] - scores[1]) ** 2 / 2).mean(0))
    return np.mean(found, 0).reshape(len(q), -1), (np.std(found, 0) / np.sqrt(repetitions)).reshape(len(q), -1)


def invariant(kind, q, k):
    """q', k' and the logarithm of the keys' gains."""
    import scipy.linalg  # which check_heads.py, that takes the rest, does without
    means = [x.mean(0) if kind in ("center", "both") else np.zeros(x.shape[1]) for x in (q, k)]
    a = np.eye(q.shape[1])
    if kind in ("balance", "both"):
        sq, sk = ((x - mean).T @ (x - mean) / len(x) for x, mean in zip((q, k), means))
        sq, sk = (s + 1e-4 * np.trace(s) / len(s) * np.eye(len(s)) for s in (sq, sk))
        root = scipy.linalg.sqrtm(sk).real
        mean = np.linalg.inv(root) @ scipy.linalg.sqrtm(root @ sq @ root).real @ np.linalg.inv(root)
        a = scipy.linalg.sqrtm(mean).real
        a = eigh(a @ sk @ a.T)[1].T @ a
    q1, k1 = (q - means[0]) @ np.linalg.inv(a), (k - means[1]) @ a.T
    gain = k1 @ np.linalg.inv(a).T @ means[0]
    assert np.allclose(softmax(q, k)[0], (lambda e: e / e.sum(1, keepdims=True))(np.exp(q1 @ k1.T + gain)), rtol=1e-10)  # softmax does not see it
    return q1, k1, gain


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

    more = np.random.default_rng(37)  # a stream of its own, so that what is above stays
    shared = more.normal(size=(9, DIM))
    tokens = 0.3 * (shared + more.normal(size=(9, DIM))) + 0.15, 0.3 * (shared + more.normal(size=(9, DIM))) - np.linspace(0, 0.3, DIM)
    for name, phi in ADAPTED.items():
        maps[name] = phi(x, w, b, NEURONS, tokens)
        # The table's φ is unbiased: every score, in the mean over many draws.
        many = np.mean([(lambda f: f[:9] @ f[9:].T)(phi(np.vstack(tokens), more.normal(size=(MANY, DIM)), more.uniform(0, 2 * np.pi, MANY), MANY, tokens)) for _ in range(4)], 0)
        assert np.abs(many / np.exp(tokens[0] @ tokens[1].T) - 1).max() < 0.02, name
    variances = {name: second_moments(name, *tokens) - 1 for name in ("oprf", "dense", "gauss")}
    for name, exact in variances.items():
        rows, log_weight = gaussian_rows(name, more.normal(size=(DRAWS // 4, DIM)), None, *tokens)
        score = np.exp(rows @ (tokens[0][0] + tokens[1][0]) - 0.5 * ((tokens[0][0] + tokens[1][0]) ** 2).sum() + log_weight)
        squares = (score - 1) ** 2
        print(f"{name:12s} m·variance {squares.mean():.4f} ± {squares.std() / np.sqrt(len(squares)):.4f}, formula {exact[0, 0]:.4f}")
        assert abs(squares.mean() - exact[0, 0]) < 4 * squares.std() / np.sqrt(len(squares)), name
    variances["pairs"], pairs_error = within_strata(*tokens, 4096, 100, more)
    assert (pairs_error < 0.02 * variances["pairs"]).all()
    corners = np.vstack([np.sqrt(DIM / (DIM - 1)) * np.eye(DIM)[i] - (np.sqrt(DIM) + 1) / (DIM - 1) ** 1.5 * np.r_[np.ones(DIM - 1), 0] for i in range(DIM - 1)]
                        + [np.r_[np.ones(DIM - 1), 0] / np.sqrt(DIM - 1)])  # the paper's, of d vectors in d − 1 dimensions
    invariances = {kind: dict(zip(("q", "k", "gain"), map(flat, invariant(kind, *tokens)))) for kind in ("center", "balance", "both")}

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
                    adapted=dict(query=flat(tokens[0]), key=flat(tokens[1]), variances={n: flat(v) for n, v in variances.items()}),
                    invariances=invariances, simplex=flat(corners @ corners.T),
                    pair=dict(query=flat(q), key=flat(k), sum_square=s, difference_square=delta, maps=rows))
    (HERE / "features_reference.json").write_text(json.dumps(document, separators=(",", ":")).replace(',"', ',\n"') + "\n")


if __name__ == "__main__":
    main()
