"""Does anything beat a hidden layer of positive neurons at the same number of synapses onto the outputs?

Fits attention heads by hidden layers of several forms, with one optimiser, on the same texts, and adds a line of JSON for each fit to OUT:
    gap_torch.py TOKENS.npz LAYER:HEAD,... OUT.jsonl [--steps 1200]
TOKENS.npz is bench/gap's (-tokens). Files of texts are divided 80 : 10 : 10: fitted to, chosen by (learning rate, and the step that is kept), and told
by. What OUT has already is not done again. Needs PyTorch; one thread.

All forms go the way of docs/science.md, section 12: exact invariances first, rows of attended pairs at the start, Adam with warm-up and cosine. Those that
subtract start from a positive layer that was fitted with half of the steps, and subtract little at first: from the pairs they do not get
anywhere. The network's row of attention is that of the kernel's scores divided by their sum. A signed kernel's sum may be near 0: it is then held at LEAST of the sum of its sizes,
and how often that happens is told (low). The loss is the KL divergence, continued where a score is below 0 (loss).
"""
import argparse
import json
import math
import time
from pathlib import Path

import numpy as np
import torch

SYNAPSES = (5_000, 20_000, 100_000)  # onto the outputs of a head
RATES = (3e-2, 1e-2)  # the one that is better with the fewest synapses is taken
LAST_RATE, WARM_UP, LOOK = 0.02, 50, 100
BATCH = 512  # tokens of a step, about
LITTLE = 3  # logarithm of how much weaker is what begins to subtract
LEAST = 0.05  # of a query's sum of scores' sizes: its divisor is not below


class Head:
    """What a head is given, in texts divided by file: 80 to fit to, 10 to choose by, 10 to tell by, of 100."""

    def __init__(self, file, layer, head, share=1):
        a = np.load(file)
        self.q, self.k, self.v = (torch.from_numpy(a[f"{x}:{layer}:{head}"]) for x in "qkv")
        count, files = a["tokens"], a["file"]
        ends = np.cumsum(count)
        part = np.random.default_rng(16).permutation(files.max() + 1) * 10 // (files.max() + 1)
        of = [list(zip(ends[on] - count[on], ends[on])) for on in (part[files] < 8, part[files] == 8, part[files] == 9)]
        rng = np.random.default_rng(17)
        self.train, self.validation, self.held = ([x[i] for i in rng.permutation(len(x))] for x in of)
        self.train = self.train[:int(len(self.train) * share)]
        self.d, self.dv = self.q.shape[1], self.v.shape[1]

    def centre(self):
        """Exact invariances from the texts to fit to (science, section 12): q' = A^-T(q - mean), k' = A(k - mean), and the shift A^-T mean q."""
        rows = torch.cat([torch.arange(a, b) for a, b in self.train])
        q, k = self.q[rows].double(), self.k[rows].double()
        mq, mk = q.mean(0), k.mean(0)
        sq, sk = ((x - m).T @ (x - m) / len(x) for x, m in ((q, mq), (k, mk)))
        sq += 1e-4 * sq.diagonal().mean() * torch.eye(self.d)
        sk += 1e-4 * sk.diagonal().mean() * torch.eye(self.d)
        root, inverse = power(sk, 0.5), power(sk, -0.5)
        a = power(inverse @ power(root @ sq @ root, 0.5) @ inverse, 0.5)
        a = torch.linalg.eigh(a @ sk @ a.T)[1].flip(1).T @ a
        back = torch.linalg.inv(a)
        self.shift = (mq @ back).float()
        self.qc, self.kc = ((self.q.double() - mq) @ back).float(), ((self.k.double() - mk) @ a.T).float()
        return self

    def batch(self, texts):
        """q', k', softmax P [B,N,N], v; and which tokens are there [B,N]."""
        n = max(b - a for a, b in texts)
        there = torch.zeros(len(texts), n, dtype=torch.bool)
        q, k, v = (torch.zeros(len(texts), n, x.shape[1]) for x in (self.qc, self.kc, self.v))
        for i, (a, b) in enumerate(texts):
            there[i, :b - a] = True
            q[i, :b - a], k[i, :b - a], v[i, :b - a] = self.qc[a:b], self.kc[a:b], self.v[a:b]
        scores = q @ k.transpose(1, 2) + (k @ self.shift)[:, None]
        p = torch.softmax(scores.masked_fill(~there[:, None], -math.inf), -1) * there[..., None]
        return q, k, p, v, there


