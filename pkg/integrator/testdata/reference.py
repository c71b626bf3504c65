"""Makes reference.json: reference numbers from SciPy for the tests of this package.

    python3 -m venv venv && venv/bin/pip install numpy scipy
    venv/bin/python testdata/reference.py > testdata/reference.json

"steps": SciPy's own Runge-Kutta step (RK23, RK45, DOP853) taken 40 times with
a fixed step for the equations of two problems of DETEST; the state, the error
estimate of the last step and the dense output at two points of it.

"problems": the ends of the DETEST problems, the Brusselator and the Pleiades
(their equations are in ../problems/testdata/detest.py) as RK23, RK45 and DOP853
reach them at rtol = atol = 1e-5 and 1e-8, with the evaluations that took, and
DOP853 at rtol 2.3e-14, atol 1e-15.
"""
import json
import os
import sys

import numpy as np
import scipy
from scipy.integrate import solve_ivp, RK23, RK45, DOP853
from scipy.integrate._ivp.rk import rk_step

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "problems", "testdata"))
import detest


def steps():
    out, equations = [], detest.problems(np)
    for cls in (RK23, RK45, DOP853):
        for name, y0, h in (("D3", [0.5, 0, 0, np.sqrt(3)], 0.05), ("E3", [0.3, -0.1], 0.07)):
            def f(t, y):
                return np.array(equations[name][0](t, y))

            s = cls(f, 0, np.array(y0, float), 1e3, rtol=1e-3, atol=1e-3, first_step=h)
            t, y = 0.0, np.array(y0, float)
            fy = f(t, y)
            for n in range(40):
                h_n = (n + 1) * h - t
                ynew, fnew = rk_step(s.fun, t, y, fy, h_n, s.A, s.B, s.C, s.K)
                told, yold, t, y, fold, fy = t, y, t + h_n, ynew, fy, fnew
            s.t, s.t_old, s.y, s.y_old, s.f, s.h_previous = t, told, y, yold, fnew, h_n
            item = {"method": cls.__name__, "problem": name, "y0": list(map(float, y0)), "h": h, "y": y.tolist()}
            if cls is DOP853:
                s.f_old = fold
                item["error"] = (h_n * (s.K.T @ s.E5)).tolist()
            else:
                # SciPy's E is the comparison minus the solution
                item["error"] = (-h_n * (s.K.T @ s.E)).tolist()
            dense = s._dense_output_impl()
            item["dense"] = [np.asarray(dense(told + th * h_n)).tolist() for th in (0.3, 0.8)]
            out.append(item)
    return out


def problems():
    out = {}
    for name, (f, y0, end) in detest.problems(np).items():
        runs = {f"{m} {tol:g}": (m, tol, tol) for m in ("RK23", "RK45", "DOP853") for tol in (1e-5, 1e-8)}
        runs["tight"] = ("DOP853", 2.3e-14, 1e-15)
        out[name] = {}
        for run, (m, rtol, atol) in runs.items():
            s = solve_ivp(f, [0, end], y0, method=m, rtol=rtol, atol=atol)
            out[name][run] = {"y": s.y[:, -1].tolist(), "evaluations": s.nfev}
    return out


def lines(value, depth):
    """JSON with a line for each entry down to a depth."""
    if depth == 0 or not isinstance(value, (dict, list)):
        return json.dumps(value)
    if isinstance(value, list):
        return "[\n" + ",\n".join(lines(v, depth - 1) for v in value) + "\n]"
    return "{\n" + ",\n".join(json.dumps(k) + ": " + lines(v, depth - 1) for k, v in value.items()) + "\n}"


print(lines({"scipy": scipy.__version__, "steps": steps(), "problems": problems()}, 3))
