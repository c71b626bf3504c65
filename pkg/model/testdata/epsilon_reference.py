"""Reference values of ε(a,b) and ε(a,b,c) (docs/science.md §4) at 30 digits.

    ε(a,b)   = ∫₀ᵀ e^{−a(T−s)} e^{−bs} ds            ε(a,b,c) = ∫₀ᵀ e^{−a(T−s)} ε_s(b,c) ds

They are divided differences of the exponential; with 150 digits those keep more than 30 however close the rates are, and
coinciding rates take the derivative's value. A third of the table is checked against the integrals themselves.

    python3 epsilon_reference.py            writes epsilon_reference.json (needs mpmath)

Columns of a row: a, b, T, value and a, b, c, T, value. Rates and T are the exact float64 numbers written (1/s and s); the
value is a decimal string. Moving a rate by one rounding unit moves a value by about rate·T units, so no float64 code can be asked
for less than a few × 2.2e-16 × (1 + the smallest rate × T).
"""
import json
import pathlib

import mpmath
from mpmath import mpf

mpmath.mp.dps = 150
HERE = pathlib.Path(__file__).parent


def two(a, b, T):
    a, b, T = mpf(a), mpf(b), mpf(T)
    if a == b:
        return T * mpmath.exp(-a * T)
    return (mpmath.exp(-b * T) - mpmath.exp(-a * T)) / (a - b)


def three(a, b, c, T):
    a, b, c = sorted((a, b, c))
    if mpf(a) != mpf(c):
        return (two(a, b, T) - two(b, c, T)) / (mpf(c) - mpf(a))
    return mpf(T) ** 2 * mpmath.exp(-mpf(a) * mpf(T)) / 2


def two_by_quadrature(a, b, T):
    return mpmath.quad(lambda s: mpmath.exp(-mpf(a) * (mpf(T) - s) - mpf(b) * s), mpmath.linspace(0, T, 9))


def three_by_quadrature(a, b, c, T):
    inner = lambda s: mpmath.exp(-mpf(a) * (mpf(T) - s)) * (mpmath.quad(lambda x: mpmath.exp(-mpf(b) * (s - x) - mpf(c) * x), [0, s / 2, s]) if s else 0)
    return mpmath.quad(inner, mpmath.linspace(0, T, 3))


def rates():
    """Triples (a, b, c) and T: spread out, zero, coinciding, nearly coinciding, large."""
    for T in (0.25, 0.04, 5.0):
        yield from ((a, b, c, T) for a, b, c in ((0.0, 0.0, 0.0), (0.0, 100.0, 20.0), (20.0, 0.05, 0.0), (20.0, 100.05, 100.0),
                                                 (100.0, 100.0, 200.0), (20.0, 20.0, 20.0), (0.05, 0.05, 0.0), (3.0, 7.0, 11.0)))
        for decade in range(-12, 1):
            gap = 10.0 ** decade / T
            for a in (0.0, 1.0 / T, 12.0 / T):
                yield a, a + gap, a + 2 * gap, T
                yield a + gap, a + gap * 1.37, a, T
                yield a, a + gap, a + 30 / T, T
        # Both sides of (c − a) T = ½, where the stable form changes from a series to a difference.
        for spread in (0.499999999, 0.5, 0.500000001):
            yield 4.0 / T, 4.0 / T + 0.3 * spread / T, 4.0 / T + spread / T, T
            yield 4.0 / T, 4.0 / T, 4.0 / T + spread / T, T
    yield from ((0.0, 1e4, 1e4 + 1e-6, 1.0), (300.0, 600.0, 650.0, 1.0), (600.0, 600.0, 600.0, 1.0), (1e4, 1e4, 2e4, 1.0),
                (0.0, 0.0, 1e6, 1.0), (1e-9, 2e-9, 3e-9, 1.0), (1e-3, 0.0, 1e-3, 1e-6), (0.0, 1e8, 2e8, 1e-9))


def check(a, b, c, T):
    exact = two(a, b, T), three(a, b, c, T)
    with mpmath.workdps(25):
        integrals = two_by_quadrature(a, b, T), three_by_quadrature(a, b, c, T)
        for value, integral in zip(exact, integrals):
            assert abs(integral / value - 1) < 1e-20, (a, b, c, T)


def digits(x):
    return mpmath.nstr(x, 30, min_fixed=0, max_fixed=0)


def main():
    pairs, triples, seen = [], [], set()
    for index, (a, b, c, T) in enumerate(rates()):
        for x, y in ((a, b), (b, c)):
            if (x, y, T) not in seen:
                seen.add((x, y, T))
                pairs.append([x, y, T, digits(two(x, y, T))])
        triples.append([a, b, c, T, digits(three(a, b, c, T))])
        if index % 3 == 0 and max(a, b, c) * T < 60:
            check(a, b, c, T)
    document = {"about": "epsilon(a,b) over T and epsilon(a,b,c) over T of docs/science.md section 4; see epsilon_reference.py", "pairs": pairs, "triples": triples}
    (HERE / "epsilon_reference.json").write_text(json.dumps(document, separators=(",", ":")).replace("],[", "],\n[") + "\n")
    print(len(pairs), "pairs,", len(triples), "triples")


if __name__ == "__main__":
    main()
