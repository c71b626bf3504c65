#!/usr/bin/env python3
"""Writes ideal_reference.json: networks of infinitely many hidden neurons (science §2b), by SciPy.

    python ideal_reference.py

Such a network knows its features by their inner products K(x, y) = exp(x·y) alone. h = Σ_u a_u φ(u), g = Σ_u b_u φ(u) and
H = Σ_u M_u φ(u)ᵀ are held as coefficients over the presented tokens u (keys, then queries), and the equations of science §1
are integrated for a, b, M, f and p as they stand, with K between them, by DOP853 at rtol 1e-12. Nothing is shared with nasim.
"""
import json
import pathlib

import numpy as np
from scipy.integrate import solve_ivp

SOLVER = dict(rtol=1e-12, atol=1e-14, method="DOP853")


def network(q, k, v, c):
    n, dv = v.shape
    tokens = np.vstack([k, q])
    gram = np.exp(tokens @ tokens.T)
    size = 2 * n
    order = [("w", t) for t in range(n)] + [("r", t) for t in range(n)]
    if c["causal"]:
        order = [(phase, t) for t in range(n) for phase in "wr"]
    y = np.zeros(2 * size + dv * size + dv + 1)
    y[-1] = c["p0"]
    outputs, calcium = np.zeros((n, dv)), np.zeros(n)

    def rhs(phase, at, value):
        def f(_, y):
            a, b = y[:size], y[size:2 * size]
            m = y[2 * size:2 * size + dv * size].reshape(dv, size)
            out, p = y[-1 - dv:-1], y[-1]
            da, db = -a / c["tau_h"], -b / c["tau_g"]
            dm, drive = -m / c["tau_H"], b @ gram @ a
            if at is not None:
                da[at] += 1 / c["tau_h"]
            if phase == "w":
                db = db + a / c["write"]
                dm = dm + np.outer(out, a) / c["write"]
                df = (value - out) / c["tau_f"]
            else:
                df = (m @ gram @ a / max(p, c["floor"]) - out) / c["tau_f"]
            return np.concatenate([da, db, dm.ravel(), df, [(drive - p) / c["tau_p"]]])
        return f

    for phase, t in order:
        at = t if phase == "w" else n + t
        dwell = c["write"] if phase == "w" else c["read"]
        value = v[t] if phase == "w" else np.zeros(dv)
        y = solve_ivp(rhs(phase, at, value), (0, dwell), y, **SOLVER).y[:, -1]
        if phase == "r":
            outputs[t], calcium[t] = y[-1 - dv:-1], y[-1]
        if c["gap"]:
            y = solve_ivp(rhs(phase, None, np.zeros(dv)), (0, c["gap"]), y, **SOLVER).y[:, -1]
    return outputs, calcium


def main():
    cases = []
    for i, (causal, gap, leak, norm) in enumerate([(False, 0, 1e300, 1), (True, 0, 1e300, 1), (False, 0.03, 2, 1.5), (True, 0.02, 1, 2)]):
        rng = np.random.default_rng(100 + i)
        n, d, dv = 4, 3, 2
        q, k = rng.normal(size=(2, n, d)) * norm / np.sqrt(d)
        v = rng.normal(size=(n, dv))
        c = dict(causal=causal, gap=gap, tau_h=0.01, tau_f=0.015, tau_p=0.05, tau_H=leak, tau_g=1.5 * leak, write=0.1, read=0.12, p0=1.0, floor=1e-9)
        outputs, calcium = network(q, k, v, c)
        cases.append(dict(c, tokens=n, values=dv, q=q.ravel().tolist(), k=k.ravel().tolist(), v=v.ravel().tolist(), output=outputs.ravel().tolist(), calcium=calcium.tolist()))
    pathlib.Path(__file__).with_name("ideal_reference.json").write_text(json.dumps({"cases": cases}, indent=1) + "\n")


if __name__ == "__main__":
    main()