def power(s, x):
    w, u = torch.linalg.eigh(s)
    return (u * w.clamp_min(w.max() * 1e-6) ** x) @ u.T


def batches(texts, rng):
    """Endless minibatches of whole texts, of like length, of about BATCH tokens."""
    while True:
        order = [texts[i] for i in rng.permutation(len(texts))]
        out = []
        for at in range(0, len(order), 128):
            chunk, tokens = [], 0
            for text in sorted(order[at:at + 128], key=lambda t: t[1] - t[0]):
                chunk.append(text)
                tokens += text[1] - text[0]
                if tokens >= BATCH:
                    out.append(chunk)
                    chunk, tokens = [], 0
            if chunk:
                out.append(chunk)
        yield from (out[i] for i in rng.permutation(len(out)))


def pairs(head, m, rng):
    """Rows and half the logarithms of their weights, of the map pairs: omega = q' + k' + noise of pairs that attend each other."""
    mu, tokens = [], 0
    for a, b in head.train:
        q, k, p, _, _ = head.batch([(a, b)])
        s = torch.multinomial(p[0], 1, generator=rng)[:, 0]
        mu.append(q[0] + k[0][s])
        tokens += b - a
        if tokens > 8192:
            break
    mu = torch.cat(mu)
    mean, cov = mu.mean(0), torch.cov(mu.T) + torch.eye(head.d)
    w = mu[torch.randint(len(mu), (m,), generator=rng)] + torch.randn(m, head.d, generator=rng)
    c = w - mean
    log = -0.5 * (w * w).sum(1) + 0.5 * ((c @ torch.linalg.inv(cov)) * c).sum(1) + 0.5 * torch.logdet(cov)
    return w, log.clamp(max=float(log.quantile(0.99))) / 2


class Positive:
    """exp(W x + b), and a key's factor exp(u k'^2)."""
    grown = False  # out of a positive layer of positives(m) neurons

    def __init__(self, head, m, seed, layer=None):
        self.m = m
        rng = torch.Generator().manual_seed(seed)
        if layer is None:
            w, half = pairs(head, m, rng)
            self.p = dict(Wq=w, bq=half, Wk=w + head.shift, bk=half.clone(), u=torch.full((head.d,), -0.5))
        else:
            self.p = {n: x.detach().clone() for n, x in layer.p.items()}
        self.begin(rng)
        for x in self.p.values():
            x.requires_grad_(True)

    def begin(self, rng):
        pass

    def copy(self, of, less):
        """Adds copies of some neurons, weaker by e^-less of queries and of keys."""
        for n in "Wq", "bq", "Wk", "bk":
            self.p[n] = torch.cat([self.p[n], self.p[n][of] - (less if n[0] == "b" else 0)])

    def inputs(self, x, side):
        return x

    def exponents(self, x, side):
        x = self.inputs(x, side)
        a = torch.addmm(self.p["b" + side], x.view(-1, x.shape[-1]), self.p["W" + side].T)
        return a.view(*x.shape[:2], -1)

    def features(self, q, k, there):
        a = self.exponents(q, "q")
        a = torch.exp(a - a.detach().amax(2, keepdim=True))
        b = self.exponents(k, "k") + ((k * k) @ self.p["u"])[..., None]
        b = b.masked_fill(~there[..., None], -math.inf)
        b = torch.exp(b - b.detach().amax((1, 2), keepdim=True))
        return self.shape(a, "q"), self.shape(b, "k")

    def shape(self, phi, side):
        return phi

    def kernel(self, q, k, there):
        a, b = self.features(q, k, there)
        return a @ b.transpose(1, 2)

    @classmethod
    def neurons(cls, synapses, dv):
        """How many features so many synapses onto the outputs allow."""
        return synapses // dv

    @classmethod
    def positives(cls, m):
        return m


