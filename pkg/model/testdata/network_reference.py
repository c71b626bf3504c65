"""Reference solutions of the continuous network, by a general solver.

Integrates the equations of docs/science.md §1 (one astrocyte compartment, C = 1) as they stand, every h, f, g, p and every
entry of H, with SciPy's DOP853 at rtol 1e-12, restarted at each boundary of the schedule and wherever the calcium p crosses
the floor p_min. A time constant of 0 removes its variable: h = φ; p = g·h; f = v while writing, (H∘P) h while reading; what
remains is integrated. Nothing here uses the closed forms of §4, so the file it writes can judge them.

    python3 network_reference.py            writes network_reference.json (needs NumPy and SciPy; a few seconds)
    python3 closed_forms.py                 compares that file with the closed forms of §4

Conventions of the file
  * Matrices are flat, row-major, one row per token. Times are in seconds. A time constant of null is infinite (no leak).
  * Start: h = f = H = g = 0, p = baseline.
  * bidirectional: write 1..N, then read 1..N; causal: write t, read t, for t = 1..N. Each is followed by a blank of `gap`
    seconds if that is positive: φ = 0, v = 0 and the gate stays as it was.
  * output, calcium: f and p at the end of each read, before its blank. attention: the same f with v = identity, N × N.
  * hebbian_norm: Frobenius norm of H when the schedule has ended, the last blank included.
  * trajectory: hidden, output, calcium and |H|_F at times counted from the start of the schedule, blanks included. It is DOP853's
    dense output: good to 1e-10; everything else is good to 1e-11 (closed_forms.py).
  * In a read's blank with tau_hidden = 0 the drive (H∘P) h is 0, whatever p is.
  * drive: ungated, τ_p dp/dt = −p + g·h always; reading, the sum counts in reads and their blanks alone; hold, dp/dt = 0
    but while a query is presented. With tau_calcium = 0 p is what it tends to, and what it was where it is held.
  * learning_rate: η of the rule of H; null is calibrated, write / ∫ f̂ ĥ dt over a token's write and blank, by quadrature.
"""
import json
import pathlib

import numpy as np
import scipy
from scipy.integrate import quad, solve_ivp

RTOL, ATOL = 1e-12, 1e-14
HERE = pathlib.Path(__file__).parent


def features(rng, tokens, neurons, dim=4, norm=1.0):
    """Queries and keys through one positive random map (§3, `positive`)."""
    w = rng.normal(size=(neurons, dim))
    x = rng.normal(size=(2, tokens, dim)) * norm / np.sqrt(dim)
    phi = np.exp(x @ w.T - 0.5 * (x * x).sum(-1, keepdims=True) - 0.5 * np.log(neurons))
    return phi[0], phi[1]


def segments(problem):
    """The schedule as (phase, token, duration, blank)."""
    n, gap = problem["tokens"], problem["gap"]
    order = [("write", t) for t in range(n)] + [("read", t) for t in range(n)]
    if problem["order"] == "causal":
        order = [(phase, t) for t in range(n) for phase in ("write", "read")]
    for phase, t in order:
        yield phase, t, problem[phase], False
        if gap > 0:
            yield phase, t, gap, True


