"""Reference solutions with other astrocytes than the paper's, by a general solver.

The network of docs/science.md, section 1, with what section 7 puts in the place of its astrocyte: calcium that rises
as well as decays, that is late, that the synapses feel through receptors, or that is driven with every neuron's coupling
at their mean; and no astrocyte at all. As network_reference.py does, this integrates every variable with SciPy's DOP853
at rtol 1e-12, restarted wherever a drive changes. Nothing here uses a closed form: the drive that is late by `latency` is that of a
second hidden layer and coupling, integrated as the first are but through a schedule that begins so much later.

    python3 astrocyte_reference.py          writes astrocyte_reference.json (needs NumPy and SciPy; a minute)

Conventions: those of network_reference.py, and
  * tau_rise: τ_r dr/dt = −r + S, τ_p dp/dt = −p + r; r stays, falls and starts as p does. With tau_calcium = 0 p = r, with
    tau_rise = 0 r = S.
  * latency: p is that of so long before, and baseline before that.
  * readout: reciprocal, P = 1/max(p, p_min); receptor, P = 1/(max(p, p_min) + half_effect) or, with tau_receptor > 0,
    P = w/half_effect, tau_receptor dw/dt = 1 − (1 + max(p, p_min)/half_effect) w, w settled at the start; none, P = 1/level.
  * frozen: S = (Σ g)(Σ h)/m in the place of g·h.
  * calcium: p at the end of each read. divisor: 1/P there.
"""
import json
import pathlib

import numpy as np
import scipy
from scipy.integrate import solve_ivp

from network_reference import ATOL, DEFAULTS, RTOL, features, flat, learning_rate, rate, segments

HERE = pathlib.Path(__file__).parent


class Layer:
    """h and g of the hidden layer, as a part of the state."""

    def __init__(self, problem, at):
        self.p, self.m = problem, problem["neurons"]
        self.h = slice(at, at + self.m) if problem["tau_hidden"] > 0 else None
        at += self.m if self.h else 0
        self.g = slice(at, at + self.m)
        self.end = at + self.m

    def hidden(self, y, phi):
        return y[self.h] if self.h else phi

    def sum(self, y, phi):
        h, g = self.hidden(y, phi), y[self.g]
        return g.sum() * h.sum() / self.m if self.p["frozen"] else g @ h

    def rates(self, y, phi, phase, dy):
        h = self.hidden(y, phi)
        if self.h:
            dy[self.h] = (phi - h) / self.p["tau_hidden"]
        writing = 1.0 if phase == "write" else 0.0
        dy[self.g] = writing * h / self.p["write"] - rate(self.p["tau_presynaptic"]) * y[self.g]


