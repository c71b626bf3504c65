"""Checks the closed forms of docs/science.md §4 against numbers that do not use them.

1. ε(a,b) and ε(a,b,c): the stable formulas in float64 against their defining integrals at 50 digits.
2. H(T), g(T), p(T), p(s), f(T) over one segment from a random state: against DOP853, for random, coinciding and infinite τ.
3. Whole schedules: against network_reference.json.
4. Problems of that file with some τ = 0: their distance from the same network with τ = ϵ is proportional to ϵ.
5. The memory after one bidirectional pass in terms of a, b, c (§1, definition of correct, c).

    python3 closed_forms.py                 needs NumPy, SciPy and mpmath; some two minutes

J is integrated by Gauss–Legendre on graded panels as in §4, with two additions without which its error is not always small: the
first panel counts the leaks among the time constants, and panels are halved where p changes by more than a factor of two (on the
problem decades-of-calcium the output would be off by 2e-4 without). The segments of 2. also use an adaptive rule on those panels.
"""
import json
import math
import pathlib

import mpmath
import numpy as np
from scipy.integrate import quad_vec, solve_ivp
from scipy.optimize import brentq

HERE = pathlib.Path(__file__).parent


def epsilon2(a, b, T):
    d = abs(a - b) * T
    return T * math.exp(-min(a, b) * T) * (-math.expm1(-d) / d if d > 0 else 1.0)


def epsilon3(a, b, c, T):
    a, b, c = sorted((a, b, c))
    if (c - a) * T >= 0.5:
        return (epsilon2(a, b, T) - epsilon2(b, c, T)) / (c - a)
    y, z = (b - a) * T, (c - a) * T
    total, h = 0.0, 0.0
    for n in range(20):
        h = h * y + z ** n                  # h_n = Σ_i yⁱ zⁿ⁻ⁱ
        total += (-1) ** n * h / math.factorial(n + 2)
    return T * T * math.exp(-a * T) * total


def rate(tau):
    return 0.0 if tau is None else 1.0 / tau


def calcium_read(s, g, p0, phi, dh, P, course="follow"):
    if course == "held":
        return p0
    alpha, beta, kappa = rate(P["tau_presynaptic"]), 1 / P["tau_hidden"], 1 / P["tau_calcium"]
    return math.exp(-kappa * s) * p0 + kappa * ((g @ phi) * epsilon2(kappa, alpha, s) + (g @ dh) * epsilon2(kappa, alpha + beta, s))


NODES, WEIGHTS = np.polynomial.legendre.leggauss(12)


def panels(T, shortest, p, cuts):
    """Edges graded to both ends (first panel shortest/8, ratio 1.6), cut where p meets p_min, and halved until p no more than
    doubles within a panel: 1/p has its poles near wherever p changes by a large factor."""
    edges, x, width = {0.0, T, *cuts}, 0.0, shortest / 8
    while x + width < T / 2:
        x, width = x + width, width * 1.6
        edges |= {x, T - x}
    edges = sorted(edges)
    pending, out = list(zip(edges, edges[1:]))[::-1], [0.0]
    while pending:
        lo, hi = pending.pop()
        values = [p(s) for s in np.linspace(lo, hi, 5)]
        if max(values) > 2 * min(values) and hi - lo > 1e-14 * T:
            pending += [((lo + hi) / 2, hi), (lo, (lo + hi) / 2)]
        else:
            out.append(hi)
    return out


def gauss(f, edges):
    return sum((hi - lo) / 2 * sum(w * f((lo + hi) / 2 + (hi - lo) / 2 * x) for x, w in zip(NODES, WEIGHTS)) for lo, hi in zip(edges, edges[1:]))


def adaptive(f, edges):
    return sum(quad_vec(f, lo, hi, epsabs=1e-30, epsrel=1e-14, norm="max")[0] for lo, hi in zip(edges, edges[1:]))


integral = gauss                            # check_segments also runs with the adaptive rule


def learning_rate(P):
    """η of §1b, calibrated by its closed form where it is not given."""
    if P.get("learning_rate", 1.0) is not None:
        return P.get("learning_rate", 1.0)
    if P["gap"] == 0:
        return 1.0
    tw, beta, phi = P["write"], 1 / P["tau_hidden"], 1 / P["tau_output"]
    left = math.expm1(-beta * tw) * math.expm1(-phi * tw)
    return tw / (tw + math.expm1(-beta * tw) / beta + math.expm1(-phi * tw) / phi - math.expm1(-(beta + phi) * tw) / (beta + phi)
                 - left * math.expm1(-(beta + phi) * P["gap"]) / (beta + phi))


def course_of(P, writing, blank):
    drive = P.get("drive", "ungated")
    if drive == "ungated" or not writing and not blank:
        return "follow"
    return "held" if drive == "hold" else "fall" if writing else "follow"


