"""Makes arenstorf_table.go: Arenstorf's orbit in 50-digit arithmetic.

    python3 -m venv venv && venv/bin/pip install mpmath gmpy2
    venv/bin/python arenstorf.py > ../arenstorf_table.go

The states at the sixteenths of the period, from the float64 numbers of the Go
code on (each mass rounded by itself); and of the arc between the fifth and the
seventh the coefficients of its Chebyshev series, from its values at 120 Chebyshev
nodes, as far as they exceed 1e-18. All good to 20 digits (extrapolation.py).
"""
from mpmath import cos, mpf, nstr, pi, sqrt

from extrapolation import integrate, twice

PERIOD, SPEED = "17.0652165601579625588917206249", "-2.00158510637908252240537862224"
MOON, EARTH = "0.012277471", "0.987722529"  # their masses
NODES = 120


def pull(moon_mass, earth_mass):
    def f(t, y):
        p, q = y[0] + moon_mass, y[0] - earth_mass
        d1, d2 = p * p + y[1] * y[1], q * q + y[1] * y[1]
        earth, moon = earth_mass / (d1 * sqrt(d1)), moon_mass / (d2 * sqrt(d2))
        return [y[2], y[3],
                y[0] + 2 * y[3] - earth * p - moon * q,
                y[1] - 2 * y[2] - earth * y[1] - moon * y[1]]
    return f


def row(numbers):
    lines = [", ".join(nstr(x, 20) for x in numbers[i:i + 4]) for i in range(0, len(numbers), 4)]
    return "{" + lines[0] + "}," if len(lines) == 1 else "{\n\t\t" + ",\n\t\t".join(lines) + ",\n\t},"


# From the decimal numbers as published the orbit closes to their last digits,
# times its sensitivity of 1e5: none of them is misprinted.
decimal = [mpf("0.994"), mpf(0), mpf(0), mpf(SPEED)]
gap = [a - b for a, b in zip(integrate(pull(mpf(MOON), mpf(EARTH)), (0, decimal), [mpf(PERIOD)])[0], decimal)]
assert max(map(abs, gap)) < mpf("1e-25"), gap

start, period = [mpf(0.994), mpf(0), mpf(0), mpf(float(SPEED))], float(PERIOD)
sixteenths = [mpf(period * n / 16) for n in range(1, 17)]
a, b = sixteenths[4], sixteenths[6]
nodes = [(a + b) / 2 - (b - a) / 2 * cos(pi * (2 * k + 1) / (2 * NODES)) for k in range(NODES)]
times = sorted(sixteenths + nodes)
states = dict(zip(times, twice(pull(mpf(float(MOON)), mpf(float(EARTH))), (0, start), times)))

print("// Made by testdata/arenstorf.py; not to be edited.\n\npackage problems\n")
print("// arenstorfOrbit are the states at the sixteenths of the period.\nvar arenstorfOrbit = [...][4]float64{")
for y in [start] + [states[t] for t in sixteenths]:
    print("\t" + row(y))
print("}\n\n// arenstorfArc are the Chebyshev coefficients of each component between the\n"
      "// fifth sixteenth and the seventh.\nvar arenstorfArc = [...][]float64{")
for i in range(4):
    series = [2 * sum(states[t][i] * cos(n * (pi - pi * (2 * k + 1) / (2 * NODES))) for k, t in enumerate(nodes)) / NODES
              for n in range(NODES)]
    series[0] /= 2
    assert max(map(abs, series[-8:])) < mpf("1e-22"), "the series needs more nodes"
    print("\t" + row(series[:1 + max(n for n in range(NODES) if abs(series[n]) > mpf("1e-18"))]))
print("}")
