#!/usr/bin/env python3
"""What whole models answer with fitted hidden layers in all their heads: the tables of docs/learned.md.

    learned.py vision|text|minilm RUN… [--words WORDS.json] [--alone RUN…] [--page ../docs/learned.md]

RUN are free-running runs over a set with record.arrays: all (of pictures none will do). Everything is taken from their metrics.json, outputs.npz and
the copy of the map file in their inputs/. WORDS.json, of fit_texts.py, has the words behind the masks of the texts. The runs of --alone
each have one head replaced, with the maps of the first RUN.
"""
import argparse
import json
from pathlib import Path

import numpy as np

PAGE = Path(__file__).resolve().parent.parent / "docs" / "learned.md"
WHO = ["network", "uniform", "random"]
percent = lambda x: f"{100 * x:.1f} %"


class Run:
    def __init__(self, path):
        self.path = Path(path)
        self.model = json.loads((self.path / "metrics.json").read_text())["model"]
        self.rung = self.model["rung"]
        if self.model["mode"] != "free-running" or self.model["failed"]:
            raise SystemExit(f"{path}: is {self.model['mode']}, {self.model['failed']} inputs failed; wanted is a whole free-running run")
        files = sorted((self.path / "inputs").glob("*.npz"))
        self.maps = np.load(files[0]) if files else None
        arrays = self.path / "outputs.npz"
        self.arrays = np.load(arrays) if arrays.exists() else None

    def synapses(self):
        if self.maps is None:
            return None
        return self.maps["neurons"] * self.arrays_values()

    def arrays_values(self):  # queries and values are of one length in these models
        return self.maps["mean_q"].shape[1]

    def named(self):
        return f"{self.fitted()}, rung {self.rung}"

    def fitted(self):
        s = self.synapses()
        if s is None:
            return "random"
        size = f"{s[0]:,}" if s.min() == s.max() else f"{s.min():,} to {s.max():,}, mean {s.mean():,.0f}"
        return f"fitted, {size} synapses a head".replace(",", " ").replace("  ", ", ")

    def answers(self, kind, seen):
        """What the network answers and what stands beside it, arrays KIND_WHO: who, the row's name, and the array, of each that has not been seen."""
        for who in WHO:
            key = "uniform" if who == "uniform" else (who, tuple(self.synapses()), self.rung if who == "network" else "")
            if f"{kind}_{who}" in self.arrays and key not in seen:
                seen.add(key)
                name = {"network": self.named(), "uniform": "uniform attention", "random": f"random features, {self.fitted().removeprefix('fitted, ')}"}[who]
                yield who, name, self.arrays[f"{kind}_{who}"]

    def errors(self):
        return {(h["layer"], h["head"]): h["relative_error"] for h in self.model["heads"]}


def spread(x, digits=3):
    """Least, quartiles and largest."""
    return " · ".join(f"{v:.{digits}f}" for v in np.quantile(x, [0, 0.25, 0.5, 0.75, 1]))


def heads(run, alone=None, floors={}):
    """The errors of a run's heads, on the inputs that were held out of the fit and as they stand in the run; what one alone does to the answers."""
    here = run.errors()
    lines = ["| head | synapses | held out of the fit | its training inputs | floor | in the whole model |", "|---|---|---|---|---|---|"]
    if alone:
        lines = [lines[0] + " same word, replaced alone | uniform attention in it alone |", lines[1] + "---|---|"]
    for i, (layer, head) in enumerate(zip(run.maps["layer"].tolist(), run.maps["head"].tolist())):
        floor = run.maps["floor"][i]  # of the fit's own tokens, if it has told of one; floor.py's is of four times as many
        floor = floors.get(str(run.maps["neurons"][i]), {}).get(f"{layer}:{head}", floor)
        line = (f"| {layer}:{head} | {run.synapses()[i]} | {run.maps['held_out_error'][i]:.3f} | {run.maps['train_error'][i]:.3f} | "
                f"{'–' if np.isnan(floor) else f'{floor:.3f}'} | {here[layer, head]:.3f} |")
        if alone:
            line += f" {percent(alone[layer, head]['network'])} | {percent(alone[layer, head]['uniform'])} |"
        lines.append(line)
    return lines


def agreement(path):
    """Of a run with one head replaced: the head, and how often the likeliest word is the transformer's."""
    run = Run(path)
    (one,) = run.model["heads"]
    best = run.arrays["logits_transformer"].argmax(1)
    return (one["layer"], one["head"]), {who: (run.arrays[f"logits_{who}"].argmax(1) == best).mean() for who in ("network", "uniform")}


def summary(runs):
    """How far the heads of each run are from softmax attention."""
    lines = ["| | held out of the fit: least, quartiles, largest | mean | medians of the layers | in the whole model: least, quartiles, largest |", "|---|---|---|---|---|"]
    for r in runs:
        held = r.maps["held_out_error"]
        layers = [f"{np.median(held[r.maps['layer'] == layer]):.3f}" for layer in np.unique(r.maps["layer"])]
        lines.append(f"| {r.fitted()} | {spread(held)} | {held.mean():.4f} | {' · '.join(layers)} | {spread(list(r.errors().values()))} |")
    return lines


def interval(m, name):
    found = (m.get("intervals") or {}).get(name)
    return f" ({100 * found[0]:.1f} to {100 * found[1]:.1f})" if found else ""