class Signed(Positive):
    """A quarter of the neurons inhibit: their products are subtracted."""
    grown = True

    def begin(self, rng):
        kept = len(self.p["bq"])
        self.copy(torch.randperm(kept, generator=rng)[:self.m - kept], LITTLE)
        self.sign = torch.ones(self.m)
        self.sign[kept:] = -1

    def shape(self, phi, side):
        return phi * self.sign if side == "k" else phi

    @classmethod
    def positives(cls, m):
        return m - m // 4


class PushPull(Positive):
    """A feature is the difference of a pair of neurons, of queries and of keys: both are connected to the outputs."""
    grown = True

    def begin(self, rng):
        self.copy(torch.arange(self.m), LITTLE)
        for w in "Wq", "Wk":
            self.p[w][self.m:] += 0.1 * torch.randn(self.p[w][self.m:].shape, generator=rng)

    def shape(self, phi, side):
        return phi[..., :self.m] - phi[..., self.m:]

    @classmethod
    def neurons(cls, synapses, dv):
        return synapses // (2 * dv)


class Pool(Positive):
    """Less what a few inhibitory neurons say, which sum the hidden ones by positive weights: their synapses count."""
    grown = True
    pool = 2

    def begin(self, rng):
        self.p["A"] = torch.randn(self.m, self.pool, generator=rng) * 0.3 - LITTLE - 0.5 * math.log(self.m)

    def kernel(self, q, k, there):
        a, b = self.features(q, k, there)
        w = torch.exp(self.p["A"])
        return a @ b.transpose(1, 2) - (a @ w) @ (b @ w).transpose(1, 2)

    @classmethod
    def neurons(cls, synapses, dv):
        return (synapses - cls.pool * dv) // (dv + cls.pool)


class Dendrites(Positive):
    """64 units relu(D x + c) between the token and the hidden layer, whose synapses onto the outputs alone count."""
    dendrites = 64

    def begin(self, rng):
        n, d = self.dendrites, self.p["Wq"].shape[1]
        for side in "qk":
            self.p["W" + side] = torch.cat([self.p["W" + side], torch.zeros(self.m, n)], 1)
            self.p["D" + side] = torch.randn(n, d, generator=rng) / math.sqrt(d)
            self.p["c" + side] = torch.rand(n, generator=rng)

    def inputs(self, x, side):
        return torch.cat([x, torch.relu(x @ self.p["D" + side].T + self.p["c" + side])], -1)


FORMS = {"positive": Positive, "signed": Signed, "push-pull": PushPull, "pool": Pool, "dendrites": Dendrites}


def network(kernel):
    """The network's attention: every row divided by its sum, or by LEAST of the sum of its sizes where that is more."""
    total, sizes = kernel.sum(-1, keepdim=True), kernel.abs().sum(-1, keepdim=True) + 1e-30
    return kernel / torch.maximum(total, LEAST * sizes), (total / sizes)[..., 0]


SMOOTH, KNEE = 1e-2, 0.3


def loss(p, mine, there):
    """KL(P || mine), both with SMOOTH/N added, so that it is there where mine is below 0; below KNEE of P by its second-order expansion."""
    n = there.sum(1)[:, None, None]
    a = p + SMOOTH / n
    r = (mine + SMOOTH / n) / a
    low = r < KNEE
    f = torch.where(low, -math.log(KNEE) - (r - KNEE) / KNEE + (r - KNEE) ** 2 / (2 * KNEE**2), -torch.log(r.clamp_min(KNEE)))
    seen = there[:, :, None] & there[:, None]
    return (a * f * seen).sum() / there.sum() + ((mine * seen).sum(-1) - 1).square().mul(there).sum() / there.sum()


