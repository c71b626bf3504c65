"""Makes the table of arenstorf.go, in 50-digit arithmetic.

The states at the sixteenths of the period, from the float64 start on.
Extrapolation of the modified midpoint rule (Gragg, Bulirsch, Stoer), steps
chosen so that the last two columns agree to 1e-32; the result is printed to 20
digits. Needs mpmath.
"""
from mpmath import mp, mpf, sqrt

mp.dps = 50
MU = mpf("0.012277471")
MU1 = 1 - MU
T = mpf(17.0652165601579625588917206249)  # a float64, as in Go


def f(y):
    p, q = y[0] + MU, y[0] - MU1
    d1, d2 = p * p + y[1] * y[1], q * q + y[1] * y[1]
    d1 *= sqrt(d1)
    d2 *= sqrt(d2)
    return [y[2], y[3], y[0] + 2 * y[3] - MU1 * p / d1 - MU * q / d2, y[1] - 2 * y[2] - MU1 * y[1] / d1 - MU * y[1] / d2]


def midpoint(y, h, n):
    s = h / n
    a, b = y, [u + s * v for u, v in zip(y, f(y))]
    for _ in range(n - 1):
        a, b = b, [u + 2 * s * v for u, v in zip(a, f(b))]
    return [(u + v + s * w) / 2 for u, v, w in zip(a, b, f(b))]


def step(y, h):
    seq = [2 * (i + 1) for i in range(14)]
    rows = []
    for i, n in enumerate(seq):
        row = [midpoint(y, h, n)]
        for j in range(i):
            r = mpf(n) ** 2 / mpf(seq[i - j - 1]) ** 2
            row.append([u + (u - v) / (r - 1) for u, v in zip(row[j], rows[-1][j])])
        rows.append(row)
    return rows[-1][-1], max(abs(u - v) for u, v in zip(rows[-1][-1], rows[-1][-2]))


y = [mpf(0.994), mpf(0), mpf(0), mpf(-2.00158510637908252240537862224)]
t, h = mpf(0), mpf("0.001")
for part in range(1, 17):
    end = mpf(float(T) * part / 16)
    while t < end:
        now = min(h, end - t)
        new, e = step(y, now)
        if e < mpf("1e-32"):
            t, y = t + now, new
            h = max(h, now * mpf("1.3"))
        else:
            h = now * mpf("0.7")
    print("{" + ", ".join(mp.nstr(u, 20) for u in y) + "},")