class Network:
    """The state's layout and right-hand side for one problem; `v` has as many columns as outputs are wanted."""

    def __init__(self, problem, query, key, v):
        self.p = problem
        self.query, self.key, self.v = query, key, v
        self.m, self.d = key.shape[1], v.shape[1]
        sizes = {"h": self.m if problem["tau_hidden"] > 0 else 0, "f": self.d if problem["tau_output"] > 0 else 0,
                 "H": self.d * self.m, "g": self.m, "p": 1 if problem["tau_calcium"] > 0 else 0}
        self.slices, start = {}, 0
        for name, size in sizes.items():
            self.slices[name] = slice(start, start + size)
            start += size
        self.size = start
        self.learning = learning_rate(problem)
        self.last = problem["baseline"]  # where the calcium was held, without a time constant of its own

    def start(self):
        y = np.zeros(self.size)
        y[self.slices["p"]] = self.p["baseline"]
        return y

    def drive(self, phase, t, blank):
        phi = self.query[t] if phase == "read" else self.key[t]
        v = self.v[t]
        return (phi * 0, v * 0) if blank else (phi, v)

    def course(self, phase, blank):
        """What the calcium does: follow its sum, fall, or be held."""
        if self.p["drive"] == "ungated" or phase == "read" and not blank:
            return "follow"
        if self.p["drive"] == "hold":
            return "held"
        return "follow" if phase == "read" else "fall"

    def unpack(self, y, phase, drive, floored, course):
        """All variables (h, f, H, g, p) and the output's drive, the eliminated ones from their own equations."""
        phi, v = drive
        h = y[self.slices["h"]] if self.p["tau_hidden"] > 0 else phi
        H = y[self.slices["H"]].reshape(self.d, self.m)
        g = y[self.slices["g"]]
        p = y[self.slices["p"]][0] if self.p["tau_calcium"] > 0 else {"follow": g @ h, "fall": 0.0, "held": self.last}[course]
        into = v
        if phase == "read":
            sums = H @ h
            divisor = self.p["p_min"] if floored else p
            into = sums / divisor if np.any(sums) else sums
        f = y[self.slices["f"]] if self.p["tau_output"] > 0 else into
        return h, f, H, g, p, into

    def derivative(self, _, y, phase, drive, floored, course):
        h, f, H, g, p, into = self.unpack(y, phase, drive, floored, course)
        dy = np.empty_like(y)
        if self.p["tau_hidden"] > 0:
            dy[self.slices["h"]] = (drive[0] - h) / self.p["tau_hidden"]
        if self.p["tau_output"] > 0:
            dy[self.slices["f"]] = (into - f) / self.p["tau_output"]
        writing = 1.0 if phase == "write" else 0.0
        leak_H, leak_g = rate(self.p["tau_hebbian"]), rate(self.p["tau_presynaptic"])
        dy[self.slices["H"]] = (writing * self.learning * np.outer(f, h) / self.p["write"] - leak_H * H).ravel()
        dy[self.slices["g"]] = writing * h / self.p["write"] - leak_g * g
        if self.p["tau_calcium"] > 0:
            dy[self.slices["p"]] = {"follow": g @ h - p, "fall": -p, "held": 0.0}[course] / self.p["tau_calcium"]
        return dy

    def calcium(self, y, phase, drive, course):
        return self.unpack(y, "write", drive, False, course)[4]

    def advance(self, y, phase, drive, course, duration, samples):
        """Integrate one segment; returns the final state and (state, floored) at each sample time within it."""
        p_min = self.p["p_min"] if phase == "read" else 0.0
        args, now, taken = (phase, drive, course), 0.0, []
        floored = p_min > 0 and self.calcium(y, *args) < p_min

        def crossing(_, y, *rest):
            return self.calcium(y, *args) - p_min
        crossing.terminal = True
        crossings = 0
        while True:
            # Looking only for a crossing that leaves the present side keeps the restart from finding its own root again.
            crossing.direction = 1 if floored else -1
            here = [s for s in samples if now <= s <= duration]
            solution = solve_ivp(self.derivative, (now, duration), y, method="DOP853", rtol=RTOL, atol=ATOL,
                                 args=(phase, drive, floored, course), events=crossing if p_min > 0 else None, dense_output=bool(here))
            assert solution.success, solution.message
            y, end = solution.y[:, -1], solution.t[-1]
            taken += [(s, solution.sol(s), floored) for s in here if s <= end]
            samples = [s for s in samples if s > end]
            if end >= duration:
                return y, floored, taken, crossings
            now, floored, crossings = end, not floored, crossings + 1


def rate(tau):
    return 0.0 if tau is None else 1.0 / tau


def learning_rate(p):
    if p["learning_rate"] is not None:
        return p["learning_rate"]
    if p["gap"] == 0:
        return 1.0

    def response(tau, t):
        if tau == 0:
            return float(t < p["write"])
        return -np.expm1(-min(t, p["write"]) / tau) * np.exp(-max(t - p["write"], 0) / tau)

    def product(t):
        return response(p["tau_hidden"], t) * response(p["tau_output"], t)
    felt = sum(quad(product, a, b, epsabs=0, epsrel=1e-13, limit=500)[0] for a, b in ((0, p["write"]), (p["write"], p["write"] + p["gap"])) if product((a + b) / 2))
    return p["write"] / felt


def solve(problem, query, key, value, times=()):
    n, dv = value.shape
    # Outputs are linear in v and p does not see them: the identity's columns ride along beside v's.
    network = Network(problem, query, key, np.hstack([value, np.eye(n)]))
    y, now, output, calcium, crossings, trajectory = network.start(), 0.0, [], [], 0, []
    for phase, t, duration, blank in segments(problem):
        drive, course = network.drive(phase, t, blank), network.course(phase, blank)
        inside = [s - now for s in times if now < s <= now + duration]
        y, floored, taken, crossed = network.advance(y, phase, drive, course, duration, inside)
        crossings += crossed
        for s, state, low in taken:
            h, f, H, _, p, _ = network.unpack(state, phase, drive, low, course)
            trajectory.append((now + s, h.copy(), f[:dv].copy(), p, np.linalg.norm(H[:dv])))
        if phase == "read" and not blank:
            _, f, _, _, p, _ = network.unpack(y, phase, drive, floored, course)
            output.append(f.copy())
            calcium.append(p)
        network.last = network.calcium(y, phase, drive, course)
        now += duration
    H = y[network.slices["H"]].reshape(-1, network.m)
    output = np.array(output)
    attention = output[:, dv:]
    scale = np.abs(output[:, :dv]).max()
    assert np.abs(attention @ value - output[:, :dv]).max() < 1e-11 * scale, "outputs must be linear in the values"
    result = {"output": flat(output[:, :dv]), "attention": flat(attention), "calcium": flat(calcium),
              "hebbian_norm": float(np.linalg.norm(H[:dv])), "floor_crossings": crossings}
    if times:
        t, h, f, p, norm = zip(*trajectory)
        assert len(t) == len(times)
        result["trajectory"] = {"time": flat(t), "hidden": flat(h), "output": flat(f), "calcium": flat(p), "hebbian_norm": flat(norm)}
    return result