def vision(runs, _, __):
    lines = ["| all 16 heads | pictures | same answer as the transformer | KL, nats | accuracy | the transformer's |", "|---|---|---|---|---|---|"]
    for r in runs:
        m = r.model
        lines.append(f"| {r.named()} | {m['inputs']} | {percent(m['top1_agreement'])}{interval(m, 'top1_agreement')} | {m['logits_kl']:.1e} | "
                     f"{percent(m['accuracy_network'])} | {percent(m['accuracy_transformer'])} |")
    for r in {(r.synapses()[0], r.model["inputs"]): r for r in runs}.values():
        for name, c in sorted(r.model["controls"].items()):
            size = f"random features, {r.synapses()[0]} synapses" if name == "random" else "uniform attention"
            lines.append(f"| {size} | {r.model['inputs']} | {percent(c['top1_agreement'])} | {c['logits_kl']:.2g} | {percent(c['accuracy'])} | {percent(r.model['accuracy_transformer'])} |")
    seen = list({tuple(r.synapses()): r for r in reversed(runs)}.values())[::-1]
    embedded = max(seen, key=lambda r: r.synapses()[0])
    return [*dict.fromkeys(lines), "", "Errors of the heads' outputs, relative:", "", *summary(seen), "", f"Every head of: {embedded.fitted()}", "", *heads(embedded)]


def resampled(of, values, rng):
    """The 95 % interval of the mean of values, resampled by what they are of."""
    groups = [values[of == i] for i in np.unique(of)]
    sums, counts = np.array([g.sum() for g in groups], float), np.array([len(g) for g in groups])
    picks = rng.integers(len(groups), size=(2000, len(groups)))
    return np.quantile(sums[picks].sum(1) / counts[picks].sum(1), [0.025, 0.975])


def softmax(x):
    e = np.exp(x - x.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def text(runs, words, alone):
    vocabulary = json.loads((Path(__file__).resolve().parent / "tiny-text" / "tokenizer.json").read_text())["model"]["vocab"]
    truth = np.array([vocabulary[w] for line in json.loads(Path(words).read_text()) for w in line])
    rng = np.random.default_rng(16)
    lines = ["| all 24 head uses | same likeliest word | where the transformer is more than 50 % sure | KL, nats | accuracy | errors of the heads in it: least, quartiles, largest |", "|---|---|---|---|---|---|"]
    seen = set()
    for r in runs:
        reference = softmax(r.arrays["logits_transformer"])
        if len(reference) != len(truth):
            raise SystemExit(f"{r.path}: {len(reference)} masked words, and {words} has {len(truth)}")
        best, sure = reference.argmax(1), reference.max(1) > 0.5
        of = r.arrays["question_input"]
        if not seen:
            lines.append(f"| the transformer, {len(truth)} masked words in {r.model['inputs']} texts | | {sure.sum()} words | | {percent((best == truth).mean())} | |")
        for who, name, logits in r.answers("logits", seen):
            answer = softmax(logits)
            same = answer.argmax(1) == best
            low, high = resampled(of, same, rng)
            kl = (reference * (np.log(np.maximum(reference, 1e-300)) - np.log(np.maximum(answer, 1e-300)))).sum(1).mean()
            lines.append(f"| {name} | {percent(same.mean())} ({100 * low:.1f} to {100 * high:.1f}) | {percent(same[sure].mean())} | {kl:.3f} | "
                         f"{percent((answer.argmax(1) == truth).mean())} | {spread(list(r.errors().values())) if who == 'network' else ''} |")
    alone = dict(map(agreement, alone))
    floors = json.loads((Path(__file__).resolve().parent / "tiny-text" / "floors.json").read_text())  # of floor.py
    for r in reversed({tuple(r.synapses()): r for r in reversed(runs)}.values()):
        lines += ["", f"Every head of: {r.fitted()}", "", *heads(r, alone, floors)]
        alone = None
    return lines


def ranks(x):
    out = np.empty(len(x))
    out[x.argsort(kind="stable")] = np.arange(len(x))
    return out


def minilm(runs, _, __):
    lines = ["| all 72 heads | pooled cosine: median | 5 % quantile | least | Spearman of the similarities | same nearest neighbour | nearest among the 5 nearest |", "|---|---|---|---|---|---|---|"]
    seen = set()
    for r in runs:
        unit = lambda x: x / np.linalg.norm(x, axis=1, keepdims=True)
        reference = unit(r.arrays["embedding_transformer"])
        pairs = np.triu_indices(len(reference), 1)
        similar = reference @ reference.T
        nearest = np.argmax(similar - 2 * np.eye(len(similar)), 1)
        for _, name, embeddings in r.answers("embedding", seen):
            mine = unit(embeddings)
            cosine = (mine * reference).sum(1)
            similarity = mine @ mine.T
            spearman = np.corrcoef(ranks(similar[pairs]), ranks(similarity[pairs]))[0, 1]
            order = np.argsort(-(similarity - 2 * np.eye(len(similarity))), 1)[:, :5]
            q = np.quantile(cosine, [0.5, 0.05, 0])
            lines.append(f"| {name} | {q[0]:.4f} | {q[1]:.4f} | {q[2]:.4f} | {spearman:.4f} | {percent((order[:, 0] == nearest).mean())} | "
                         f"{percent((order == nearest[:, None]).any(1).mean())} |")
    return [*lines, "", "Errors of the heads' outputs, relative:", "", *summary({tuple(r.synapses()): r for r in runs}.values())]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("section", choices=["vision", "text", "minilm"])
    parser.add_argument("runs", nargs="+")
    parser.add_argument("--words")
    parser.add_argument("--alone", nargs="*", default=[])
    parser.add_argument("--page", type=Path)
    args = parser.parse_args()
    table = "\n".join(globals()[args.section]([Run(p) for p in args.runs], args.words, args.alone))
    print(table)
    if args.page:
        opens, closes = f"<!-- {args.section}: written by models/learned.py -->\n", f"<!-- end of {args.section} -->"
        before, rest = args.page.read_text().split(opens)
        args.page.write_text(before + opens + table + "\n" + closes + rest.split(closes, 1)[1])


if __name__ == "__main__":
    main()
