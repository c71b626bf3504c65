"""Reference solutions with gliotransmission in events, by a general solver.

The network of astrocyte_reference.py whose read-out is that of docs/science.md, section 7: where the calcium rises through `threshold` (or is found above
it where a drive has changed) the astrocyte releases,

    x -> x - U x,  G -> G + rho G_T U x        dx/dt = Omega_A (1 - x),  dG/dt = -Omega_e G,  dw/dt = Omega_G (1 - w) - O_G G w,  P = w/half_effect,

with Stimberg et al.'s (2019) U = 0.6, rho G_T = 130 uM, Omega_A = 0.6/s, Omega_e = 60/s, O_G = 1.5/(uM s), Omega_G = 0.5/60 s. SciPy's DOP853 (rtol 1e-12) with
terminal events, restarted after each.

    python3 event_reference.py          writes event_reference.json (needs NumPy and SciPy; a minute)

released: how many releases there were.
"""
import json

import numpy as np
import scipy
from scipy.integrate import solve_ivp

from astrocyte_reference import HERE, MORE, Network
from network_reference import ATOL, DEFAULTS, RTOL, features, flat, segments

U, RELEASE, OMEGA_A, OMEGA_E, O_G, OMEGA_G = 0.6, 130.0, 0.6, 60.0, 1.5, 0.5 / 60


class Events(Network):
    def __init__(self, problem, query, key, v):
        super().__init__(problem, query, key, v)
        self.events = slice(self.size, self.size + 3)
        self.size += 3
        self.above, self.released = problem["baseline"] >= problem["threshold"], 0

    def start(self):
        y = super().start()
        y[self.events] = 1, 0, 1
        return y

    def divisor(self, y, p):
        return self.p["half_effect"] / y[self.events][2]

    def derivative(self, t, y, main, late):
        dy = super().derivative(t, y, main, late)
        x, g, w = y[self.events]
        dy[self.events] = OMEGA_A * (1 - x), -OMEGA_E * g, OMEGA_G * (1 - w) - O_G * g * w
        return dy

    def cross(self, y, above):
        if above and not self.above:
            x, g, w = y[self.events]
            y[self.events] = x - U * x, g + RELEASE * U * x, w
            self.released += 1
        self.above = above


def solve(problem, query, key, value):
    n, dv = value.shape
    network = Events(problem, query, key, np.hstack([value, np.eye(n)]))
    main, late, now = [], [(problem["latency"], (None, 0, False))] if problem["latency"] > 0 else [], 0.0
    for phase, t, duration, blank in segments(problem):
        now += duration
        main.append((now, (phase, t, blank)))
        late.append((now + problem["latency"], (phase, t, blank)))
    y, at, i, j, output, calcium, divisor = network.start(), 0.0, 0, 0, [], [], []
    level = lambda y, late: network.astrocyte(y, late)[2] - problem["threshold"]
    while i < len(main):
        end, follows = min(main[i][0], late[j][0]), late[j][1]
        network.cross(y, level(y, follows) >= 0)
        while end - at > 1e-12:
            crossing = lambda t, y, *_: level(y, follows)
            crossing.terminal, crossing.direction = True, -1.0 if network.above else 1.0
            solution = solve_ivp(network.derivative, (at, end), y, method="DOP853", rtol=RTOL, atol=ATOL, args=(main[i][1], follows), events=crossing)
            assert solution.success, solution.message
            y, at = solution.y[:, -1].copy(), solution.t[-1]
            if solution.status == 1:
                network.cross(y, not network.above)
        ends = [abs(x[0] - end) <= 1e-12 for x in (main[i], late[j])]
        p = network.astrocyte(y, follows)[2]
        if ends[0] and main[i][1][0] == "read" and not main[i][1][2]:
            output.append(network.output(y, main[i][1], follows)[1].copy())
            calcium.append(p)
            divisor.append(network.divisor(y, p))
        if ends[1]:
            network.last = p
        at, i, j = end, i + ends[0], j + ends[1]
    output = np.array(output)
    return {"output": flat(output[:, :dv]), "attention": flat(output[:, dv:]), "calcium": flat(calcium), "divisor": flat(divisor), "released": network.released}


def problems():
    bi, causal = "bidirectional", "causal"
    usual = dict(readout="event", half_effect=0.8, gap=0.050, baseline=0.5, learning_rate=None, query_decades=0.6)
    return [
        *[(f"event-{drive}-{order}", order, 5, 8, 2, dict(usual, drive=drive)) for drive in ("ungated", "reading", "hold") for order in (bi, causal)],
        ("event-rise-late", causal, 5, 8, 2, dict(usual, drive="ungated", tau_rise=0.030, latency=0.120, tau_hebbian=6.0, tau_presynaptic=3.0)),
        ("event-no-output-lag", bi, 5, 8, 2, dict(usual, drive="hold", tau_output=0.0)),
        ("event-no-lag", bi, 5, 8, 2, dict(usual, drive="hold", tau_output=0.0, tau_calcium=0.0, tau_hidden=0.0)),
        ("event-at-once", causal, 5, 8, 2, dict(usual, drive="hold", tau_calcium=0.0)),
        ("event-never", bi, 4, 8, 2, dict(usual, drive="hold", threshold=1e6)),
    ]


def main():
    rows = []
    for index, (name, order, tokens, neurons, values, changes) in enumerate(problems()):
        rng = np.random.default_rng([2027, index])
        query, key = features(rng, tokens, neurons)
        value = rng.normal(size=(tokens, values))
        problem = dict(name=name, order=order, tokens=tokens, neurons=neurons, values=values, **{**DEFAULTS, **MORE, **changes})
        query *= 10 ** (problem.pop("query_decades", 0) * (np.arange(tokens) % 2 - 0.5)[:, None])
        problem.setdefault("threshold", 0.9 * float(np.median((query @ key.T).sum(1))))
        result = solve(problem, query, key, value)
        rows.append(problem | dict(query=flat(query), key=flat(key), value=flat(value)) | result)
        print(f"{name:28s} |f| {np.abs(result['output']).max():.3f}  p {np.round(result['calcium'], 3)} over {problem['threshold']:.3f}: {result['released']}", flush=True)
    document = {"about": "Event gliotransmission of docs/science.md section 7 by SciPy DOP853 (rtol 1e-12); see event_reference.py.",
                "made_with": f"NumPy {np.__version__}, SciPy {scipy.__version__}", "problems": rows}
    (HERE / "event_reference.json").write_text(json.dumps(document, separators=(",", ":")).replace('{"name"', '\n{"name"') + "\n")


if __name__ == "__main__":
    main()