def flat(x):
    return [float(u) for u in np.asarray(x, dtype=float).ravel()]


DEFAULTS = dict(tau_hidden=0.010, tau_output=0.010, tau_hebbian=None, tau_presynaptic=None, tau_calcium=0.050,
                write=0.250, read=0.250, gap=0.0, baseline=1.0, p_min=0.0, drive="ungated", learning_rate=1.0)


def problems():
    """(name, order, tokens, neurons, values, what differs from the defaults)."""
    uneven = dict(tau_hidden=0.007, tau_output=0.023, tau_hebbian=3.0, tau_presynaptic=1.5, tau_calcium=0.090,
                  write=0.200, read=0.300, gap=0.040, baseline=0.6)
    slow = dict(tau_hidden=0.400, tau_output=0.300, tau_calcium=0.150, write=0.250, read=0.200)
    coinciding = dict(tau_hidden=0.100, tau_output=0.100, tau_calcium=0.050, tau_presynaptic=0.050, tau_hebbian=0.100,
                      write=0.060, read=0.080, gap=0.010)
    bi, causal = "bidirectional", "causal"
    return [
        ("defaults", bi, 5, 16, 3, {}),
        ("defaults-causal", causal, 5, 16, 3, {}),
        ("uneven", bi, 6, 12, 4, uneven),
        ("uneven-causal", causal, 6, 12, 4, uneven),
        ("leak-of-g-only", causal, 8, 8, 2, dict(tau_presynaptic=0.8, tau_calcium=0.120, gap=0.025, baseline=2.0)),
        ("leak-of-H-only", bi, 7, 10, 3, dict(tau_hebbian=1.2, tau_hidden=0.015, gap=0.060)),
        ("floor", bi, 6, 12, 3, dict(tau_calcium=0.150, gap=0.050, p_min=5.2, baseline=0.3)),
        ("floor-causal", causal, 6, 12, 3, dict(tau_calcium=0.150, tau_output=0.020, p_min=1.2, baseline=0.2)),
        ("coinciding-rates", causal, 4, 8, 2, coinciding),
        ("coinciding-rates-bidirectional", bi, 3, 8, 2, dict(coinciding, tau_presynaptic=0.100, tau_hebbian=0.050)),
        ("nearly-coinciding-rates", causal, 4, 8, 2, dict(coinciding, tau_presynaptic=0.050 * (1 + 1e-9), tau_hebbian=0.100 * (1 - 1e-6),
                                                            tau_output=0.100 * (1 + 1e-12), tau_calcium=0.050 * (1 + 1e-4))),
        ("carry-over", bi, 5, 10, 3, slow),
        ("carry-over-causal", causal, 5, 10, 3, dict(slow, tau_hebbian=4.0, gap=0.030)),
        ("slow-calcium", bi, 4, 4, 5, dict(tau_calcium=2.0, baseline=3.0)),
        ("no-hidden-lag", bi, 5, 8, 3, dict(tau_hidden=0.0, tau_output=0.018, tau_hebbian=5.0, gap=0.030)),
        ("no-hidden-lag-causal", causal, 5, 8, 3, dict(tau_hidden=0.0, tau_presynaptic=2.0)),
        ("no-output-lag", causal, 5, 8, 3, dict(tau_output=0.0, tau_hidden=0.020, gap=0.030, tau_hebbian=2.0)),
        ("no-calcium-lag", causal, 5, 8, 3, dict(tau_calcium=0.0, tau_hidden=0.020, tau_presynaptic=2.5, gap=0.030)),
        ("no-calcium-lag-bidirectional", bi, 5, 8, 3, dict(tau_calcium=0.0, tau_output=0.030, tau_hidden=0.005)),
        ("hidden-only", bi, 4, 8, 3, dict(tau_output=0.0, tau_calcium=0.0, tau_hidden=0.030, gap=0.020)),
        ("calcium-only", causal, 4, 8, 3, dict(tau_hidden=0.0, tau_output=0.0, tau_calcium=0.060, gap=0.020, baseline=0.5)),
        ("output-only", causal, 4, 8, 3, dict(tau_hidden=0.0, tau_calcium=0.0, tau_output=0.040)),
        ("all-zero", bi, 5, 24, 4, dict(tau_hidden=0.0, tau_output=0.0, tau_calcium=0.0)),
        ("all-zero-leaks-causal", causal, 5, 12, 4, dict(tau_hidden=0.0, tau_output=0.0, tau_calcium=0.0, tau_hebbian=2.0,
                                                          tau_presynaptic=1.0, gap=0.050)),
        # Every second query is stronger by that many decades, as in real heads, so 1/p changes fast within a read.
        ("decades-of-calcium", bi, 6, 12, 3, dict(query_decades=6, tau_output=0.100, tau_calcium=0.030, read=0.150)),
        ("decades-of-calcium-causal", causal, 6, 12, 3, dict(query_decades=4, tau_output=0.150, tau_calcium=0.080, baseline=1e-3, tau_presynaptic=0.4)),
        ("leaks-shorter-than-lags", causal, 4, 8, 2, dict(tau_hidden=0.060, tau_output=0.080, tau_calcium=0.100, tau_hebbian=0.030, tau_presynaptic=0.040,
                                                           write=0.100, read=0.090)),
        *[(f"{drive}{'-gap' * (gap > 0)}{'-causal' * (order == causal)}", order, 5, 10, 3,
           dict(drive=drive, gap=gap, learning_rate=None, write=0.150, read=0.300, tau_calcium=0.110, tau_output=0.014, baseline=2.0, query_decades=1, tau_hebbian=6.0, tau_presynaptic=9.0))
          for drive in ("ungated", "reading", "hold") for gap in (0.0, 0.120) for order in (bi, causal)],
        # A read and its blank are of one length, but not of one course.
        ("hold-read-as-long-as-gap", causal, 4, 8, 3, dict(drive="hold", gap=0.150, read=0.150, write=0.150, learning_rate=1.3)),
        ("reading-floor", bi, 5, 8, 3, dict(drive="reading", gap=0.060, p_min=3.0, baseline=0.5, learning_rate=None, tau_calcium=0.120)),
        ("hold-no-calcium-lag", causal, 4, 8, 3, dict(drive="hold", gap=0.040, tau_calcium=0.0, tau_hidden=0.020, learning_rate=None)),
        ("hold-no-lag-but-the-output's", causal, 4, 8, 3, dict(drive="hold", gap=0.040, tau_calcium=0.0, tau_hidden=0.0, learning_rate=None)),
        ("reading-no-calcium-lag", bi, 4, 8, 3, dict(drive="reading", gap=0.040, tau_calcium=0.0, tau_output=0.030, learning_rate=0.7)),
        ("hold-no-output-lag", causal, 4, 8, 3, dict(drive="hold", gap=0.040, tau_output=0.0, learning_rate=None)),
        ("hold-calcium-only", bi, 4, 8, 3, dict(drive="hold", gap=0.040, tau_hidden=0.0, tau_output=0.0, learning_rate=None)),
    ]


