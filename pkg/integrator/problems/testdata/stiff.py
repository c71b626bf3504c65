"""Makes stiff_ends.go: the ends of the stiff problems, by SciPy.

    python3 -m venv venv && venv/bin/pip install numpy scipy
    venv/bin/python stiff.py > ../stiff_ends.go

Radau with the analytic Jacobian at rtol 1e-12 and absolute tolerances far below the
solutions. Another run with rtol 1e-10 says on standard error how far it is away.
"""
import sys

import numpy as np
from scipy.integrate import solve_ivp


def robertson(t, y):
    a, b, c = 0.04 * y[0], 1e4 * y[1] * y[2], 3e7 * y[1] ** 2
    return [-a + b, a - b - c, c]


def robertson_jacobian(t, y):
    return np.array([[-0.04, 1e4 * y[2], 1e4 * y[1]], [0.04, -1e4 * y[2] - 6e7 * y[1], -1e4 * y[1]], [0, 6e7 * y[1], 0]])


def van_der_pol(t, y, mu=1e3):
    return [y[1], mu * mu * ((1 - y[0] ** 2) * y[1] - y[0])]


def van_der_pol_jacobian(t, y, mu=1e3):
    return np.array([[0, 1], [mu * mu * (-2 * y[0] * y[1] - 1), mu * mu * (1 - y[0] ** 2)]])


def hires(t, y):
    bound = 280 * y[5] * y[7]
    return [-1.71 * y[0] + 0.43 * y[1] + 8.32 * y[2] + 0.0007, 1.71 * y[0] - 8.75 * y[1], -10.03 * y[2] + 0.43 * y[3] + 0.035 * y[4],
            8.32 * y[1] + 1.71 * y[2] - 1.12 * y[3], -1.745 * y[4] + 0.43 * y[5] + 0.43 * y[6],
            -bound + 0.69 * y[3] + 1.71 * y[4] - 0.43 * y[5] + 0.69 * y[6], bound - 1.81 * y[6], -bound + 1.81 * y[6]]


def hires_jacobian(t, y):
    J = np.zeros((8, 8))
    J[0, :3] = -1.71, 0.43, 8.32
    J[1, :2] = 1.71, -8.75
    J[2, 2:5] = -10.03, 0.43, 0.035
    J[3, 1:4] = 8.32, 1.71, -1.12
    J[4, 4:7] = -1.745, 0.43, 0.43
    J[5, 3:8] = 0.69, 1.71, -0.43 - 280 * y[7], 0.69, -280 * y[5]
    J[6, 5:8] = 280 * y[7], -1.81, 280 * y[5]
    J[7] = -J[6]
    return J


def orego(t, y):
    return [77.27 * (y[1] + y[0] * (1 - 8.375e-6 * y[0] - y[1])), (y[2] - (1 + y[0]) * y[1]) / 77.27, 0.161 * (y[0] - y[2])]


def orego_jacobian(t, y):
    return np.array([[77.27 * (1 - 2 * 8.375e-6 * y[0] - y[1]), 77.27 * (1 - y[0]), 0],
                     [-y[1] / 77.27, -(1 + y[0]) / 77.27, 1 / 77.27], [0.161, 0, -0.161]])


NEURONS, VALUES, TAU_P, TAU_S, TAU_N = 40, 16, 0.05, 0.01, 0.01
alpha = np.arange(NEURONS)
hidden = 0.5 + (7 * alpha % 11) / 10
weights = ((3 * np.arange(VALUES)[:, None] + 5 * alpha) % 13 - 6) / NEURONS


def division(t, y):
    p, s, f = y[:NEURONS], y[NEURONS:2 * NEURONS], y[2 * NEURONS:]
    return np.concatenate([VALUES * (p.sum() - NEURONS * p) / TAU_P, (1 - p * s) / TAU_S, (weights @ (hidden * s) - f) / TAU_N])


def division_jacobian(t, y):
    p, s, n = y[:NEURONS], y[NEURONS:2 * NEURONS], NEURONS
    J = np.zeros((len(y), len(y)))
    J[:n, :n] = VALUES * (1 - n * np.eye(n)) / TAU_P
    J[n:2 * n, :n], J[n:2 * n, n:2 * n] = np.diag(-s) / TAU_S, np.diag(-p) / TAU_S
    J[2 * n:, n:2 * n], J[2 * n:, 2 * n:] = weights * hidden / TAU_N, -np.eye(VALUES) / TAU_N
    return J


start = np.concatenate([hidden * (0.2 + (3 * alpha % 7) / 4), np.zeros(NEURONS + VALUES)])
problems = {
    "robertson": (robertson, robertson_jacobian, [1, 0, 0], 1e11, 1e-25),
    "van der pol": (van_der_pol, van_der_pol_jacobian, [2, 0], 2, 1e-14),
    "hires": (hires, hires_jacobian, [1, 0, 0, 0, 0, 0, 0, 0.0057], 321.8122, 1e-18),
    "orego": (orego, orego_jacobian, [1, 2, 3], 360, 1e-14),
    "emergent division": (division, division_jacobian, start, 0.05, 1e-16),
}

if __name__ == "__main__":
    print("// Made by testdata/stiff.py; not to be edited.\n\npackage problems\n")
    print("// stiffEnds are the states at the end of the span of the stiff problems.\nvar stiffEnds = map[string][]float64{")
    for name, (f, jacobian, y0, end, atol) in problems.items():
        coarse, fine = (solve_ivp(f, [0, end], y0, method="Radau", jac=jacobian, rtol=rtol, atol=atol) for rtol in (1e-10, 1e-12))
        assert fine.success, fine.message
        y = fine.y[:, -1]
        print(name, len(fine.t), "steps, the coarser run is relatively away by", np.max(np.abs(coarse.y[:, -1] / y - 1)), file=sys.stderr)
        print(f'\t"{name}": {{')
        for x in y:
            print(f"\t\t{float(x)!r},")
        print("\t},")
    print("}")
