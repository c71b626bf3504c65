"""Makes ends.go: the ends of the DETEST problems, the Brusselator and the Pleiades.

    python3 -m venv venv && venv/bin/pip install mpmath gmpy2
    venv/bin/python detest.py > ../ends.go

The solutions start from the float64 numbers of the Go code, are computed with
50 digits (extrapolation.py) and printed with 20.

problems(m) has the equations for the arithmetic of the module m: mpmath here,
numpy in ../../testdata/reference.py.
"""
import math
import sys


def problems(m):
    """name: (f(t, y), start, end), in the order of the publications."""
    sin, cos, sqrt = m.sin, m.cos, m.sqrt

    def chain(inflow, outflow):
        """A radioactive decay chain: rates out of each, the last one stable."""
        return lambda t, y: [(inflow[i - 1] * y[i - 1] if i else 0) - outflow[i] * y[i] for i in range(len(y))]

    def heat(t, y):
        z = [0, *y, 0]
        return [z[i] - 2 * z[i + 1] + z[i + 2] for i in range(len(y))]

    def torus(t, y):
        r = sqrt(y[0] * y[0] + y[1] * y[1])
        return [-y[1] - y[0] * y[2] / r, y[0] - y[1] * y[2] / r, y[0] / r]

    def kepler(t, y):
        r = sqrt(y[0] * y[0] + y[1] * y[1])
        return [y[2], y[3], -y[0] / r ** 3, -y[1] / r ** 3]

    def orbit(e):
        return kepler, [1 - e, 0, 0, math.sqrt((1 + e) / (1 - e))], 20

    masses = [0.000954786104043, 0.000285583733151, 0.0000437273164546, 0.0000517759138449, 0.00000277777777778]

    def planets(t, y):
        """In the frame of the Sun: Jupiter, Saturn, Uranus, Neptune, Pluto; AU and 100 days."""
        sun, k2 = 1.00000597682, 2.95912208286
        at = [y[3 * j:3 * j + 3] for j in range(5)]
        to_sun = [[-u / sqrt(sum(v * v for v in p)) ** 3 for u in p] for p in at]
        out = []
        for j in range(5):
            pull = [(sun + masses[j]) * u for u in to_sun[j]]
            for k in range(5):
                if k == j:
                    continue
                gap = [u - v for u, v in zip(at[k], at[j])]
                cube = sqrt(sum(v * v for v in gap)) ** 3
                pull = [p + masses[k] * (g / cube + s) for p, g, s in zip(pull, gap, to_sun[k])]
            out += [k2 * p for p in pull]
        return [*y[15:], *out]

    def stars(t, y):
        x, z = y[:7], y[7:14]
        ax, az = [0] * 7, [0] * 7
        for i in range(7):
            for j in range(i):
                dx, dz = x[j] - x[i], z[j] - z[i]
                cube = sqrt(dx * dx + dz * dz) ** 3
                ax[i] += (j + 1) * dx / cube
                az[i] += (j + 1) * dz / cube
                ax[j] -= (i + 1) * dx / cube
                az[j] -= (i + 1) * dz / cube
        return [*y[14:], *ax, *az]

    def first(n):
        return [1] + [0] * (n - 1)

    root = math.sqrt(2 / math.pi)
    return {
        "A1": (lambda t, y: [-y[0]], [1], 20),
        "A2": (lambda t, y: [-y[0] ** 3 / 2], [1], 20),
        "A3": (lambda t, y: [y[0] * cos(t)], [1], 20),
        "A4": (lambda t, y: [y[0] / 4 * (1 - y[0] / 20)], [1], 20),
        "A5": (lambda t, y: [(y[0] - t) / (y[0] + t)], [4], 20),
        "B1": (lambda t, y: [2 * (y[0] - y[0] * y[1]), -(y[1] - y[0] * y[1])], [1, 3], 20),
        "B2": (lambda t, y: [y[1] - y[0], y[0] - 2 * y[1] + y[2], y[1] - y[2]], [2, 0, 1], 20),
        "B3": (lambda t, y: [-y[0], y[0] - y[1] ** 2, y[1] ** 2], [1, 0, 0], 20),
        "B4": (torus, [3, 0, 0], 20),
        "B5": (lambda t, y: [y[1] * y[2], -y[0] * y[2], -0.51 * y[0] * y[1]], [0, 1, 1], 20),
        "C1": (chain([1] * 9, [1] * 9 + [0]), first(10), 20),
        "C2": (chain(range(1, 10), [*range(1, 10), 0]), first(10), 20),
        "C3": (heat, first(10), 20),
        "C4": (heat, first(51), 20),
        "C5": (planets, [
            3.42947415189, 3.35386959711, 1.35494901715,
            6.64145542550, 5.97156957878, 2.18231499728,
            11.2630437207, 14.6952576794, 6.27960525067,
            -30.1552268759, 1.65699966404, 1.43785752721,
            -21.1238353380, 28.4465098142, 15.3882659679,
            -0.557160570446, 0.505696783289, 0.230578543901,
            -0.415570776342, 0.365682722812, 0.169143213293,
            -0.325325669158, 0.189706021964, 0.0877265322780,
            -0.0240476254170, -0.287659532608, -0.117219543175,
            -0.176860753121, -0.216393453025, -0.0148647893090], 20),
        "D1": orbit(0.1),
        "D2": orbit(0.3),
        "D3": orbit(0.5),
        "D4": orbit(0.7),
        "D5": orbit(0.9),
        "E1": (lambda t, y: [y[1], -(y[1] / (t + 1) + (1 - 0.25 / (t + 1) ** 2) * y[0])],
               [root * math.sin(1), root * (math.cos(1) - math.sin(1) / 2)], 20),
        "E2": (lambda t, y: [y[1], (1 - y[0] ** 2) * y[1] - y[0]], [2, 0], 20),
        "E3": (lambda t, y: [y[1], y[0] ** 3 / 6 - y[0] + 2 * sin(2.78535 * t)], [0, 0], 20),
        "E4": (lambda t, y: [y[1], 0.032 - 0.4 * y[1] ** 2], [30, 0], 20),
        "E5": (lambda t, y: [y[1], sqrt(1 + y[1] ** 2) / (25 - t)], [0, 0], 20),
        "brusselator": (lambda t, y: [1 + y[0] ** 2 * y[1] - 4 * y[0], 3 * y[0] - y[0] ** 2 * y[1]], [1.5, 3], 20),
        "pleiades": (stars, [3, 3, -1, -3, 2, -2, 2, 3, -3, 2, 0, 0, -4, 4,
                             0, 0, 0, 0, 0, 1.75, -1.5, 0, 0, 0, -1.25, 1, 0, 0], 3),
    }


def main():
    import mpmath
    from extrapolation import twice

    print("// Made by testdata/detest.py; not to be edited.\n\npackage problems\n")
    print("// ends are the states at the end of the span, good to all digits that float64 has.")
    print("var ends = map[string][]float64{")
    for name, (f, start, end) in problems(mpmath).items():
        state = [mpmath.nstr(x, 20) for x in twice(f, (0, start), [end])[0]]
        lines = ["\t\t" + ", ".join(state[i:i + 4]) + ",\n" for i in range(0, len(state), 4)]
        print('\t"' + name + '": {\n' + "".join(lines) + "\t},")
        print(name, file=sys.stderr, flush=True)
    print("}")


if __name__ == "__main__":
    main()