def advance(state, writing, phi, v, T, P, course="follow"):
    """(h, f, H, g, p) at the end of a segment, by §4; every τ positive."""
    h, f, H, g, p = state
    tw, lam, alpha = P["write"], rate(P["tau_hebbian"]), rate(P["tau_presynaptic"])
    beta, phi_rate, kappa = 1 / P["tau_hidden"], 1 / P["tau_output"], 1 / P["tau_calcium"]
    dh = h - phi
    h_end = phi + dh * math.exp(-beta * T)
    if writing:
        df = f - v
        I = lambda r: epsilon2(lam, r, T)
        H_end = math.exp(-lam * T) * H + (I(0) * np.outer(v, phi) + I(beta) * np.outer(v, dh)
                                          + I(phi_rate) * np.outer(df, phi) + I(beta + phi_rate) * np.outer(df, dh)) * learning_rate(P) / tw
        g_end = math.exp(-alpha * T) * g + (epsilon2(alpha, 0, T) * phi + epsilon2(alpha, beta, T) * dh) / tw
        e3 = lambda b, c: epsilon3(kappa, b, c, T)
        p_end = math.exp(-kappa * T) * p + kappa * (
            (g @ phi) * epsilon2(kappa, alpha, T) + (g @ dh) * epsilon2(kappa, alpha + beta, T)
            + ((phi @ phi) * e3(alpha, 0) + (phi @ dh) * (e3(alpha + beta, beta) + e3(alpha, beta)) + (dh @ dh) * e3(alpha + beta, 2 * beta)) / tw)
        p_end = {"follow": p_end, "fall": math.exp(-kappa * T) * p, "held": p}[course]
        return h_end, v + df * math.exp(-phi_rate * T), H_end, g_end, p_end
    at = lambda s: calcium_read(s, g, p, phi, dh, P, course)
    grid = np.unique(np.concatenate([np.linspace(0, T, 400), np.geomspace(1e-9 * T, T, 200)]))
    above = [at(s) - P["p_min"] for s in grid]
    cuts = [brentq(lambda s: at(s) - P["p_min"], grid[i], grid[i + 1], xtol=1e-16, rtol=1e-15)
            for i in range(len(grid) - 1) if above[i] * above[i + 1] < 0]
    weight = lambda s: np.array([1, math.exp(-beta * s)]) * (phi_rate * math.exp(-(T - s) * phi_rate - lam * s) / max(at(s), P["p_min"]))
    shortest = min(tau for tau in (P["tau_hidden"], P["tau_output"], P["tau_calcium"], P["tau_hebbian"], P["tau_presynaptic"]) if tau is not None)
    J = integral(weight, panels(T, shortest, lambda s: max(at(s), P["p_min"], 1e-280), cuts))
    f_end = math.exp(-phi_rate * T) * f + J[0] * (H @ phi) + J[1] * (H @ dh)
    return h_end, f_end, math.exp(-lam * T) * H, math.exp(-alpha * T) * g, at(T)


def check_epsilon(rng):
    mpmath.mp.dps = 50
    worst = 0.0
    for trial in range(60):
        T = float(10 ** rng.uniform(-2, 1))
        a, b, c = (float(r) for r in rng.uniform(0, 30, 3) / T)
        kind = trial % 6
        if kind == 1: b = a
        if kind == 2: b = c = a
        if kind == 3: a = 0.0
        if kind == 4: b = a + 10 ** rng.uniform(-12, 0) / T
        if kind == 5: b, c = a + 10 ** rng.uniform(-12, 0) / T, a + 10 ** rng.uniform(-12, 0) / T
        A, B, C, t = map(mpmath.mpf, (a, b, c, T))
        inner = lambda s, b, c: mpmath.quad(lambda x: mpmath.exp(-b * (s - x) - c * x), [0, s])
        two = inner(t, A, B)
        three = mpmath.quad(lambda s: mpmath.exp(-A * (t - s)) * inner(s, B, C), [0, t / 8, t / 2, t]) if trial < 12 else None
        # The double integral is slow; elsewhere ∫ over the simplex as one integral of the divided difference's mean-value form.
        if three is None:
            three = t * t * mpmath.quad(lambda x: x * mpmath.exp(-A * t * (1 - x)) * mpmath.quad(
                lambda y: mpmath.exp(-t * x * (B * (1 - y) + C * y)), [0, 1]), [0, 1])
        # One rounding of a changes exp(-aT) by aT rounding units: that is the scale of what can be asked.
        unit = 2.3e-16 * (4 + max(a, b, c) * T)
        for got, want in ((epsilon2(a, b, T), two), (epsilon3(a, b, c, T), three)):
            worst = max(worst, float(abs(got / want - 1)) / unit)
    print(f"epsilon: worst error {worst:.2f} × 2.3e-16 (4 + max(a,b,c) T)")
    assert worst < 8


