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
import sys

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


class DePitta:
    """The G-ChI equations with the values of figure 4 of Stimberg et al. 2019, without exchange of IP3: µM and s."""

    variables = ("gamma_a", "ip3", "ca", "h_ip3r")
    C_T, rho_A, Omega_C, Omega_L, O_P, K_P = 2.0, 0.18, 6.0, 0.1, 0.9, 0.05
    d_1, d_2, d_3, d_5, O_2 = 0.13, 1.05, 0.9434, 0.08, 0.2
    O_beta, O_N, Omega_N, zeta, K_KC = 3.2, 0.3, 0.5, 10.0, 0.5
    O_delta, kappa_delta, K_delta, Omega_5P, O_3K, K_D, K_3K = 0.6, 1.5, 0.1, 0.05, 4.5, 0.7, 1.0
    largest_Y, most_Y = 10.0, 1000.0

    def __init__(self, problem):
        self.b = self.largest_Y / problem["largest"]

    def rates(self, x, S):
        return self.under(x, self.b * S)

    def under(self, x, Y):
        """The rates under a transmitter of Y µM."""
        G, I, C, h = x
        J_delta = self.O_delta / (1 + I / self.kappa_delta) * C**2 / (C**2 + self.K_delta**2)
        J_3K = self.O_3K * C**4 / (C**4 + self.K_D**4) * I / (I + self.K_3K)
        m, Q = I / (I + self.d_1) * C / (C + self.d_5), self.d_2 * (I + self.d_1) / (I + self.d_3)
        ER = self.C_T - (1 + self.rho_A) * C
        return np.array([
            self.O_N * Y * (1 - G) - self.Omega_N * (1 + self.zeta * C / (C + self.K_KC)) * G,
            self.O_beta * G + J_delta - J_3K - self.Omega_5P * I,
            self.Omega_C * m**3 * h**3 * ER + self.Omega_L * ER - self.O_P * C**2 / (C**2 + self.K_P**2),
            (Q / (Q + C) - h) * self.O_2 * (Q + C),
        ])

    def at(self, C):
        """The receptors, IP3, inactivation and transmitter under which calcium would settle where it is; None: under none."""
        C = float(C)
        ER, pumped, n = self.C_T - (1 + self.rho_A) * C, self.O_P * C**2 / (C**2 + self.K_P**2), C / (C + self.d_5)

        def h(I):
            Q = self.d_2 * (I + self.d_1) / (I + self.d_3)
            return Q / (Q + C)

        def flux(I):
            return (self.Omega_C * (I / (I + self.d_1) * n * h(I)) ** 3 + self.Omega_L) * ER - pumped

        if flux(1e6) <= 0:
            return None
        top = 1.0
        while flux(top) < 0:
            top *= 2
        I = brentq(flux, 1e-9, top, xtol=1e-15, rtol=1e-14)
        G = -self.under((0.0, I, C, h(I)), 0.0)[1] / self.O_beta
        if G >= 1:
            return None
        Y = -self.under((G, I, C, h(I)), 0.0)[0] / (self.O_N * (1 - G))
        return (G, I, h(I), Y) if Y < self.most_Y else None

    def settled(self, S):
        C = brentq(lambda C: (lambda at: (at[3] if at else self.most_Y) - self.b * S)(self.at(C)), 0.35, 1.0, xtol=1e-15, rtol=1e-14)
        G, I, h, _ = self.at(C)
        return np.array([G, I, C, h])

    def level(self, x):
        """The S under which calcium would settle where it is."""
        at = self.at(x[2])
        return (at[3] if at else self.most_Y) / self.b


MODELS = {"li-rinzel": LiRinzel, "de-pitta": DePitta}


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
    dp = dict(calcium_model="de-pitta", ip3_max=0.3, largest=6.0, drive="reading", tau_calcium=0.0, baseline=2.5, write=0.25, read=8.0, gap=0.5, learning_rate=None)
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
        ("de-pitta-reading", bi, 3, 6, 2, dp),
        ("de-pitta-ungated", causal, 3, 6, 2, dict(dp, drive="ungated")),
        ("de-pitta-receptor", bi, 3, 6, 2, dict(dp, readout="receptor", half_effect=0.8)),
        ("de-pitta-slow-receptor", causal, 3, 6, 2, dict(dp, readout="receptor", half_effect=0.8, tau_receptor=2.0)),
    ]


def main():
    rows = []
    for index, (name, order, tokens, neurons, values, changes) in enumerate(problems()):
        if len(sys.argv) > 1 and sys.argv[1] not in name:
            continue
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
