"""Makes reference.json: reference numbers from SciPy for the tests of this package.

    python3 -m venv venv && venv/bin/pip install numpy scipy
    venv/bin/python testdata/reference.py > testdata/reference.json

"steps": SciPy's own Runge-Kutta step (RK23, RK45, DOP853) taken 40 times with
a fixed step; the state, the error estimate of the last step and the dense
output at two points of it.

"problems": problems of DETEST (Hull, Enright, Fellen & Sedgwick 1972) and of
Hairer, Norsett & Wanner I; the solution at the end by DOP853 at rtol 2.3e-14 and
by LSODA at 1e-13 ("accuracy" is their difference), and what RK45 and DOP853
reach at rtol = atol = 1e-5 and 1e-8: [largest error, evaluations].
"""
import json
import numpy as np
import scipy
from scipy.integrate import solve_ivp, RK23, RK45, DOP853
from scipy.integrate._ivp.rk import rk_step

sin, cos, sqrt = np.sin, np.cos, np.sqrt


def kepler(t, y):
    r3 = (y[0] ** 2 + y[1] ** 2) ** 1.5
    return np.array([y[2], y[3], -y[0] / r3, -y[1] / r3])


def duffing(t, y):
    return np.array([y[1], y[0] ** 3 / 6 - y[0] + 2 * sin(2.78535 * t)])


def torus(t, y):
    r = sqrt(y[0] ** 2 + y[1] ** 2)
    return [-y[1] - y[0] * y[2] / r, y[0] - y[1] * y[2] / r, y[0] / r]


def pleiades(t, u):
    x, y = u[:7], u[7:14]
    m = np.arange(1, 8)
    dx, dy = x[None] - x[:, None], y[None] - y[:, None]
    r3 = (dx ** 2 + dy ** 2) ** 1.5
    np.fill_diagonal(r3, 1)
    return np.concatenate([u[14:], (m * dx / r3).sum(1), (m * dy / r3).sum(1)])


def brusselator(t, y):
    return [1 + y[0] ** 2 * y[1] - 4 * y[0], 3 * y[0] - y[0] ** 2 * y[1]]


PROBLEMS = {
    "A2": (lambda t, y: -y ** 3 / 2, [1], 20),
    "A3": (lambda t, y: y * cos(t), [1], 20),
    "A5": (lambda t, y: (y - t) / (y + t), [4], 20),
    "B1": (lambda t, y: [2 * (y[0] - y[0] * y[1]), -(y[1] - y[0] * y[1])], [1, 3], 20),
    "B3": (lambda t, y: [-y[0], y[0] - y[1] ** 2, y[1] ** 2], [1, 0, 0], 20),
    "B4": (torus, [3, 0, 0], 20),
    "B5": (lambda t, y: [y[1] * y[2], -y[0] * y[2], -0.51 * y[0] * y[1]], [0, 1, 1], 20),
    "D5": (kepler, [0.1, 0, 0, sqrt(19)], 20),
    "E2": (lambda t, y: [y[1], (1 - y[0] ** 2) * y[1] - y[0]], [2, 0], 20),
    "E3": (duffing, [0, 0], 20),
    "E5": (lambda t, y: [y[1], sqrt(1 + y[1] ** 2) / (25 - t)], [0, 0], 20),
    "brusselator": (brusselator, [1.5, 3], 20),
    "pleiades": (pleiades, [3, 3, -1, -3, 2, -2, 2, 3, -3, 2, 0, 0, -4, 4,
                            0, 0, 0, 0, 0, 1.75, -1.5, 0, 0, 0, -1.25, 1, 0, 0], 3),
}


def steps():
    out = []
    for cls in (RK23, RK45, DOP853):
        for name, f, y0, h in (("kepler", kepler, [0.5, 0, 0, sqrt(3)], 0.05), ("duffing", duffing, [0.3, -0.1], 0.07)):
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
    for name, (f, y0, end) in PROBLEMS.items():
        ref = solve_ivp(f, [0, end], y0, method="DOP853", rtol=2.3e-14, atol=1e-15).y[:, -1]
        other = solve_ivp(f, [0, end], y0, method="LSODA", rtol=1e-13, atol=1e-15).y[:, -1]
        item = {"y0": [float(x) for x in y0], "end": end, "y": ref.tolist(), "accuracy": float(abs(ref - other).max())}
        for m in ("RK45", "DOP853"):
            for tol in (1e-5, 1e-8):
                s = solve_ivp(f, [0, end], y0, method=m, rtol=tol, atol=tol)
                item[f"{m} {tol:g}"] = [float(abs(s.y[:, -1] - ref).max()), s.nfev]
        out[name] = item
    return out


print(json.dumps({"scipy": scipy.__version__, "steps": steps(), "problems": problems()}, indent=1))