def check_segments(rng):
    global integral
    worst = {}
    for trial in range(40):
        m, d = 5, 3
        P = dict(zip(("tau_hidden", "tau_output", "tau_calcium", "tau_hebbian", "tau_presynaptic"), 10 ** rng.uniform(-2.3, 0.3, 5)))
        start_of_p = 10 ** rng.uniform(-3, 3) if trial % 2 else rng.uniform(0.1, 1)
        kind = trial % 8
        if kind == 1: P["tau_hebbian"] = P["tau_presynaptic"] = None
        if kind == 2: P["tau_presynaptic"] = P["tau_calcium"]
        if kind == 3: P["tau_calcium"] = P["tau_hidden"] / 2
        if kind == 4: P["tau_output"] = P["tau_hidden"]; P["tau_hebbian"] = P["tau_hidden"] / 2
        if kind == 5: P["tau_presynaptic"] = None; P["tau_calcium"] = P["tau_hidden"] * (1 + 1e-9)
        if kind == 6: P["tau_calcium"] = P["tau_hidden"] = P["tau_output"] = P["tau_hebbian"] = P["tau_presynaptic"]
        P["write"], P["p_min"] = 0.25, 0.0
        state = tuple(rng.uniform(0.1, 1, s) for s in (m, d, (d, m), m)) + (float(start_of_p),)
        phi, v = rng.uniform(0.1, 1, m) * (trial % 5 > 0), rng.normal(size=d) * (trial % 5 > 0)
        if trial % 3 == 0: P["p_min"] = 0.5
        for writing in (True, False):
            T = 0.3
            P["p_min"] = P["p_min"] if not writing else 0.0

            def derivative(_, y):
                h, f, H, g, p = y[:m], y[m:m + d], y[m + d:m + d + d * m].reshape(d, m), y[-m - 1:-1], y[-1]
                w = 1.0 if writing else 0.0
                into = v if writing else H @ h / max(p, P["p_min"])
                return np.concatenate([(phi - h) / P["tau_hidden"], (into - f) / P["tau_output"],
                                       (w * np.outer(f, h) / P["write"] - rate(P["tau_hebbian"]) * H).ravel(),
                                       w * h / P["write"] - rate(P["tau_presynaptic"]) * g, [(g @ h - p) / P["tau_calcium"]]])
            y0 = np.concatenate([np.ravel(x) for x in state])
            # A ceiling on the step makes the kink at p_min cost less than the tolerance asserted below.
            y = solve_ivp(derivative, (0, T), y0, method="DOP853", rtol=3e-14, atol=1e-16, max_step=T / 300).y[:, -1]
            got = advance(state, writing, phi, v, T, P)
            if not writing:
                integral = adaptive
                fine = advance(state, writing, phi, v, T, P)
                integral = gauss
                worst["J, both rules"] = max(worst.get("J, both rules", 0), np.abs(got[1] - fine[1]).max() / np.abs(fine[1]).max())
            parts = dict(h=y[:m], f=y[m:m + d], H=y[m + d:m + d + d * m], g=y[-m - 1:-1], p=y[-1:])
            for (name, want), x in zip(parts.items(), got):
                key = ("write " if writing else "read ") + name
                worst[key] = max(worst.get(key, 0), np.abs(np.ravel(x) - want).max() / np.abs(want).max())
    print("segments: worst relative error", {k: f"{e:.1e}" for k, e in worst.items()})
    assert max(worst.values()) < 1e-10


def schedule(P):
    n = P["tokens"]
    order = [(w, t) for t in range(n) for w in (True, False)] if P["order"] == "causal" else [(w, t) for w in (True, False) for t in range(n)]
    for writing, t in order:
        yield writing, t, P["write"] if writing else P["read"], False
        if P["gap"] > 0:
            yield writing, t, P["gap"], True


def problems(keep):
    """Rows of network_reference.json whose zero time constants `keep` accepts."""
    for P in json.loads((HERE / "network_reference.json").read_text())["problems"]:
        zero = [name for name in ("tau_hidden", "tau_output", "tau_calcium") if P[name] == 0]
        if keep(zero):
            yield P, zero, [np.reshape(P[name], (P["tokens"], -1)) for name in ("query", "key", "value")]


def run(P, query, key, value):
    """Output and calcium at the end of each read, and H at the end of the schedule."""
    m, dv = key.shape[1], value.shape[1]
    state = np.zeros(m), np.zeros(dv), np.zeros((dv, m)), np.zeros(m), P["baseline"]
    output, calcium = [], []
    for writing, t, T, blank in schedule(P):
        phi = (key if writing else query)[t] * (not blank)
        state = advance(state, writing, phi, value[t] * (not blank), T, P, course_of(P, writing, blank))
        if not writing and not blank:
            output.append(state[1]), calcium.append(state[4])
    return np.array(output), np.array(calcium), state[2]


