"""Coefficients of the Radau IIA method of five stages, printed as the Go literal in radau9.go: python radau.py

Hairer & Wanner, Solving Ordinary Differential Equations II, IV.5 and IV.8: the nodes are the roots of P_s(2c-1) - P_{s-1}(2c-1), A is
the matrix of the collocation, and A^-1 = T L T^-1 with L of one real eigenvalue and blocks [[a, b], [-b, a]]. Estimates of the error
compare the quadrature with one that has the weight 1/(real eigenvalue) at the step's start: exact to degree s - 1 on all nodes, and to
degree 2 on the last three. They are given as weights of the stages' Z = h A f, in units of the weight at the start. mpmath, 50 digits.
"""
from mpmath import eig, legendre, matrix, mp, mpf, findroot, lu_solve

mp.dps = 50
S = 5


def nodes():
    poly = lambda c: legendre(S, 2 * c - 1) - legendre(S - 1, 2 * c - 1)
    grid = [mpf(i) / 1000 for i in range(1000)]
    found = [findroot(poly, (a, b), solver="anderson", tol=1e-90) for a, b in zip(grid, grid[1:]) if poly(a) * poly(b) < 0]
    return found + [mpf(1)]


def collocation(c):
    powers = matrix(S, S)
    for i in range(S):
        for q in range(S):
            powers[i, q] = c[i] ** q
    integrals = matrix(S, S)
    for i in range(S):
        for q in range(S):
            integrals[i, q] = c[i] ** (q + 1) / (q + 1)
    return integrals * powers ** -1


def estimate(c, inverse, b, start, used, degree):
    """Weights of Z in what (quadrature with `start` at 0, minus b) makes of f, over start."""
    conditions, right = matrix(degree, degree), matrix(degree, 1)
    for q in range(degree):
        right[q] = mpf(1) / (q + 1) - (start if q == 0 else 0)
        for column, i in enumerate(used):
            conditions[q, column] = c[i] ** q
    weights = lu_solve(conditions, right)
    difference = matrix(1, S)
    for i in range(S):
        difference[i] = -b[i]
    for column, i in enumerate(used):
        difference[i] += weights[column]
    return [x / start for x in difference * inverse]


def text(values):
    return "{" + ", ".join(mp.nstr(x, 18, min_fixed=-5, max_fixed=10) for x in values) + "}"


c = nodes()
a = collocation(c)
inverse = a ** -1
values, vectors = eig(inverse)
real = min(range(S), key=lambda i: abs(values[i].imag))
pairs = sorted((i for i in range(S) if values[i].imag > mpf(10) ** -30), key=lambda i: values[i].imag)
t = matrix(S, S)
scaled = lambda i: [vectors[n, i] / vectors[S - 1, i] for n in range(S)]
for n, x in enumerate(scaled(real)):
    t[n, 0] = x.real
for k, i in enumerate(pairs):
    v = scaled(i)
    v = [x * (1 + 1j) for x in v]
    for n in range(S):
        t[n, 1 + 2 * k], t[n, 2 + 2 * k] = v[n].real, v[n].imag
back = t ** -1
b = [a[S - 1, i] for i in range(S)]
start = 1 / values[real].real
print("C: []float64" + text(c) + ",")
print("Real: " + mp.nstr(values[real].real, 18) + ",")
print("Pairs: [][2]float64{" + ", ".join(text([values[i].real, values[i].imag]) for i in pairs) + "},")
print("T: [][]float64{")
for i in range(S):
    print("\t" + text([t[i, j] for j in range(S)]) + ",")
print("},\nInverse: [][]float64{")
for i in range(S):
    print("\t" + text([back[i, j] for j in range(S)]) + ",")
print("},")
print("Error: []float64" + text(estimate(c, inverse, b, start, range(S), S)) + ",")
print("Damping: []float64" + text(estimate(c, inverse, b, start, range(2, S), 3)) + ",")
