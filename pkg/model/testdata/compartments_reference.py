"""Reference solutions of an astrocyte of compartments, by a general solver.

The network of docs/science.md, section 1, with C > 1 compartments of contiguous hidden neurons that exchange calcium. As
network_reference.py does, this integrates every variable with SciPy's DOP853 at rtol 1e-12, restarted wherever a drive changes.
Nothing here uses a closed form or an eigenvector: the exchange is the matrix L itself, and what settles at once is solved for.

    python3 compartments_reference.py          writes compartments_reference.json (needs NumPy and SciPy; some minutes)

Conventions: those of astrocyte_reference.py, and
  * τ_r dr_c/dt = −r_c + C S_c, S_c = Σ_{α∈c} g_α h_α; τ_p dp_c/dt = −p_c + r_c + τ_p D Σ_c' L_cc' p_c'; while p is held there is
    no exchange either. With tau_calcium = 0, p = (I − spread L)⁻¹ r.
  * calcium_model: as calcium_reference.py has it, with a cell's variables in each compartment; IP3 is what they exchange.
  * readout event: as event_reference.py has it, with a store, a release and receptors in each compartment. released: of all.
  * coupled: ring (of two one edge), line or all; exchange: D, 1/s.
  * divisor: Σ_c ⟨y_c, y⟩/⟨y, y⟩ d_c at the end of each read, d_c what divides in compartment c, y_c = H_c h_c/d_c, y = Σ y_c.
"""
import json
import pathlib

import numpy as np
import scipy
from scipy.integrate import solve_ivp

import astrocyte_reference
from astrocyte_reference import MORE
from calcium_reference import MODELS
from event_reference import O_G, OMEGA_A, OMEGA_E, OMEGA_G, RELEASE, U
from network_reference import ATOL, DEFAULTS, RTOL, features, flat, segments

HERE = pathlib.Path(__file__).parent


def exchange(coupled, count):
    L = np.zeros((count, count))
    edges = {(i, i + 1) for i in range(count - 1)}
    if coupled == "all":
        edges = {(i, j) for i in range(count) for j in range(i)}
    if coupled == "ring" and count > 2:
        edges.add((count - 1, 0))
    for i, j in edges:
        L[i, j] += 1
        L[j, i] += 1
        L[i, i] -= 1
        L[j, j] -= 1
    return L