def relative(x, want):
    return np.abs(np.ravel(x) - want).max() / np.abs(want).max()


def check_schedules():
    overall = 0.0
    for P, _, (query, key, value) in problems(lambda zero: not zero):
        dv = value.shape[1]
        output, calcium, H = run(P, query, key, np.hstack([value, np.eye(len(value))]))
        errors = dict(output=relative(output[:, :dv], P["output"]), attention=relative(output[:, dv:], P["attention"]),
                      calcium=relative(calcium, P["calcium"]), hebbian=relative(np.linalg.norm(H[:dv]), P["hebbian_norm"]))
        overall = max(overall, *errors.values())
        print(f"  {P['name']:32s}", {k: f"{e:.1e}" for k, e in errors.items()})
    print(f"schedules: worst relative error {overall:.1e}")
    assert overall < 2e-11


def check_quasi_static():
    """Every τ = 0: the discrete network, with each memory scaled by what the leak leaves of it."""
    worst = 0.0
    for P, _, (query, key, value) in problems(lambda zero: len(zero) == 3):
        decay_H, decay_g = rate(P["tau_hebbian"]), rate(P["tau_presynaptic"])
        H, g, outputs = 0.0, 0.0, []
        for writing, t, T, blank in schedule(P):
            H, g = H * math.exp(-decay_H * T), g * math.exp(-decay_g * T)
            if writing and not blank:
                H = H + np.outer(value[t], key[t]) * epsilon2(decay_H, 0, T) / P["write"]
                g = g + key[t] * epsilon2(decay_g, 0, T) / P["write"]
            elif not blank:
                outputs.append(H @ query[t] / (g @ query[t]))
        worst = max(worst, relative(outputs, P["output"]))
    print(f"all τ = 0: worst relative error {worst:.1e}")
    assert worst < 1e-11


def check_limits():
    """τ = ϵ in place of 0: halving ϵ halves the distance. (Several at once take different multiples of ϵ.)"""
    multiple = dict(tau_hidden=1.0, tau_output=1.7, tau_calcium=1.3)
    for P, zero, (query, key, value) in problems(lambda zero: len(zero) > 0):
        distance = []
        for small in (1e-4, 5e-5):
            # p underflows in a blank whose every τ is small; a floor far below any p of a read keeps 1/p finite there.
            near = P | {name: small * multiple[name] for name in zero} | dict(p_min=1e-280)
            distance.append(relative(run(near, query, key, value)[0], P["output"]))
        print(f"  {P['name']:32s} {zero}: distance {distance[0]:.1e}, ratio {distance[0] / distance[1]:.3f}")
        assert distance[0] < 1e-6 or distance[0] < 2e-3 and 1.9 < distance[0] / distance[1] < 2.1, P["name"]


def check_carry_over(rng):
    """H = Σ (1−a−b+c) v_tφ_tᵀ + (a−c) v_tφ_{t−1}ᵀ + (b−c) v_{t−1}φ_tᵀ + c v_{t−1}φ_{t−1}ᵀ and g = Σφ_t − a φ_N, up to e^{−T_w/τ}."""
    P = dict(tau_hidden=0.010, tau_output=0.014, tau_calcium=0.05, tau_hebbian=None, tau_presynaptic=None, write=0.6, p_min=0.0)
    n, m, d = 5, 4, 3
    phi, v = rng.uniform(size=(n, m)), rng.normal(size=(n, d))
    state = np.zeros(m), np.zeros(d), np.zeros((d, m)), np.zeros(m), 1.0
    for t in range(n):
        state = advance(state, True, phi[t], v[t], P["write"], P)
    th, tf, tw = P["tau_hidden"], P["tau_output"], P["write"]
    a, b, c = th / tw, tf / tw, th * tf / ((th + tf) * tw)
    before = lambda x, t: x[t - 1] if t else 0 * x[0]
    H = sum((1 - a - b + c) * np.outer(v[t], phi[t]) + (a - c) * np.outer(v[t], before(phi, t))
            + (b - c) * np.outer(before(v, t), phi[t]) + c * np.outer(before(v, t), before(phi, t)) for t in range(n))
    g = phi.sum(0) - a * phi[-1]
    error = max(np.abs(H - state[2]).max(), np.abs(g - state[3]).max())
    print(f"carry-over formula: error {error:.1e}, allowed {math.exp(-tw / max(th, tf)):.1e} × a few + rounding")
    assert error < 1e-13


if __name__ == "__main__":
    rng = np.random.default_rng(4)
    check_epsilon(rng)
    check_segments(rng)
    check_schedules()
    check_quasi_static()
    check_limits()
    check_carry_over(rng)
