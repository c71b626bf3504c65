"""Writes exp.csv: arguments and their exp, correctly rounded, as hexadecimal floats (needs mpmath).

Half of the arguments spread over the whole range, subnormal results included;
the others lie close to 0, to the points where the reduction changes its
multiple of ln 2, and to the ends of the range.
"""

import math
import random

from mpmath import exp, mp, mpf

mp.prec = 200
random.seed(16)


def rounded(x):
    """exp x as the nearest float64; float() of an mpf rounds correctly, save for subnormals."""
    y = exp(mpf(x))
    if y < mpf(2) ** -1022:
        return int(mp.nint(y * mpf(2) ** 1074)) * 2.0**-1074
    return float(y)


arguments = [random.uniform(-745, 709.7) for _ in range(2000)]
arguments += [random.choice([-1, 1]) * 10 ** random.uniform(-20, 0) for _ in range(500)]
arguments += [(random.randrange(-1000, 1000) + 0.5) * math.log(2) * (1 + random.uniform(-1e-12, 1e-12)) for _ in range(1000)]
arguments += [random.uniform(-745.2, -708) for _ in range(400)]
arguments += [0.0, 1.0, -1.0, 709.782712893384, -745.1332191019411, -708.3964185322641, 5e-324, -5e-324]
with open("exp.csv", "w") as out:
    for x in arguments:
        if -746 < x <= 709.782712893384:
            out.write(f"{x.hex()},{rounded(x).hex()}\n")
