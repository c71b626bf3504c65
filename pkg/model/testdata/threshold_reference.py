"""Reference solutions with compartments that gather (readout: threshold), by a general solver.

The network of compartments_reference.py whose compartments' calcium follows, while at least 22.6 % of them are active, what the whole cell
collects, and otherwise what each collects itself (docs/science.md, section 7): compartment c is active where C S_c is above `threshold`.
SciPy's DOP853 (rtol 1e-12) with terminal events, restarted after each.

    python3 threshold_reference.py          writes threshold_reference.json (needs NumPy and SciPy; two minutes)

`threshold` is `of_median` times the median of what the queries read of the discrete network. switches: how often what is followed changed
within a segment; gathered: how many of the reads end with the whole cell followed.
"""
import json
import math

import numpy as np
import scipy
from scipy.integrate import solve_ivp

from astrocyte_reference import MORE
from compartments_reference import HERE, Network
from network_reference import ATOL, DEFAULTS, RTOL, features, flat, segments

SHARE = 0.226


class Gathering(Network):
    def __init__(self, *args):
        super().__init__(*args)
        self.whole, self.switches = False, 0

    def followed(self, S):
        return np.full(self.C, S.mean()) if self.whole else S

    def divisor(self, y, p):
        return np.maximum(p, self.p["p_min"])

    def excess(self, y, late):
        if self.course(late[0], late[2]) != "follow":
            return -1.0
        return np.sort(self.collected(y, late))[-math.ceil(SHARE * self.C)] - self.p["threshold"]


def solve(problem, query, key, value):
    n, dv = value.shape
    network = Gathering(problem, query, key, np.hstack([value, np.eye(n)]))
    main, late, now = [], [(problem["latency"], (None, 0, False))] if problem["latency"] > 0 else [], 0.0
    for phase, t, duration, blank in segments(problem):
        now += duration
        main.append((now, (phase, t, blank)))
        late.append((now + problem["latency"], (phase, t, blank)))
    y, at, i, j, output, calcium, divisor, gathered = network.start(), 0.0, 0, 0, [], [], [], 0
    while i < len(main):
        end = min(main[i][0], late[j][0])
        network.whole = network.excess(y, late[j][1]) > 0
        while end - at > 1e-12:
            event = lambda t, y, main, late: network.excess(y, late)
            event.terminal, event.direction = True, -1.0 if network.whole else 1.0
            solution = solve_ivp(network.derivative, (at, end), y, method="DOP853", rtol=RTOL, atol=ATOL, args=(main[i][1], late[j][1]), events=event, max_step=0.01)
            assert solution.success, solution.message
            y, at = solution.y[:, -1], solution.t[-1]
            if solution.status == 1:
                network.whole, network.switches = not network.whole, network.switches + 1
        at = end
        ends = [abs(x[0] - end) <= 1e-12 for x in (main[i], late[j])]
        p = network.astrocyte(y, late[j][1])[2]
        if ends[0] and main[i][1][0] == "read" and not main[i][1][2]:
            output.append(network.output(y, main[i][1], late[j][1])[1].copy())
            calcium.append(p.copy())
            gathered += network.whole
            effects = network.effects(y, main[i][1], late[j][1])[:dv]
            total = effects.sum(-1)
            divisor.append(total @ effects @ network.divisor(y, p) / (total @ total))
        if ends[1]:
            network.last = p.copy()
        i, j = i + ends[0], j + ends[1]
    output = np.array(output)
    return {"output": flat(output[:, :dv]), "attention": flat(output[:, dv:]), "pools": flat(np.array(calcium)), "divisor": flat(divisor),
            "switches": int(network.switches), "gathered": int(gathered)}


