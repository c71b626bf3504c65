"""Prints the coefficients in exp.go and the error they leave, and powers of 2 (needs mpmath).

A polynomial q interpolates (exp r - 1 - r)/r^2 on |r| <= edge, widened a little for
arguments that reduce to just beyond: of degree 9 at the Chebyshev points, edge ln 2 / 2; of
degree 5 for edge ln 2 / 16 where r^2 q(r) - (exp r - 1 - r), which has a double root at 0,
then swings evenly: its roots in r^2 are those of a Chebyshev polynomial whose least is at 0.
"""

from mpmath import cos, exp, log, lu_solve, matrix, mp, mpf, nstr, pi, polyval, sqrt

mp.dps = 60


def target(r):
    return (exp(r) - 1 - r) / r**2


def chebyshev(count):
    return [cos(pi * (i + mpf(1) / 2) / count) for i in range(count)]


def even(count):
    roots = chebyshev(count // 2 + 1)
    squares = [(x - roots[-1]) / (1 - roots[-1]) for x in roots[:-1]]
    return [sign * sqrt(y) for y in squares for sign in (1, -1)]


def table(nodes, edge):
    edge *= mpf("1.0001")
    points, count = [edge * x for x in nodes], len(nodes)
    powers, values = matrix(count, count), matrix(count, 1)
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


table(chebyshev(10), log(2) / 2)
table(even(6), log(2) / 16)

for j in range(8):
    print(float(mpf(2) ** (mpf(j) / 8)).hex())
