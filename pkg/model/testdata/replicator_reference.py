"""Reference solutions of the replicator of docs/science.md, section 7, by a general solver.

While a query is read, one gain for each token that it sees obeys

    tau_gain da_s/dt = a_s [l_s - ln a_s - sum_r a_r (l_r - ln a_r)]    from a_s = 1/N,    f = sum_s a_s v_s,

with l_s = q.k_s. This integrates a as it stands by SciPy's DOP853 (rtol 1e-12, atol 1e-15); the closed form is not used.

    python3 replicator_reference.py         writes replicator_reference.json (needs NumPy and SciPy; seconds)

  * query, key [tokens, dim] and value [tokens, values] are flat, row-major. scores: exp(q.k), [tokens, tokens].
  * output, attention: f and a at the end of each read; half: f at half of it; average: f averaged over it.
"""
import json
import pathlib

import numpy as np
import scipy
from scipy.integrate import solve_ivp

HERE = pathlib.Path(__file__).parent


def read(logits, values, tau, duration):
    """Gains at the end of a read, f there, at half of it, and averaged over it."""
    n = len(logits)

    def derivative(_, y):
        a = y[:n]
        fitness = logits - np.log(a)
        return np.concatenate([a * (fitness - a @ fitness) / tau, a @ values])

    start = np.concatenate([np.full(n, 1 / n), np.zeros(values.shape[1])])
    solution = solve_ivp(derivative, (0, duration), start, method="DOP853", rtol=1e-12, atol=1e-15, t_eval=[duration / 2, duration])
    assert solution.success, solution.message
    half, end = solution.y.T
    return end[:n], end[:n] @ values, half[:n] @ values, end[n:] / duration


def main():
    rows = []
    for index, (order, tokens, size, tau, duration) in enumerate([
            ("bidirectional", 6, 1.0, 0.050, 0.250), ("causal", 6, 1.0, 0.050, 0.250), ("bidirectional", 9, 2.5, 0.100, 0.250),
            ("causal", 9, 2.5, 0.250, 0.250), ("bidirectional", 5, 3.0, 0.020, 0.500), ("bidirectional", 1, 1.0, 0.050, 0.250)]):
        rng = np.random.default_rng([2026, 7, index])
        query, key, value = (rng.normal(size=(tokens, columns)) * scale for columns, scale in ((4, size), (4, 1.0), (3, 1.0)))
        output, half, average, attention = [], [], [], np.zeros((tokens, tokens))
        for t in range(tokens):
            seen = t + 1 if order == "causal" else tokens
            gains, f, middle, mean = read(key[:seen] @ query[t], value[:seen], tau, duration)
            attention[t, :seen] = gains
            output.append(f), half.append(middle), average.append(mean)
        flat = lambda x: np.asarray(x).ravel().tolist()
        rows.append(dict(order=order, tokens=tokens, values=3, tau_gain=tau, read=duration, scores=flat(np.exp(query @ key.T)), value=flat(value),
                         output=flat(output), half=flat(half), average=flat(average), attention=flat(attention)))
        print(order, tokens, tau, np.abs(output).max())
    document = {"about": "The replicator of docs/science.md section 7 by SciPy DOP853; see replicator_reference.py.",
                "made_with": f"NumPy {np.__version__}, SciPy {scipy.__version__}", "problems": rows}
    (HERE / "replicator_reference.json").write_text(json.dumps(document, separators=(",", ":")).replace('{"order"', '\n{"order"') + "\n")


if __name__ == "__main__":
    main()
