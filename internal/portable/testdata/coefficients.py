"""Prints the coefficients of this package's polynomials and the error each leaves (needs mpmath).

A polynomial interpolates its target at the Chebyshev points of its interval and
is then rounded to float64, its highest power first. The error printed is that
of the whole function, relative, without the rounding of its evaluation.
"""

from mpmath import atanh, cos, erf, erfc, exp, expm1, log, lu_solve, matrix, mp, mpf, nstr, pi, polyval, sin, sqrt

mp.dps = 80


def fit(name, target, low, high, degree, error):
    """error(x, p) is the relative error of the function where the polynomial's value is p."""
    count = degree + 1
    points = [(low + high) / 2 + (high - low) / 2 * cos(pi * (i + mpf(1) / 2) / count) for i in range(count)]
    powers, values = matrix(count, count), matrix(count, 1)
    for i, x in enumerate(points):
        for j in range(count):
            powers[i, j] = x**j
        values[i] = target(x)
    rounded = [float(c) for c in lu_solve(powers, values)][::-1]
    print(f"{name} = {{")
    for c in rounded:
        print(f"\t{c.hex()},")
    grid = [low + (high - low) * (i + mpf(1) / 2) / 2004 for i in range(2004)]
    worst = max(abs(error(x, polyval([mpf(c) for c in rounded], x))) for x in grid)
    print("} error", nstr(worst, 3))


# Arguments that rounding leaves just beyond an interval are in it.
wide = mpf("1.0001")
small = mpf(10) ** -30  # 0, but for targets that divide by it

edge = log(2) / 2 * wide
fit("expCoefficients", lambda r: (expm1(r) - r) / r**2 if abs(r) > mpf(10) ** -30 else mpf(1) / 2, -edge, edge, 10,
    lambda r, p: (r + r**2 * p) / expm1(r) - 1)

# ln m = 2 atanh s with s = (m - 1)/(m + 1), in z = s^2.
top = ((sqrt(2) - 1) / (sqrt(2) + 1)) ** 2 * wide
fit("logCoefficients", lambda z: (2 * atanh(sqrt(z)) / sqrt(z) - 2) / z, small, top, 7,
    lambda z, p: sqrt(z) * (2 + z * p) / (2 * atanh(sqrt(z))) - 1)

quarter = (pi / 4) ** 2 * wide
fit("sinCoefficients", lambda z: (sin(sqrt(z)) / sqrt(z) - 1) / z, small, quarter, 6,
    lambda z, p: sqrt(z) * (1 + z * p) / sin(sqrt(z)) - 1)
fit("cosCoefficients", lambda z: (cos(sqrt(z)) - 1 + z / 2) / z**2, small, quarter, 6,
    lambda z, p: (1 - z / 2 + z**2 * p) / cos(sqrt(z)) - 1)

fit("erfCoefficients", lambda z: erf(sqrt(z)) / sqrt(z) - 1, small, mpf(1), 13,
    lambda z, p: sqrt(z) * (1 + p) / erf(sqrt(z)) - 1)

# x e^{x^2} erfc x over [1, 28], in t = (x - 4)/(x + 4).
def of(t):
    return 4 * (1 + t) / (1 - t)


def scaled(t):
    x = of(t)
    return x * exp(x**2) * erfc(x)


fit("erfcCoefficients", scaled, mpf(-3) / 5, mpf(3) / 4, 20, lambda t, p: p / scaled(t) - 1)


# ln 2 and pi/2 in pieces of 33 bits, so that a multiple is exact, and what is left.
print("ln 2", float.fromhex("0x1.62e42fee00000p-1").hex(), float(log(2) - mpf(float.fromhex("0x1.62e42fee00000p-1"))).hex())
rest = pi / 2
for _ in range(3):
    piece = mp.floor(rest * mpf(2) ** (32 - mp.floor(log(rest, 2)))) / mpf(2) ** (32 - mp.floor(log(rest, 2)))
    print("pi/2", float(piece).hex())
    rest -= piece
print("pi/2", float(rest).hex())
mp.prec = 1400
print("2/pi", nstr(2 / pi, 370))
