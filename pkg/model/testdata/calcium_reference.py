"""Reference solutions with biophysical calcium, by a general solver.

The network of astrocyte_reference.py, whose astrocyte's p is here that of a cell (docs/science.md, section 7): every
variable is integrated by SciPy's DOP853 at rtol 1e-12, in the published units, and p is read off the steady-state curve,
which is found by root finding, as a root of the equations themselves.

    python3 calcium_reference.py            writes calcium_reference.json (needs NumPy and SciPy; some minutes)

Conventions: those of astrocyte_reference.py, and
  * ip3_max: IP3, µM, that a drive of `largest` settles at.
  * cell: the cell's state at the end of each read, in the order of `variables`. It starts settled under a drive of baseline.
"""
import json
import pathlib

import numpy as np
import scipy
from scipy.optimize import brentq

from astrocyte_reference import MORE, Network, solve
from network_reference import DEFAULTS, features, flat

HERE = pathlib.Path(__file__).parent


class LiRinzel:
    """As in NEST's astrocyte_lr_1994: µM and ms."""

    variables = ("ip3", "ca", "h_ip3r")
    tot, rest, K1, K2, Kact, Kinh, KS, k = 2.0, 0.16, 0.13, 0.9434, 0.08234, 1.049, 0.1, 0.0002
    rI, rL, vS, rho, tau = 0.006, 0.00011, 0.0009, 0.185, 7142.0

    def __init__(self, problem):
        self.a = (problem["ip3_max"] - self.rest) / problem["largest"]

    def rates(self, x, S):
        ip3, ca, h = x
        m, n, er = ip3 / (ip3 + self.K1), ca / (ca + self.Kact), (self.tot - ca) / self.rho
        channel = self.rho * self.rI * m**3 * n**3 * h**3 * (er - ca)
        leak, pump = self.rho * self.rL * (er - ca), self.vS * ca**2 / (self.KS**2 + ca**2)
        opening = self.k * self.Kinh * (ip3 + self.K1) / (ip3 + self.K2)
        per_ms = np.array([(self.rest + self.a * S - ip3) / self.tau, channel - pump + leak, opening * (1 - h) - self.k * ca * h])
        return 1000 * per_ms

    def inactivation(self, ip3, ca):
        opening = self.k * self.Kinh * (ip3 + self.K1) / (ip3 + self.K2)
        return opening / (opening + self.k * ca)

    def balance(self, ip3, ca):
        """d ca/dt with h settled."""
        return self.rates((ip3, ca, self.inactivation(ip3, ca)), 0.0)[1]

    def settled(self, S):
        ip3 = self.rest + self.a * S
        ca = brentq(lambda ca: self.balance(ip3, ca), 0.02, 1.0, xtol=1e-15, rtol=1e-14)
        return np.array([ip3, ca, self.inactivation(ip3, ca)])

    def level(self, x):
        """The S under which calcium would settle where it is."""
        ip3 = brentq(lambda ip3: self.balance(ip3, x[1]), 0.0, 10.0, xtol=1e-15, rtol=1e-14)
        return (ip3 - self.rest) / self.a


MODELS = {"li-rinzel": LiRinzel}


class Cell(Network):
    """The same with a cell's variables at the end of the state."""

    def __init__(self, problem, query, key, v):
        super().__init__(problem, query, key, v)
        self.cell = MODELS[problem["calcium_model"]](problem)
        self.own = slice(self.size, self.size + len(self.cell.variables))
        self.size = self.own.stop

    def start(self):
        y = super().start()
        y[self.own] = self.cell.settled(self.p["baseline"])
        return y

    def astrocyte(self, y, late):
        phase, t, blank = late
        S = self.then.sum(y, self.presented(phase, t, blank)[0]) if self.course(phase, blank) == "follow" else 0.0
        p = self.cell.level(y[self.own])
        return S, p, p

    def derivative(self, time, y, main, late):
        dy = super().derivative(time, y, main, late)
        dy[self.own] = self.cell.rates(y[self.own], self.astrocyte(y, late)[0])
        return dy


def problems():
    """(name, order, tokens, neurons, values, what differs from the defaults)."""
    bi, causal = "bidirectional", "causal"
    lr = dict(calcium_model="li-rinzel", ip3_max=0.3, largest=6.0, drive="reading", tau_calcium=0.0, baseline=2.5, write=0.25, read=8.0, gap=0.5, learning_rate=None)
    return [
        *[(f"li-rinzel-{drive}-{order}", order, 3, 6, 2, dict(lr, drive=drive)) for drive in ("reading", "ungated") for order in (bi, causal)],
        ("li-rinzel-leaks", causal, 3, 6, 2, dict(lr, tau_hebbian=60.0, tau_presynaptic=30.0)),
        ("li-rinzel-no-output-lag", bi, 3, 6, 2, dict(lr, tau_output=0.0)),
        ("li-rinzel-alone", causal, 3, 6, 2, dict(lr, tau_output=0.0, tau_hidden=0.0, drive="ungated", learning_rate=1.0)),
        ("li-rinzel-long", bi, 2, 6, 2, dict(lr, read=30.0)),
        ("li-rinzel-oscillates", bi, 2, 6, 2, dict(lr, ip3_max=0.6, read=20.0, baseline=4.0)),
        ("li-rinzel-receptor", bi, 3, 6, 2, dict(lr, readout="receptor", half_effect=0.8)),
        ("li-rinzel-slow-receptor", causal, 3, 6, 2, dict(lr, readout="receptor", half_effect=0.8, tau_receptor=2.0)),
        ("li-rinzel-frozen", bi, 3, 6, 2, dict(lr, frozen=True)),
    ]


def main():
    rows = []
    for index, (name, order, tokens, neurons, values, changes) in enumerate(problems()):
        rng = np.random.default_rng([2027, index])
        query, key = features(rng, tokens, neurons)
        value = rng.normal(size=(tokens, values))
        problem = dict(name=name, order=order, tokens=tokens, neurons=neurons, values=values, **{**DEFAULTS, **MORE, **changes})
        result = solve(problem, query, key, value, Cell)
        rows.append(problem | dict(query=flat(query), key=flat(key), value=flat(value)) | result)
        print(f"{name:28s} |f| {np.abs(result['output']).max():.3f}  p {np.round(result['calcium'], 3)}", flush=True)
    about = "The network of docs/science.md section 1 with the biophysical calcium of section 7, by SciPy DOP853 (rtol 1e-12, atol 1e-14); see calcium_reference.py."
    document = {"about": about, "made_with": f"NumPy {np.__version__}, SciPy {scipy.__version__}", "problems": rows}
    (HERE / "calcium_reference.json").write_text(json.dumps(document, indent=None, separators=(",", ":")).replace('{"name"', '\n{"name"') + "\n")


if __name__ == "__main__":
    main()
