"""Writes reference.csv: function, argument and value as hexadecimal floats (needs mpmath).

Arguments spread over each function's range, its ends and where its steps change:
close to 0, to multiples of ln 2 and pi/2, to 1.
"""

import math
import random

import mpmath
from mpmath import mp, mpf

mp.prec = 1300  # the sine of 1e308 needs them
random.seed(16)


def rounded(y):
    """y as the nearest float64; float() of an mpf rounds correctly, save for subnormals."""
    if abs(y) < mpf(2) ** -1022:
        return int(mpmath.nint(y * mpf(2) ** 1074)) * 2.0**-1074
    return float(y)


def sign():
    return random.choice([-1, 1])


def near(point):
    return point * (1 + random.uniform(-1e-12, 1e-12))


tiny = [sign() * 10 ** random.uniform(-300, 0) for _ in range(40)]
plain = [random.uniform(-3, 3) for _ in range(150)]
steps = [near((random.randrange(-20, 20) + 0.5) * math.log(2)) for _ in range(60)]
turns = [near(random.randrange(-4000, 4000) * math.pi / 4) for _ in range(100)]
far = [sign() * 10 ** random.uniform(2, 308) for _ in range(60)]
# The float64 that is closest to a multiple of pi/2, and one at the end of the short reduction.
hard = [6381956970095103.0 * 2.0**797, 1048575.9999999999, 1048576.0, -1048576.0]
positive = [10 ** random.uniform(-323, 308) for _ in range(80)] + [random.uniform(0.4, 2.5) for _ in range(150)]
positive += [near(1.0) for _ in range(30)] + [near(math.sqrt(2) * 2.0**k) for k in range(-30, 30)] + [5e-324, 1e-310]
functions = {
    "exp": tiny + plain + steps + [random.uniform(-745, 709.7) for _ in range(100)] + [random.uniform(-745.2, -708) for _ in range(40)],
    "expm1": tiny + plain + steps + [random.uniform(-45, 709.7) for _ in range(60)],
    "sinh": tiny + plain + [random.uniform(-710.4, 710.4) for _ in range(60)],
    "tanh": tiny + plain + [random.uniform(-25, 25) for _ in range(60)],
    "log": positive,
    "log10": positive,
    "sin": tiny + plain + turns + far + hard,
    "cos": tiny + plain + turns + far + hard,
    "erf": tiny + plain + [near(1.0), 0.999, 1.001] + [random.uniform(-7, 7) for _ in range(60)],
    "erfc": tiny + plain + [near(1.0), 0.999, 1.001] + [random.uniform(0, 27.3) for _ in range(100)],
}
with open("reference.csv", "w") as out:
    for name, arguments in functions.items():
        for x in arguments:
            value = rounded(getattr(mpmath, name)(mpf(x)))
            out.write(f"{name},{x.hex()},{value.hex()}\n")
