"""The part of check_run.py that recomputes what metrics.json says of the whole model (`model`).

From outputs.npz: agreement, divergence, accuracy and cosine of every input from its logits and embeddings, and of a run of one
input the errors of the hidden states; and from responses.csv, which is itself held against outputs.npz where that has the arrays,
the means over the inputs of a set. The 95 % intervals are bootstrapped again with other random numbers. The quantile 0.025 of R
means, of inputs with standard deviation s, is known to √(0.025·0.975/R)/φ(1.96) · s/√n = 2.67/√R · s/√n; the two must agree to six
times that of both, and a step of (largest − smallest)/n, by which the means of few inputs go.
"""
import csv
import json
import math

import numpy as np

BEST, TOLD, SHOWN = 5, 5, 10  # answers of a question; questions of an input that are told in words; those in metrics.json
REPLACED = ["network", "uniform", "random"]
EVERYONE = ["transformer"] + REPLACED
RESAMPLES = 2000
NORM_FLOOR = 1e-150


def log_softmax(x):
    x = x - x.max(axis=-1, keepdims=True)
    return x - np.log(np.exp(x).sum(axis=-1, keepdims=True))


def best(scores):
    """The numbers of the largest scores of each row; ties go to the lower number."""
    return np.argsort(-scores, axis=-1, kind="stable")[..., :BEST]


def mean(x):
    x = np.array([v for v in x if v is not None and np.isfinite(v)], float)
    return float(x.mean()) if len(x) else math.nan


def cosine(x, y):
    size = np.linalg.norm(x) * np.linalg.norm(y)
    return float(x @ y / size) if size > NORM_FLOOR else math.nan


def accuracy(logits, label):
    return math.nan if logits is None or label is None else float((best(logits)[:, 0] == label).mean())


def distance(mine, theirs, label):
    """How far one answer to an input is from the transformer's; an answer is {logits: [Q, scores], embedding: [size]}."""
    found = dict.fromkeys(("top1_agreement", "top5_agreement", "logits_kl", "embedding_cosine", "accuracy"), math.nan)
    if "logits" in mine:
        x, y = mine["logits"], theirs["logits"]
        top_x, top_y = best(x), best(y)
        found["top1_agreement"] = float((top_x[:, 0] == top_y[:, 0]).mean())
        found["top5_agreement"] = float(np.mean([len(set(a) & set(b)) / len(b) for a, b in zip(top_x.tolist(), top_y.tolist())]))
        lx, ly = log_softmax(x), log_softmax(y)
        found["logits_kl"] = float(np.maximum((np.exp(ly) * (ly - lx)).sum(1), 0).mean())
        found["accuracy"] = accuracy(x, label)
    if "embedding" in mine:
        found["embedding_cosine"] = cosine(mine["embedding"], theirs["embedding"])
    return found


def asked_rows(run, model, rows):
    """Which rows of one input's logits are answers: all masked tokens, the last of a causal model, all but special ones, or the only one."""
    told = [r["token"] for r in model["responses"]]
    if rows == 1:
        return [0]
    if len(told) < TOLD:
        return told
    tokens = json.loads((run / "inputs" / "tokens.json").read_text(encoding="utf-8"))
    strings, special = tokens["strings"], tokens["special"]
    mask = strings[told[0]]
    if mask in ("[MASK]", "<mask>"):
        return [i for i, s in enumerate(strings) if s == mask]
    return [i for i, s in enumerate(special) if not s]


def told_answers(checks, responses, answers, where):
    """The likeliest answers in words, {response: {who: logits}}."""
    for i, (response, logits) in enumerate(zip(responses, answers)):
        for who, x in logits.items():
            at = f"{where}, answer {i} of {who}"
            top, p = best(x[None])[0], np.exp(log_softmax(x[None]))[0]
            told = response.get(who, {}).get("top", [])
            checks.add("answers in words", 0.0 if [c["id"] for c in told] == top.tolist() else math.inf, at)
            for choice in told:
                checks.metric("probabilities of answers", p[choice["id"]], choice["probability"], at)


def read_rows(path):
    with open(path, newline="", encoding="utf-8") as f:
        return list(csv.DictReader(f))


def number(text):
    return float(text) if text else math.nan


def answers_of(arrays, index):
    """Everyone's answer to the input with that index, of a set."""
    found = {}
    for who in EVERYONE:
        mine = {}
        if f"logits_{who}" in arrays:
            mine["logits"] = arrays[f"logits_{who}"][arrays["question_input"] == index]
        if f"embedding_{who}" in arrays:
            mine["embedding"] = arrays[f"embedding_{who}"][list(arrays["input"]).index(index)]
        if mine:
            found[who] = mine
    return found


def check_row(checks, row, answers):
    """A line of responses.csv against the arrays of its input."""
    where = f"responses.csv, input {row['index']}"
    label = int(row["label"]) if row["label"] else None
    transformer = answers["transformer"]

    def compared(column, mine):
        theirs = number(row[column])
        checks.metric(f"responses.csv {column.rsplit('_', 1)[0]}", mine, None if math.isnan(theirs) else theirs, where)

    compared("accuracy_transformer", accuracy(transformer.get("logits"), label))
    for who, mine in answers.items():
        if "logits" in mine:
            checks.add("questions", abs(len(mine["logits"]) - int(row["questions"])), where)
            first = mine["logits"][:1]
            checks.add("top", 0.0 if str(best(first)[0, 0]) == row[f"top_{who}"] else math.inf, where)
            compared(f"probability_{who}", float(np.exp(log_softmax(first)).max()))
        if who != "transformer":
            for name, x in distance(mine, transformer, label).items():
                compared(f"{name}_{who}", x)