SAMPLED = {"defaults-causal", "uneven", "hold-gap-causal", "reading-gap"}
MUST_CROSS = {"floor", "floor-causal", "reading-floor"}


def main():
    rows = []
    for index, (name, order, tokens, neurons, values, changes) in enumerate(problems()):
        rng = np.random.default_rng([2023, index])
        query, key = features(rng, tokens, neurons)
        value = rng.normal(size=(tokens, values))
        problem = dict(name=name, order=order, tokens=tokens, neurons=neurons, values=values, **{**DEFAULTS, **changes})
        query *= 10 ** (problem.pop("query_decades", 0) * (np.arange(tokens) % 2 - 0.5)[:, None])
        times = ()
        if name in SAMPLED:
            total = sum(duration for _, _, duration, _ in segments(problem))
            times = list((np.arange(50) + rng.uniform(size=50)) * total / 50)
        result = solve(problem, query, key, value, times)
        assert (result["floor_crossings"] > 0) == (name in MUST_CROSS), (name, result["floor_crossings"])
        rows.append(problem | dict(query=flat(query), key=flat(key), value=flat(value)) | result)
        print(f"{name:32s} |f| {np.abs(result['output']).max():.3f}  p {np.round(result['calcium'], 3)}  crossings {result['floor_crossings']}")
    about = "Continuous network of docs/science.md section 1, C = 1, by SciPy DOP853 (rtol 1e-12, atol 1e-14); see network_reference.py. A time constant of null is infinite."
    made_with = f"NumPy {np.__version__}, SciPy {scipy.__version__}"
    document = {"about": about, "made_with": made_with, "problems": rows}
    (HERE / "network_reference.json").write_text(json.dumps(document, indent=None, separators=(",", ":")).replace('{"name"', '\n{"name"') + "\n")


if __name__ == "__main__":
    main()