class Network(astrocyte_reference.Network):
    """The same of compartments, with a cell's variables and a read-out's events at the end of the state."""

    def __init__(self, problem, query, key, v):
        super().__init__(problem, query, key, v, problem["compartments"])
        self.L = exchange(problem["coupled"], self.C)
        self.inverse = np.linalg.inv(np.eye(self.C) - problem["spread"] * self.L)
        self.cell = MODELS[problem["calcium_model"]](problem) if problem.get("calcium_model") else None
        for name, size in {"cells": self.C * len(self.cell.variables) if self.cell else 0, "events": 3 * self.C * (problem["readout"] == "event")}.items():
            self.slices[name] = slice(self.size, self.size + size) if size else None
            self.size += size
        self.levelled = None, None
        self.above, self.released = np.full(self.C, problem["baseline"] >= problem.get("threshold", 0)), 0

    def start(self):
        y = super().start()
        if self.slices["cells"]:
            y[self.slices["cells"]] = np.tile(self.cell.settled(self.p["baseline"]), self.C)
        if self.slices["events"]:
            y[self.slices["events"]] = np.tile([1.0, 0.0, 1.0], self.C)
        return y

    def cross(self, y, c, above):
        """A compartment's calcium is found on a side of the threshold."""
        if above and not self.above[c]:
            x, g, w = self.each(y, "events")[c]
            self.each(y, "events")[c] = x - U * x, g + RELEASE * U * x, w
            self.released += 1
        self.above[c] = above

    def each(self, y, name):
        return y[self.slices[name]].reshape(self.C, -1)

    def compartments(self, x):
        return x.reshape(x.shape[:-1] + (self.C, self.m // self.C))

    def collected(self, y, late):
        """C S of each compartment."""
        h, g = self.then.hidden(y, self.presented(*late)[0]), y[self.then.g]
        if self.p["frozen"]:
            g = np.full(self.m, g.mean())
        return self.C * self.compartments(g * h).sum(-1)

    def followed(self, S):
        return S

    def drive(self, y, late):
        return self.followed(self.collected(y, late))

    def settled(self, r):
        return self.inverse @ r

    def exchanged(self, p):
        return self.p["exchange"] * self.L @ p

    def astrocyte(self, y, late):
        if not self.cell:
            return super().astrocyte(y, late)
        cells = self.each(y, "cells")
        if not np.array_equal(cells, self.levelled[0]):  # roots that are found are asked for more than once
            self.levelled = cells.copy(), np.array([self.cell.level(x) for x in cells])
        p = self.levelled[1]
        return (self.drive(y, late) if self.course(late[0], late[2]) == "follow" else self.nothing), p, p

    def divisor(self, y, p):
        return self.p["half_effect"] / self.each(y, "events")[:, 2] if self.slices["events"] else super().divisor(y, p)

    def effects(self, y, main, late):
        """What each compartment's synapses make of f, [d×C]."""
        into = (y[self.slices["H"]].reshape(self.d, self.m)) * self.now.hidden(y, self.presented(*main)[0])
        into = self.compartments(into).sum(-1)
        return into / self.divisor(y, self.astrocyte(y, late)[2]) if np.any(into) else into

    def recalled(self, y, main, late):
        return self.effects(y, main, late).sum(-1)

    def derivative(self, time, y, main, late):
        dy = super().derivative(time, y, main, late)
        if self.slices["cells"]:
            cells, ip3 = self.each(y, "cells"), self.cell.variables.index("ip3")
            rates = np.array([self.cell.rates(x, drive) for x, drive in zip(cells, self.astrocyte(y, late)[0])])
            rates[:, ip3] += self.exchanged(cells[:, ip3])
            dy[self.slices["cells"]] = rates.ravel()
        if self.slices["events"]:
            x, g, w = self.each(y, "events").T
            dy[self.slices["events"]] = np.array([OMEGA_A * (1 - x), -OMEGA_E * g, OMEGA_G * (1 - w) - O_G * g * w]).T.ravel()
        return dy


def solve(problem, query, key, value):
    n, dv = value.shape
    network = Network(problem, query, key, np.hstack([value, np.eye(n)]))
    main, late, now = [], [(problem["latency"], (None, 0, False))] if problem["latency"] > 0 else [], 0.0
    for phase, t, duration, blank in segments(problem):
        now += duration
        main.append((now, (phase, t, blank)))
        late.append((now + problem["latency"], (phase, t, blank)))
    y, at, i, j, output, calcium, divisor = network.start(), 0.0, 0, 0, [], [], []
    while i < len(main):
        end, follows, crossings = min(main[i][0], late[j][0]), late[j][1], None
        level = lambda y: network.astrocyte(y, follows)[2] - problem["threshold"]
        if network.slices["events"]:
            for c, x in enumerate(level(y)):
                network.cross(y, c, x >= 0)
        while end - at > 1e-12:
            if network.slices["events"]:
                crossings = []
                for c in range(network.C):
                    crossing = lambda t, y, *_, c=c: level(y)[c]
                    crossing.terminal, crossing.direction = True, -1.0 if network.above[c] else 1.0
                    crossings.append(crossing)
            solution = solve_ivp(network.derivative, (at, end), y, method="DOP853", rtol=RTOL, atol=ATOL, args=(main[i][1], follows), events=crossings)
            assert solution.success, solution.message
            y, at = solution.y[:, -1].copy(), solution.t[-1]
            if solution.status == 1:
                (c,) = [c for c, times in enumerate(solution.t_events) if len(times)]
                network.cross(y, c, not network.above[c])
        ends = [abs(x[0] - end) <= 1e-12 for x in (main[i], late[j])]
        p = network.astrocyte(y, late[j][1])[2]
        if ends[0] and main[i][1][0] == "read" and not main[i][1][2]:
            output.append(network.output(y, main[i][1], late[j][1])[1].copy())
            calcium.append(p.copy())
            effects = network.effects(y, main[i][1], late[j][1])[:dv]
            total = effects.sum(-1)
            divisor.append(total @ effects @ network.divisor(y, p) / (total @ total))
        if ends[1]:
            network.last = p.copy()
        at, i, j = end, i + ends[0], j + ends[1]
    output = np.array(output)
    return {"output": flat(output[:, :dv]), "attention": flat(output[:, dv:]), "pools": flat(np.array(calcium)), "divisor": flat(divisor), **({"released": network.released} if network.slices["events"] else {})}


def problems():
    bi, causal = "bidirectional", "causal"
    leaky = dict(tau_hebbian=3.0, tau_presynaptic=2.0)
    held = dict(gap=0.050, drive="hold", baseline=2.0, learning_rate=None)
    cell = dict(calcium_model="li-rinzel", ip3_max=0.3, largest=6.0, drive="reading", tau_calcium=0.0, baseline=2.5, write=0.25, read=8.0, gap=0.5, learning_rate=None)
    pitta = dict(cell, calcium_model="de-pitta", read=1.0, gap=0.2)

    def of(count, coupled="ring", exchange=10.0, **more):
        return dict(compartments=count, coupled=coupled, exchange=exchange, **more)
    return [
        *[(f"{coupled}-{order}", order, 4, 12, 2, of(4, coupled, **held)) for coupled in ("ring", "line", "all") for order in (bi, causal)],
        *[(f"two-{coupled}", causal, 4, 8, 2, of(2, coupled, **held)) for coupled in ("ring", "line", "all")],
        ("three-ring", bi, 4, 9, 2, of(3, exchange=3.0, **held)),
        ("each-its-own", causal, 4, 8, 2, of(8, exchange=20.0, **held)),
        ("apart", bi, 4, 12, 2, of(4, exchange=0.0, **held)),
        ("fast", causal, 4, 12, 2, of(4, exchange=1000.0, **held)),
        *[(f"ungated-{order}", order, 4, 12, 2, of(3, "line", drive="ungated", gap=0.050, **leaky)) for order in (bi, causal)],
        *[(f"reading-{order}", order, 4, 12, 2, of(4, drive="reading", gap=0.050, **leaky)) for order in (bi, causal)],
        ("reading-no-gap", causal, 4, 8, 2, of(4, drive="reading")),
        ("like-hidden", causal, 4, 8, 2, of(2, "line", exchange=40.0, tau_calcium=0.050, tau_hidden=0.010, **held)),
        ("settled", bi, 4, 12, 2, of(4, spread=0.7, tau_calcium=0.0, **held)),
        ("settled-all", causal, 4, 12, 2, of(4, "all", spread=0.2, tau_calcium=0.0, drive="reading", gap=0.050)),
        ("settled-anywhere", causal, 4, 8, 2, of(4, "line", spread=0.3, tau_calcium=0.0, tau_hidden=0.0, tau_output=0.0, drive="ungated", p_min=0.3)),
        ("settled-rise", causal, 4, 8, 2, of(4, spread=0.3, tau_calcium=0.0, tau_rise=0.080, **held)),
        *[(f"rise-{order}", order, 4, 8, 2, of(4, "line", tau_rise=0.080, tau_calcium=0.120, **held)) for order in (bi, causal)],
        ("rise-reading", causal, 4, 8, 2, of(4, tau_rise=0.080, tau_calcium=0.080, drive="reading", gap=0.050, **leaky)),
        *[(f"late-{order}", order, 4, 8, 2, of(4, latency=0.170, **held)) for order in (bi, causal)],
        ("late-rise-ungated", causal, 4, 8, 2, of(2, latency=0.120, tau_rise=0.080, drive="ungated", gap=0.050, **leaky)),
        ("late-settled", causal, 4, 8, 2, of(4, spread=0.5, tau_calcium=0.0, latency=0.120, **held)),
        ("receptor", causal, 4, 8, 2, of(4, readout="receptor", half_effect=0.8, **held)),
        ("slow-receptor", causal, 4, 8, 2, of(4, readout="receptor", half_effect=0.8, tau_receptor=0.200, **held)),
        ("slow-receptor-late-rise", bi, 4, 8, 2, of(2, readout="receptor", half_effect=0.8, tau_receptor=0.100, latency=0.120, tau_rise=0.080, drive="reading", gap=0.050)),
        ("slow-receptor-no-output-lag", causal, 4, 8, 2, of(4, readout="receptor", half_effect=0.8, tau_receptor=0.200, tau_output=0.0)),
        ("no-output-lag", causal, 4, 8, 2, of(4, tau_output=0.0, **held)),
        ("no-hidden-lag", bi, 4, 8, 2, of(4, tau_hidden=0.0, **held)),
        ("floor", bi, 4, 8, 2, of(4, p_min=5.0, **held)),
        ("blocks", bi, 6, 12, 2, of(3, **held)),
        *[(f"li-rinzel-{order}", order, 3, 6, 2, of(3, "line", exchange=0.3, **cell)) for order in (bi, causal)],
        ("li-rinzel-ungated-leaks", causal, 3, 6, 2, of(2, exchange=1.0, **{**cell, "drive": "ungated"}, tau_hebbian=60.0, tau_presynaptic=30.0)),
        ("li-rinzel-apart", bi, 3, 6, 2, of(3, exchange=0.0, **cell)),
        ("li-rinzel-slow-receptor", bi, 3, 6, 2, of(2, exchange=0.5, readout="receptor", half_effect=0.8, tau_receptor=2.0, **cell)),
        *[(f"event-{order}", order, 5, 8, 2, of(4, exchange=3.0, readout="event", half_effect=0.8, baseline=0.5, gap=0.050, drive="hold", learning_rate=None)) for order in (bi, causal)],
        ("event-ungated-line", causal, 5, 8, 2, of(2, "line", exchange=5.0, readout="event", half_effect=0.8, baseline=0.5, gap=0.050, drive="ungated", learning_rate=None)),
        ("event-late-rise", bi, 4, 8, 2, of(4, "all", exchange=2.0, readout="event", half_effect=0.8, baseline=0.5, gap=0.050, drive="ungated", learning_rate=None,
                                           tau_rise=0.030, latency=0.120)),
        ("event-at-once", causal, 5, 8, 2, of(4, spread=0.2, tau_calcium=0.0, readout="event", half_effect=0.8, baseline=0.5, gap=0.050, drive="hold", learning_rate=None)),
        *[(f"frozen-{order}", order, 4, 12, 2, of(4, frozen=True, **held)) for order in (bi, causal)],
        *[(f"frozen-ungated-{order}", order, 4, 12, 2, of(3, "line", frozen=True, drive="ungated", gap=0.050, tau_hidden=0.040, **leaky)) for order in (bi, causal)],
        ("frozen-reading", causal, 4, 8, 2, of(4, "all", exchange=3.0, frozen=True, drive="reading", gap=0.050)),
        ("frozen-late-rise-ungated", causal, 4, 8, 2, of(2, frozen=True, latency=0.120, tau_rise=0.080, drive="ungated", gap=0.050, **leaky)),
        ("frozen-settled-late", bi, 4, 8, 2, of(4, frozen=True, spread=0.3, tau_calcium=0.0, latency=0.120, drive="ungated", gap=0.050)),
        ("frozen-settled-ungated", causal, 4, 8, 2, of(4, frozen=True, spread=0.3, tau_calcium=0.0, drive="ungated", p_min=0.3)),
        ("frozen-slow-receptor", causal, 4, 8, 2, of(4, frozen=True, readout="receptor", half_effect=0.8, tau_receptor=0.200, drive="ungated", gap=0.050)),
        ("frozen-li-rinzel", bi, 3, 6, 2, of(3, "line", exchange=0.3, frozen=True, **{**cell, "drive": "ungated"})),
        *[(f"de-pitta-{order}", order, 2, 6, 2, of(3, "line", exchange=0.3, **pitta)) for order in (bi, causal)],
        ("de-pitta-ungated-leaks", causal, 2, 6, 2, of(2, exchange=1.0, **{**pitta, "drive": "ungated"}, tau_hebbian=60.0, tau_presynaptic=30.0)),
        ("de-pitta-apart", bi, 2, 6, 2, of(2, exchange=0.0, **pitta)),
        ("de-pitta-frozen", bi, 2, 6, 2, of(3, "all", exchange=0.3, frozen=True, **pitta)),
        ("de-pitta-receptor", bi, 2, 6, 2, of(2, exchange=0.5, readout="receptor", half_effect=0.8, **pitta)),
        ("de-pitta-slow-receptor", causal, 2, 6, 2, of(2, exchange=0.5, readout="receptor", half_effect=0.8, tau_receptor=2.0, **pitta)),
        ("de-pitta-event", bi, 2, 6, 2, of(2, exchange=0.5, readout="event", half_effect=0.8, **{**pitta, "baseline": 0.5})),
        ("li-rinzel-event", causal, 2, 6, 2, of(2, exchange=0.5, readout="event", half_effect=0.8, **{**cell, "baseline": 0.5})),
    ]


def main():
    rows = []
    for index, (name, order, tokens, neurons, values, changes) in enumerate(problems()):
        rng = np.random.default_rng([2027, index])
        query, key = features(rng, tokens, neurons)
        value = rng.normal(size=(tokens, values))
        problem = dict(name=name, order=order, tokens=tokens, neurons=neurons, values=values, **{**DEFAULTS, **MORE, "spread": 0.0, **changes})
        if problem["readout"] == "event":
            problem.setdefault("threshold", 0.9 * float(np.median((query @ key.T).sum(1))))
        result = solve(problem, query, key, value)
        rows.append(problem | dict(query=flat(query), key=flat(key), value=flat(value)) | result)
        print(f"{name:32s} |f| {np.abs(result['output']).max():.3f}  p {np.round(result['pools'][:problem['compartments']], 3)}", flush=True)
    about = "The network of docs/science.md section 1 with compartments, by SciPy DOP853 (rtol 1e-12, atol 1e-14); see compartments_reference.py."
    document = {"about": about, "made_with": f"NumPy {np.__version__}, SciPy {scipy.__version__}", "problems": rows}
    (HERE / "compartments_reference.json").write_text(json.dumps(document, indent=None, separators=(",", ":")).replace('{"name"', '\n{"name"') + "\n")


if __name__ == "__main__":
    main()