def interval(checks, name, x, theirs):
    """Bootstraps the mean of x again."""
    x = np.array([v for v in x if np.isfinite(v)])
    if len(x) < 2:
        checks.add("intervals", 0.0 if theirs is None else math.inf, f"{name}: there are {len(x)} inputs")
        return
    if theirs is None:
        checks.add("intervals", math.inf, f"{name} has none")
        return
    n, rng = len(x), np.random.default_rng(16)
    means = np.concatenate([x[rng.integers(n, size=(100, n))].mean(1) for _ in range(RESAMPLES // 100)])
    drawn = min(max(50_000_000 // n, 200), 2000)
    allowed = 6 * 2.67 * math.sqrt(1 / drawn + 1 / RESAMPLES) * x.std() / math.sqrt(n) + (x.max() - x.min()) / n + 1e-12
    for mine, there in zip(np.quantile(means, [0.025, 0.975]), theirs):
        checks.add("intervals", abs(float(mine) - there), f"{name}: {mine} here, {there} there", allowed)


def check_set(run, model, arrays, checks):
    rows = read_rows(run / "responses.csv")
    sound = [r for r in rows if not r["failed"]]
    checks.add("inputs", abs(len(rows) - model["inputs"]) + abs(len(rows) - len(sound) - model["failed"]), "counts")
    checks.add("order of inputs", 0.0 if [int(r["index"]) for r in rows] == list(range(len(rows))) else math.inf, "responses.csv")
    if "input" in arrays:
        checks.add("inputs", 0.0 if arrays["input"].tolist() == [int(r["index"]) for r in sound] else math.inf, "outputs.npz")
        told = []
        for row in sound:
            answers = answers_of(arrays, int(row["index"]))
            if answers:
                check_row(checks, row, answers)
            if len(told) < SHOWN:
                logits = {who: a["logits"] for who, a in answers.items() if "logits" in a}
                told += [{who: x[i] for who, x in logits.items()} for i in range(min(TOLD, int(row["questions"])) if logits else 0)]
        if told:
            told_answers(checks, model["responses"], told[:SHOWN], "metrics.json")
    column = lambda name: np.array([number(r[name]) for r in sound])
    for name in ("top1_agreement", "top5_agreement", "logits_kl", "embedding_cosine"):
        checks.metric(f"model {name}", mean(column(f"{name}_network")), model[name], "metrics.json")
        interval(checks, name, column(f"{name}_network"), model["intervals"].get(name))
    network, transformer = column("accuracy_network"), column("accuracy_transformer")
    for name, x in (("accuracy_network", network), ("accuracy_transformer", transformer), ("accuracy_difference", network - transformer)):
        checks.metric(f"model {name}", mean(x), model[name], "metrics.json")
        interval(checks, name, x, model["intervals"].get(name))
    for who, values in model["controls"].items():
        for name, theirs in values.items():
            checks.metric(f"controls {name}", mean(column(f"{name}_{who}")), theirs, who)
    if model["layers"]:
        checks.metric("model layers", mean(column("hidden_relative_error")), model["layers"][-1]["relative_error"], "the last layer")
    if model["heads"] and all(h["relative_error"] is not None for h in model["heads"]):
        checks.metric("model heads", mean(column("heads_relative_error")), mean([h["relative_error"] for h in model["heads"]]), "mean over heads")


def check_input(run, model, arrays, checks):
    """A run of one input, whose hidden states are there."""
    label, answers = None, {}
    for who in EVERYONE:
        mine = {}
        if f"logits_{who}" in arrays:
            x = arrays[f"logits_{who}"]
            mine["logits"] = x[asked_rows(run, model, len(x))]
        if f"embedding_{who}" in arrays:
            mine["embedding"] = arrays[f"embedding_{who}"]
        if mine:
            answers[who] = mine
    for who in REPLACED:
        if who not in answers:
            continue
        stored = model if who == "network" else model["controls"][who]
        for name, x in distance(answers[who], answers["transformer"], label).items():
            if name != "accuracy":
                checks.metric(f"model {name}", x, stored[name], who)
    logits = {who: a["logits"] for who, a in answers.items() if "logits" in a}
    if logits:
        told_answers(checks, model["responses"], [{who: x[i] for who, x in logits.items()} for i in range(len(model["responses"]))], "metrics.json")
    if "hidden_network" in arrays:
        x, y = arrays["hidden_network"], arrays["hidden_transformer"]
        for layer in model["layers"]:
            a, b = x[layer["layer"] + 1], y[layer["layer"] + 1]
            where = f"layer {layer['layer']}"
            checks.metric("model layers", float(np.linalg.norm(a - b) / np.linalg.norm(b)), layer["relative_error"], where)
            checks.metric("model cosine of layers", mean([cosine(u, v) for u, v in zip(a, b)]), layer["cosine"], where)


def check_model(run, config, metrics, checks):
    model = metrics.get("model")
    if not model:
        return
    arrays = {}
    if (run / "outputs.npz").exists():
        with np.load(run / "outputs.npz") as z:
            arrays = {name: z[name] for name in z.files if name in ("input", "question_input") or name.split("_")[0] in ("hidden", "logits", "embedding")}
    if any(key.startswith(("input.texts.", "input.images.")) for key in config):
        check_set(run, model, arrays, checks)
    else:
        check_input(run, model, arrays, checks)