@torch.no_grad()
def error(form, head, texts):
    """Relative error of the output, and the share of queries whose sum is held."""
    off = size = 0.0
    rows = low = 0
    for at in range(0, len(texts), 8):
        q, k, p, v, there = head.batch(texts[at:at + 8])
        mine, margin = network(form.kernel(q, k, there))
        exact = p @ v
        off += float((((mine @ v - exact) * there[..., None]) ** 2).sum())
        size += float((exact**2).sum())
        rows += int(there.sum())
        low += int(((margin < LEAST) & there).sum())
    return math.sqrt(off / size), low / rows


def fit(head, kind, m, steps, seed, rate):
    """A form as it was at its least error on the texts to choose by, and that error."""
    layer = None
    if FORMS[kind].grown:
        steps //= 2
        layer = fit(head, "positive", FORMS[kind].positives(m), steps, seed, RATES[0])[0]
    form = FORMS[kind](head, m, seed, layer)
    adam = torch.optim.Adam(list(form.p.values()), lr=rate, betas=(0.9, 0.99), eps=1e-12, fused=True)
    source = batches(head.train, np.random.default_rng(seed))
    validation = sorted(head.validation[:96], key=lambda t: t[1] - t[0])
    best, kept = math.inf, None
    for step in range(steps + 1):
        if step % LOOK == 0 or step == steps:
            now = error(form, head, validation)[0]
            if now < best or kept is None:
                best, kept = now, {n: x.detach().clone() for n, x in form.p.items()}
        if step == steps:
            break
        q, k, p, v, there = head.batch(next(source))
        value = loss(p, network(form.kernel(q, k, there))[0], there)
        adam.zero_grad()
        value.backward()
        for x in form.p.values():
            x.grad.nan_to_num_(0, 0, 0)
        for group in adam.param_groups:
            group["lr"] = rate * min(1, (step + 1) / WARM_UP) * (LAST_RATE + (1 - LAST_RATE) * (1 + math.cos(math.pi * step / steps)) / 2)
        adam.step()
    for n, x in kept.items():
        form.p[n].data = x
    return form, best


def trials(heads, steps):
    """What is fitted: head, form, synapses, share of the texts, steps, seed."""
    for synapses in SYNAPSES:
        for head in heads:
            for kind in FORMS:
                yield head, kind, synapses, 1, steps, 1
            yield head, "positive", synapses, 1, steps, 2
            for share in (1 / 4, 1 / 2):
                yield head, "positive", synapses, share, steps, 1
    for kind in FORMS:  # are so many steps enough for the ranking?
        yield heads[0], kind, SYNAPSES[1], 1, 3 * steps, 1


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tokens")
    parser.add_argument("heads")
    parser.add_argument("out", type=Path)
    parser.add_argument("--steps", type=int, default=1200)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    done = [json.loads(line) for line in arguments.out.read_text().splitlines()] if arguments.out.exists() else []
    model, heads = Path(arguments.tokens).stem, arguments.heads.split(",")
    known = {}
    for name, kind, synapses, share, steps, seed in trials(heads, arguments.steps):
        trial = dict(model=model, head=name, form=kind, synapses=synapses, share=share, steps=steps, seed=seed)
        if any(all(line[n] == x for n, x in trial.items()) for line in done):
            continue
        if (name, share) not in known:
            known = {(name, share): Head(arguments.tokens, *map(int, name.split(":")), share).centre()}
        head = known[name, share]
        m, start = FORMS[kind].neurons(synapses, head.dv), time.process_time()
        rates = RATES if synapses == SYNAPSES[0] and kind != "positive" else RATES[:1]
        for line in done:
            if synapses != SYNAPSES[0] and (line["head"], line["form"], line["synapses"]) == (name, kind, SYNAPSES[0]):
                rates = [line["rate"]]
        form, best, rate = min(((*fit(head, kind, m, steps, seed, rate), rate) for rate in rates), key=lambda fitted: fitted[1])
        held, low = error(form, head, head.held)
        line = dict(trial, features=m, rate=rate, validation=best, held=held, low=low, train=error(form, head, head.train[:300])[0],
                    texts=len(head.train), seconds=time.process_time() - start)
        done.append(line)
        with arguments.out.open("a") as out:
            out.write(json.dumps(line) + "\n")
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
