"""Reference solutions of emergent division (docs/science.md, section 5), by a general solver.

Every p_ia, s_ia and f_i is integrated as it is written,

    tau_output df_i/dt = -f_i + sum_a s_ia h_a     tau_synapse ds_ia/dt = -p_ia s_ia + c_ia     tau_exchange dp_ia/dt = sum_jb (p_jb - p_ia)

from s = f = 0 and p_ia = scale phi_a(q) g_a at the start of each read, with h = phi(q), g = sum phi(k) and c = scale/m sum v phi(k)^T over the tokens
that are written, by SciPy's DOP853 (rtol 1e-12). tau_output = 0: f = sum s h.

    python3 emergent_reference.py           writes emergent_reference.json (needs NumPy and SciPy; seconds)

  * query, key [tokens, neurons] are features. output: f at the end of each read; average: f averaged over it; calcium: the
    mean of p_ia there, times m/scale; drift: how far sum p has moved in all reads, relative to it.
"""
import json
import pathlib

import numpy as np
import scipy
from scipy.integrate import solve_ivp

from network_reference import features, flat

HERE = pathlib.Path(__file__).parent


def read(query, g, c, problem):
    m, d = len(query), len(c)
    tau = problem["tau_output"]

    def unpack(y):
        return y[:d * m].reshape(d, m), y[d * m:2 * d * m].reshape(d, m), y[2 * d * m:2 * d * m + d]

    def derivative(_, y):
        p, s, f = unpack(y)
        dp = (p.sum() - d * m * p) / problem["tau_exchange"]
        ds = (c - p * s) / problem["tau_synapse"]
        drive = s @ query
        df = (drive - f) / tau if tau > 0 else 0 * f
        return np.concatenate([dp.ravel(), ds.ravel(), df, f if tau > 0 else drive])

    start = np.concatenate([np.tile(problem["scale"] * query * g, d), np.zeros(d * m + 2 * d)])
    solution = solve_ivp(derivative, (0, problem["read"]), start, method="DOP853", rtol=1e-12, atol=1e-14)
    assert solution.success, solution.message
    p, s, f = unpack(solution.y[:, -1])
    total = start[:d * m].sum()
    return f if tau > 0 else s @ query, solution.y[-d:, -1] / problem["read"], p.mean() * m / problem["scale"], abs(p.sum() - total) / total


def main():
    rows = []
    usual = dict(order="bidirectional", tokens=4, neurons=6, tau_output=0.010, tau_synapse=0.020, tau_exchange=0.050, scale=1.0, read=0.250)
    for index, changes in enumerate([{}, dict(order="causal"), dict(scale=6.0), dict(scale=6.0, order="causal", tau_output=0.0), dict(tau_exchange=2.0, scale=3.0),
                                     dict(tau_exchange=0.002, scale=6.0, tau_synapse=0.200), dict(tau_output=0.0, tau_exchange=0.5, tokens=1, scale=6.0)]):
        problem = usual | changes
        rng = np.random.default_rng([2026, 5, index])
        query, key = features(rng, problem["tokens"], problem["neurons"])
        value = rng.normal(size=(problem["tokens"], 2))
        output, average, calcium, drift = [], [], [], 0.0
        for t in range(problem["tokens"]):
            seen = t + 1 if problem["order"] == "causal" else problem["tokens"]
            c = problem["scale"] / problem["neurons"] * value[:seen].T @ key[:seen]
            f, mean, p, moved = read(query[t], key[:seen].sum(0), c, problem)
            output.append(f), average.append(mean), calcium.append(p)
            drift = max(drift, moved)
        rows.append(problem | dict(values=2, query=flat(query), key=flat(key), value=flat(value), output=flat(output), average=flat(average), calcium=flat(calcium), drift=drift))
        print(changes, np.abs(output).max(), drift)
    document = {"about": "Emergent division of docs/science.md section 5 by SciPy DOP853; see emergent_reference.py.",
                "made_with": f"NumPy {np.__version__}, SciPy {scipy.__version__}", "problems": rows}
    (HERE / "emergent_reference.json").write_text(json.dumps(document, separators=(",", ":")).replace('{"order"', '\n{"order"') + "\n")


if __name__ == "__main__":
    main()