class Network:
    """The network of an astrocyte of so many pools of calcium, which of one are numbers and of more vectors."""

    def __init__(self, problem, query, key, v, pools=1):
        self.p, self.query, self.key, self.v = problem, query, key, v
        self.m, self.d, self.C = key.shape[1], v.shape[1], pools
        self.now = Layer(problem, 0)
        self.then = Layer(problem, self.now.end) if problem["latency"] > 0 else self.now
        at = self.then.end
        self.slices = {}
        for name, size in {"r": pools * (problem["tau_rise"] > 0), "p": pools * (problem["tau_calcium"] > 0), "w": pools * (problem["tau_receptor"] > 0),
                           "f": self.d * (problem["tau_output"] > 0), "H": self.d * self.m}.items():
            self.slices[name] = slice(at, at + int(size)) if size else None
            at += int(size)
        self.size = at
        self.learning = learning_rate(problem)
        self.nothing = np.zeros(pools) if pools > 1 else 0.0
        self.last = problem["baseline"] + self.nothing  # where the calcium is held, without a time constant of its own

    def of(self, y, name):
        """The part of the state that is the pools'."""
        part = y[self.slices[name]]
        return part if self.C > 1 else part[0]

    def start(self):
        y = np.zeros(self.size)
        for name in ("r", "p"):
            if self.slices[name]:
                y[self.slices[name]] = self.p["baseline"]
        if self.slices["w"]:
            y[self.slices["w"]] = 1 / (1 + max(self.p["baseline"], self.p["p_min"]) / self.p["half_effect"])
        return y

    def presented(self, phase, t, blank):
        phi = self.query[t] if phase == "read" else self.key[t]
        return (phi * 0, self.v[t] * 0) if blank else (phi, self.v[t])

    def course(self, phase, blank):
        if phase is None:
            return "held"
        if self.p["drive"] == "ungated" or phase == "read" and not blank:
            return "follow"
        if self.p["drive"] == "hold":
            return "held"
        return "follow" if phase == "read" else "fall"

    def drive(self, y, late):
        return self.then.sum(y, self.presented(*late)[0])

    def settled(self, r):
        return r

    def exchanged(self, p):
        return 0.0

    def astrocyte(self, y, late):
        """S as the calcium's course makes it, r and p."""
        phase, t, blank = late
        course = self.course(phase, blank)
        S = self.drive(y, late) if course == "follow" else self.nothing
        r = self.of(y, "r") if self.slices["r"] else S
        if self.slices["p"]:
            return S, r, self.of(y, "p")
        if not self.slices["r"] and course == "held":
            return S, self.last, self.last
        return S, r, self.settled(r)

    def divisor(self, y, p):
        p = np.maximum(p, self.p["p_min"])
        if self.p["readout"] == "none":
            return self.p["level"]
        if self.p["readout"] == "reciprocal":
            return p
        if self.slices["w"]:
            return self.p["half_effect"] / self.of(y, "w")
        return p + self.p["half_effect"]

    def recalled(self, y, main, late):
        """(H∘P) h."""
        into = y[self.slices["H"]].reshape(self.d, self.m) @ self.now.hidden(y, self.presented(*main)[0])
        return into / self.divisor(y, self.astrocyte(y, late)[2]) if np.any(into) else into

    def output(self, y, main, late):
        into = self.recalled(y, main, late) if main[0] == "read" else self.presented(*main)[1]
        return into, (y[self.slices["f"]] if self.slices["f"] else into)

    def derivative(self, _, y, main, late):
        dy = np.zeros_like(y)
        phase = main[0]
        phi, _ = self.presented(*main)
        self.now.rates(y, phi, phase, dy)
        if self.then is not self.now and late[0] is not None:
            self.then.rates(y, self.presented(*late)[0], late[0], dy)
        S, r, p = self.astrocyte(y, late)
        if self.course(late[0], late[2]) != "held":
            if self.slices["r"]:
                dy[self.slices["r"]] = (S - r) / self.p["tau_rise"]
            if self.slices["p"]:
                dy[self.slices["p"]] = (r - p) / self.p["tau_calcium"] + self.exchanged(p)
        if self.slices["w"]:
            w = y[self.slices["w"]]
            dy[self.slices["w"]] = (1 - (1 + np.maximum(p, self.p["p_min"]) / self.p["half_effect"]) * w) / self.p["tau_receptor"]
        into, f = self.output(y, main, late)
        if self.slices["f"]:
            dy[self.slices["f"]] = (into - f) / self.p["tau_output"]
        writing = 1.0 if phase == "write" else 0.0
        outer = np.outer(f, self.now.hidden(y, phi)).ravel()
        dy[self.slices["H"]] = writing * self.learning * outer / self.p["write"] - rate(self.p["tau_hebbian"]) * y[self.slices["H"]]
        return dy