def problems():
    bi, causal = "bidirectional", "causal"
    leaky = dict(tau_hebbian=3.0, tau_presynaptic=2.0)
    held = dict(gap=0.050, drive="hold", baseline=2.0, learning_rate=None)

    def of(count, of_median, coupled="ring", exchange=10.0, **more):
        return dict(compartments=count, coupled=coupled, exchange=exchange, readout="threshold", of_median=of_median, **more)
    return [
        *[(f"{coupled}-{order}", order, 4, 12, 2, of(4, 1.5, coupled, **held)) for coupled in ("ring", "line", "all") for order in (bi, causal)],
        *[(f"at-{level}", bi, 4, 12, 2, of(6, level, exchange=2.0, **held)) for level in (0.3, 1.0, 3.0)],
        ("two", causal, 4, 8, 2, of(2, 1.0, "line", **held)),
        ("each-its-own", causal, 4, 8, 2, of(8, 1.2, exchange=20.0, **held)),
        ("apart", bi, 4, 12, 2, of(12, 1.5, exchange=0.0, **held)),
        *[(f"ungated-{order}", order, 4, 12, 2, of(3, 1.5, "line", drive="ungated", gap=0.050, **leaky)) for order in (bi, causal)],
        *[(f"reading-{order}", order, 4, 12, 2, of(6, 1.3, drive="reading", gap=0.050, **leaky)) for order in (bi, causal)],
        ("settled", bi, 4, 12, 2, of(4, 1.3, spread=0.7, tau_calcium=0.0, **held)),
        ("settled-anywhere", causal, 4, 8, 2, of(4, 1.2, "line", spread=0.3, tau_calcium=0.0, tau_hidden=0.0, tau_output=0.0, drive="ungated", p_min=0.3)),
        ("rise", causal, 4, 8, 2, of(4, 1.2, "line", tau_rise=0.080, tau_calcium=0.120, **held)),
        ("late", bi, 4, 8, 2, of(4, 1.2, latency=0.170, **held)),
        ("late-rise-ungated", causal, 4, 8, 2, of(8, 1.2, latency=0.120, tau_rise=0.080, drive="ungated", gap=0.050, **leaky)),
        ("no-output-lag", causal, 4, 8, 2, of(4, 1.2, tau_output=0.0, **held)),
        ("no-hidden-lag", bi, 4, 8, 2, of(4, 1.2, tau_hidden=0.0, **held)),
        *[(model, bi, 2, 6, 2, of(3, 1.1, exchange=0.5, calcium_model=model, ip3_max=0.3, largest=6.0, tau_calcium=0.0,
                                  **{**held, "drive": "reading", "gap": 0.2}, read=1.0)) for model in ("li-rinzel", "de-pitta")],
    ]


def main():
    rows = []
    for index, (name, order, tokens, neurons, values, changes) in enumerate(problems()):
        rng = np.random.default_rng([2028, index])
        query, key = features(rng, tokens, neurons)
        value = rng.normal(size=(tokens, values))
        problem = dict(name=name, order=order, tokens=tokens, neurons=neurons, values=values, **{**DEFAULTS, **MORE, "spread": 0.0, **changes})
        seen = np.cumsum(key, 0) if order == "causal" else np.tile(key.sum(0), (tokens, 1))
        problem["threshold"] = problem.pop("of_median") * float(np.median((query * seen).sum(1)))
        result = solve(problem, query, key, value)
        rows.append(problem | dict(query=flat(query), key=flat(key), value=flat(value)) | result)
        print(f"{name:24s} |f| {np.abs(result['output']).max():.3f}  p {np.round(result['pools'][:problem['compartments']], 3)}  {result['switches']} switches, {result['gathered']} of {tokens}", flush=True)
    about = "The network of docs/science.md section 7 with readout: threshold, by SciPy DOP853 (rtol 1e-12, atol 1e-14); see threshold_reference.py."
    document = {"about": about, "made_with": f"NumPy {np.__version__}, SciPy {scipy.__version__}", "problems": rows}
    (HERE / "threshold_reference.json").write_text(json.dumps(document, indent=None, separators=(",", ":")).replace('{"name"', '\n{"name"') + "\n")


if __name__ == "__main__":
    main()
