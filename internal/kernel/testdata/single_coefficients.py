"""Prints the coefficients in single.go and assembly32_amd64.go, and the error they leave (needs mpmath).

exp: q of degree 4 interpolates (exp r - 1 - r)/r^2 at the Chebyshev points of
|r| <= ln 2 / 2, widened a little for arguments that reduce to just beyond.

GELU: with Phi the normal distribution function, (a + K) exp(a^2/2) Phi(-a) is
interpolated for 0 <= a <= 15 at the Chebyshev points of t = 1 - 2K/(a + K).
"""

import struct

from mpmath import cos, erfc, exp, log, lu_solve, matrix, mp, mpf, nstr, pi, polyval, sqrt

mp.dps = 60


def single(x):
    return struct.unpack("f", struct.pack("f", float(x)))[0]


def interpolated(f, low, high, degree):
    """Coefficients of the interpolant of f, highest power first, rounded to float32."""
    count = degree + 1
    points = [(low + high) / 2 + (high - low) / 2 * cos(pi * (i + mpf(1) / 2) / count) for i in range(count)]
    powers = matrix(count, count)
    for i, x in enumerate(points):
        for j in range(count):
            powers[i, j] = x ** (degree - j)
    return [single(c) for c in lu_solve(powers, matrix([f(x) for x in points]))]


def show(name, coefficients, error):
    print(name)
    for c in coefficients:
        print("\t" + c.hex() + ",")
    print("largest relative error:", nstr(error, 3))


edge = log(2) / 2 * mpf("1.001")
q = interpolated(lambda r: (exp(r) - 1 - r) / r**2 if abs(r) > mpf(10) ** -20 else mpf(1) / 2, -edge, edge, 4)
grid = [-edge + 2 * edge * (mpf(i) + mpf(1) / 2) / 3000 for i in range(3000)]
show("exp", q, max(abs((1 + r + r**2 * polyval(q, r)) / exp(r) - 1) for r in grid))

K, MOST, DEGREE = mpf(5) / 2, mpf(15), 9


def tail(t):
    a = 2 * K / (1 - t) - K
    return (a + K) * exp(a**2 / 2) * erfc(a / sqrt(2)) / 2


top = 1 - 2 * K / (MOST + K)
g = interpolated(tail, mpf(-1), top, DEGREE)
grid = [-1 + (top + 1) * mpf(i) / 3000 for i in range(3001)]
show("gelu", g, max(abs(polyval(g, t) / tail(t) - 1) for t in grid))