def solve(problem, query, key, value, kind=Network):
    n, dv = value.shape
    network = kind(problem, query, key, np.hstack([value, np.eye(n)]))
    # The schedule of what is presented, and that of the drive that the calcium follows then.
    main, late, now = [], [(problem["latency"], (None, 0, False))] if problem["latency"] > 0 else [], 0.0
    for phase, t, duration, blank in segments(problem):
        now += duration
        main.append((now, (phase, t, blank)))
        late.append((now + problem["latency"], (phase, t, blank)))
    y, at, i, j, output, calcium, divisor, cell = network.start(), 0.0, 0, 0, [], [], [], []
    while i < len(main):
        end = min(main[i][0], late[j][0])
        if end - at > 1e-12:
            solution = solve_ivp(network.derivative, (at, end), y, method="DOP853", rtol=RTOL, atol=ATOL, args=(main[i][1], late[j][1]))
            assert solution.success, solution.message
            y = solution.y[:, -1]
        ends = [abs(x[0] - end) <= 1e-12 for x in (main[i], late[j])]
        p = network.astrocyte(y, late[j][1])[2]
        if ends[0] and main[i][1][0] == "read" and not main[i][1][2]:
            output.append(network.output(y, main[i][1], late[j][1])[1].copy())
            calcium.append(p)
            divisor.append(network.divisor(y, p))
            if hasattr(network, "own"):  # a cell's variables
                cell.append(y[network.own])
        if ends[1]:
            network.last = p
        at, i, j = end, i + ends[0], j + ends[1]
    output = np.array(output)
    return {"output": flat(output[:, :dv]), "attention": flat(output[:, dv:]), "calcium": flat(calcium), "divisor": flat(divisor)} | ({"cell": flat(cell)} if cell else {})


MORE = dict(tau_rise=0.0, latency=0.0, readout="reciprocal", half_effect=0.0, tau_receptor=0.0, level=0.0, frozen=False)


