"""De Pittà's calcium under steps of transmitter, by Brian 2.

The equations of docs/science.md, section 7, in Brian 2's own units, by its Runge-Kutta method of order 4 in steps of 1 ms,
for three cells that start from the same state, as TestDePittaAgreesWithBrian integrates them.

    python3 depitta_brian.py                writes depitta_brian.json (needs Brian 2; a minute)
"""
import json
import pathlib

import brian2
from brian2 import NeuronGroup, StateMonitor, defaultclock, ms, prefs, run, second, umolar

prefs.codegen.target = "numpy"
STEPS = [(0.0, 10.0), (10.0, 20.0), (2.0, 20.0), (0.0, 20.0)]  # (Y in µM of the middle cell, how long in s)
FACTORS = [0.1, 1.0, 3.0]  # of Y, cell by cell
START = {"gamma_a": 0.1, "ip3": 0.8, "ca": 0.3, "h_ip3r": 0.7}
EVERY = 2.5  # s

PARAMETERS = dict(
    C_T=2 * umolar, rho_A=0.18, Omega_C=6 / second, Omega_L=0.1 / second, O_P=0.9 * umolar / second, K_P=0.05 * umolar,
    d_1=0.13 * umolar, d_2=1.05 * umolar, d_3=0.9434 * umolar, d_5=0.08 * umolar, O_2=0.2 / umolar / second,
    O_beta=3.2 * umolar / second, O_N=0.3 / umolar / second, Omega_N=0.5 / second, zeta=10, K_KC=0.5 * umolar,
    O_delta=0.6 * umolar / second, kappa_delta=1.5 * umolar, K_delta=0.1 * umolar,
    Omega_5P=0.05 / second, O_3K=4.5 * umolar / second, K_D=0.7 * umolar, K_3K=1 * umolar,
)

EQUATIONS = """
    dG/dt = O_N * Y * (1 - G) - Omega_N * (1 + zeta * C / (C + K_KC)) * G : 1
    dI/dt = O_beta * G + produced - kinase - Omega_5P * I : mmolar
    produced = O_delta / (1 + I / kappa_delta) * C**2 / (C**2 + K_delta**2) : mmolar/second
    kinase = O_3K * C**4 / (C**4 + K_D**4) * I / (I + K_3K) : mmolar/second
    dC/dt = (Omega_C * (m * h)**3 + Omega_L) * (C_T - (1 + rho_A) * C) - O_P * C**2 / (C**2 + K_P**2) : mmolar
    m = I / (I + d_1) * C / (C + d_5) : 1
    dh/dt = (Q / (Q + C) - h) * O_2 * (Q + C) : 1
    Q = d_2 * (I + d_1) / (I + d_3) : mmolar
    Y : mmolar
"""


def main():
    defaultclock.dt = 1 * ms
    cells = NeuronGroup(len(FACTORS), EQUATIONS, method="rk4", namespace=PARAMETERS)
    cells.G, cells.I, cells.C, cells.h = START["gamma_a"], START["ip3"] * umolar, START["ca"] * umolar, START["h_ip3r"]
    monitor = StateMonitor(cells, ["G", "I", "C", "h"], record=True, dt=EVERY * second)
    for transmitter, duration in STEPS:
        for cell, factor in enumerate(FACTORS):
            cells.Y[cell] = factor * transmitter * umolar
        run(duration * second)
    arrays = {"gamma_a": monitor.G, "ip3": monitor.I / umolar, "ca": monitor.C / umolar, "h_ip3r": monitor.h}
    document = {
        "about": "Cells of De Pittà's equations (docs/science.md, section 7) under steps of transmitter; see depitta_brian.py.",
        "made_with": f"Brian 2 {brian2.__version__}", "steps": STEPS, "factors": FACTORS, "start": START, "every": EVERY,
        "samples": {name: [[float(x) for x in cell] for cell in values] for name, values in arrays.items()},
    }
    (pathlib.Path(__file__).parent / "depitta_brian.json").write_text(json.dumps(document, separators=(",", ":")).replace('"samples"', '\n"samples"') + "\n")


if __name__ == "__main__":
    main()
