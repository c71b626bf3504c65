"""Initial-value problems in 50-digit arithmetic, for the tables of package problems.

Extrapolation of the modified midpoint rule (Gragg, Bulirsch, Stoer; Hairer,
Norsett & Wanner I, II.9) to order 28. A step counts when the last two columns
agree to the tolerance. Needs mpmath; with gmpy2 it is four times as fast.
"""
from mpmath import mp, mpf

mp.dps = 50
COLUMNS = 14
SEQUENCE = [2 * (i + 1) for i in range(COLUMNS)]


def midpoint(f, t, y, slope, h, n):
    s = h / n
    a, b = y, [u + s * v for u, v in zip(y, slope)]
    for i in range(1, n):
        a, b = b, [u + 2 * s * v for u, v in zip(a, f(t + i * s, b))]
    return [(u + v + s * w) / 2 for u, v, w in zip(a, b, f(t + h, b))]


def step(f, t, y, h):
    slope = f(t, y)
    last = []
    for i, n in enumerate(SEQUENCE):
        row = [midpoint(f, t, y, slope, h, n)]
        for j in range(i):
            r = (mpf(n) / SEQUENCE[i - j - 1]) ** 2
            row.append([u + (u - v) / (r - 1) for u, v in zip(row[j], last[j])])
        last = row
    return last[-1], max(abs(u - v) for u, v in zip(last[-1], last[-2]))


def integrate(f, start, ends, tolerance=mpf("1e-32")):
    """The states at the rising times ends; start is (t, y). f(t, y) returns a list."""
    t, y = mpf(start[0]), [mpf(x) for x in start[1]]
    states, h = [], mpf("0.001")
    for end in ends:
        end = mpf(end)
        while t < end:
            now = min(h, end - t)
            new, error = step(f, t, y, now)
            factor = min(2, (tolerance / max(error, mpf("1e-45"))) ** (mpf(1) / (2 * COLUMNS)) * 9 / 10)
            if error <= tolerance:
                t, y = (end if now == end - t else t + now), new
                h = max(h, now * factor) if now < h else now * factor
            else:
                h = now * factor
        states.append(y)
    return states


def twice(f, start, ends):
    """integrate, done again with a thousand times the tolerance: both are good to 20 digits."""
    states, again = integrate(f, start, ends), integrate(f, start, ends, mpf("1e-29"))
    for a, b in zip(states, again):
        worst = max(abs(u - v) for u, v in zip(a, b))
        assert worst < mpf("1e-22") * max(1, max(abs(u) for u in a)), worst
    return states