def problems():
    """(name, order, tokens, neurons, values, what differs from the defaults)."""
    bi, causal = "bidirectional", "causal"
    slow = dict(tau_rise=0.080, tau_calcium=0.110, gap=0.070, write=0.150, read=0.300, baseline=2.0, tau_output=0.014, learning_rate=None)
    late = dict(latency=0.130, tau_calcium=0.060, gap=0.070, write=0.150, read=0.250, baseline=2.0, learning_rate=None)
    leaky = dict(tau_hebbian=6.0, tau_presynaptic=3.0)
    return [
        *[(f"rise-{drive}-{order}", order, 4, 8, 2, dict(slow, drive=drive, **leaky)) for drive in ("ungated", "reading", "hold") for order in (bi, causal)],
        ("rise-alone", causal, 4, 8, 2, dict(slow, drive="hold", tau_calcium=0.0)),
        ("rise-as-decay", causal, 4, 8, 2, dict(slow, tau_rise=0.110, tau_presynaptic=0.110)),
        ("rise-nearly-as-decay", causal, 4, 8, 2, dict(slow, tau_rise=0.110 * (1 + 1e-7), tau_hidden=0.055)),
        ("rise-slower-than-decay", bi, 4, 8, 2, dict(slow, tau_rise=0.5, drive="reading")),
        ("rise-no-hidden-lag", causal, 4, 8, 2, dict(slow, tau_hidden=0.0)),
        ("rise-no-output-lag", bi, 4, 8, 2, dict(slow, tau_output=0.0, drive="hold")),
        ("rise-decades", causal, 5, 8, 2, dict(slow, query_decades=3, drive="hold")),
        ("rise-floor", causal, 5, 8, 2, dict(slow, p_min=1.5, baseline=0.2)),
        *[(f"late-{drive}-{order}", order, 4, 8, 2, dict(late, drive=drive, **leaky)) for drive in ("ungated", "reading", "hold") for order in (bi, causal)],
        ("late-by-tokens", causal, 5, 8, 2, dict(late, latency=1.3, drive="hold")),
        ("late-by-a-segment", causal, 4, 8, 2, dict(late, latency=0.150, drive="ungated")),
        ("late-past-the-end", bi, 3, 8, 2, dict(late, latency=3.0, drive="hold")),
        ("late-no-lag", causal, 4, 8, 2, dict(late, tau_calcium=0.0, drive="ungated", p_min=0.3, **leaky)),
        ("late-no-lag-held", causal, 4, 8, 2, dict(late, tau_calcium=0.0, drive="hold")),
        ("late-no-lag-anywhere", causal, 4, 8, 2, dict(late, tau_calcium=0.0, tau_hidden=0.0, tau_output=0.0, drive="ungated", p_min=0.3)),
        ("late-no-gap", causal, 4, 8, 2, dict(late, gap=0.0, drive="ungated", latency=0.2)),
        ("late-rise", causal, 4, 8, 2, dict(slow, latency=0.170, drive="ungated", **leaky)),
        *[(f"receptor-{order}", order, 5, 8, 2, dict(readout="receptor", half_effect=1.3, gap=0.050, drive="hold", baseline=2.0, learning_rate=None)) for order in (bi, causal)],
        ("receptor-floor", bi, 5, 8, 2, dict(readout="receptor", half_effect=0.3, p_min=3.0, baseline=0.2, tau_calcium=0.150)),
        ("receptor-no-lag", causal, 4, 8, 2, dict(readout="receptor", half_effect=0.4, tau_calcium=0.0, tau_output=0.0)),
        *[(f"slow-receptor-{order}", order, 4, 8, 2, dict(readout="receptor", half_effect=0.8, tau_receptor=0.200, gap=0.050, drive="hold", baseline=2.0, **leaky)) for order in (bi, causal)],
        ("slow-receptor-no-output-lag", causal, 4, 8, 2, dict(readout="receptor", half_effect=0.8, tau_receptor=0.200, tau_output=0.0)),
        ("slow-receptor-alone", bi, 4, 8, 2, dict(readout="receptor", half_effect=0.5, tau_receptor=0.100, tau_output=0.0, tau_calcium=0.0, tau_hidden=0.0)),
        ("slow-receptor-rise-late", causal, 4, 8, 2, dict(slow, readout="receptor", half_effect=0.6, tau_receptor=0.080, latency=0.120, drive="reading", **leaky)),
        *[(f"none-{order}", order, 4, 8, 2, dict(readout="none", level=3.7, gap=0.050, tau_calcium=0.0, drive="hold")) for order in (bi, causal)],
        *[(f"frozen-{order}", order, 5, 10, 2, dict(frozen=True, gap=0.050, tau_hidden=0.030, drive="ungated", tau_presynaptic=2.0)) for order in (bi, causal)],
        ("frozen-no-lag", bi, 5, 10, 2, dict(frozen=True, tau_hidden=0.0, tau_output=0.0, tau_calcium=0.0, drive="hold")),
        ("frozen-late-rise", causal, 4, 8, 2, dict(slow, frozen=True, latency=0.170, drive="ungated", **leaky)),
    ]


def main():
    rows = []
    for index, (name, order, tokens, neurons, values, changes) in enumerate(problems()):
        rng = np.random.default_rng([2026, index])
        query, key = features(rng, tokens, neurons)
        value = rng.normal(size=(tokens, values))
        problem = dict(name=name, order=order, tokens=tokens, neurons=neurons, values=values, **{**DEFAULTS, **MORE, **changes})
        query *= 10 ** (problem.pop("query_decades", 0) * (np.arange(tokens) % 2 - 0.5)[:, None])
        result = solve(problem, query, key, value)
        rows.append(problem | dict(query=flat(query), key=flat(key), value=flat(value)) | result)
        print(f"{name:32s} |f| {np.abs(result['output']).max():.3f}  p {np.round(result['calcium'], 3)}", flush=True)
    about = "The network of docs/science.md section 1 with the astrocytes of section 7, by SciPy DOP853 (rtol 1e-12, atol 1e-14); see astrocyte_reference.py."
    document = {"about": about, "made_with": f"NumPy {np.__version__}, SciPy {scipy.__version__}", "problems": rows}
    (HERE / "astrocyte_reference.json").write_text(json.dumps(document, indent=None, separators=(",", ":")).replace('{"name"', '\n{"name"') + "\n")


if __name__ == "__main__":
    main()
