"""Prints the coefficients in exp.go, and the error they leave (needs mpmath).

q of degree 9 interpolates (exp r - 1 - r)/r^2 at the Chebyshev points of
|r| <= ln 2 / 2, widened a little for arguments that reduce to just beyond.
"""

from mpmath import cos, exp, log, lu_solve, matrix, mp, mpf, nstr, pi, polyval

mp.dps = 60
DEGREE = 9
edge = log(2) / 2 * mpf("1.0001")
count = DEGREE + 1


def target(r):
    return (exp(r) - 1 - r) / r**2


points = [edge * cos(pi * (i + mpf(1) / 2) / count) for i in range(count)]
powers = matrix(count, count)
values = matrix(count, 1)
for i, x in enumerate(points):
    for j in range(count):
        powers[i, j] = x**j
    values[i] = target(x)
rounded = [float(c) for c in lu_solve(powers, values)]
for c in reversed(rounded):
    print(c.hex())
grid = [-edge + 2 * edge * mpf(i) / 9973 for i in range(9974)]
worst = max(abs((polyval([mpf(c) for c in reversed(rounded)], r) - target(r)) * r**2 / exp(r)) for r in grid)
print("largest relative error of exp r:", nstr(worst, 3))
