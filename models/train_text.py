#!/usr/bin/env python3
"""Train tiny-text: an ALBERT-shaped masked language model, in the layout of Hugging Face AlbertForMaskedLM.

Reads   <build>/text/tokens.npz and heldout.jsonl, <out>/tokenizer.json    (prepare_text.py)
Writes  <build>/text/checkpoint.pt   every --checkpoint-minutes; the run resumes from it, also with another --steps
        <out>/{config.json, model.safetensors, scores.json}   with --export, at each checkpoint and at the end

A step is --batch tokens: windows of 64, 128 or 256 positions, [CLS] … [SEP], half of them from the start of a paragraph. A fifth of
the tokens is chosen; 80 % of these become [MASK], 10 % a random token, 10 % stay. The loss and the vocabulary projection are
computed at the chosen positions only. Matrices of the block are trained by Muon, everything else by AdamW; the learning rate warms
up, stays, and falls linearly to zero over the last --decay steps. Arithmetic in bfloat16 over float32 weights.
"""
import argparse
import json
import math
import os
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

import albert
from layout import save_model, set_one_thread

CLS, SEP, MASK, FIRST = 2, 3, 4, 5
LENGTHS = {64: 0.25, 128: 0.50, 256: 0.25}  # window length: share of the steps
CHOSEN = 0.20


def batch(stream, paragraphs, vocab, size, lengths, seed, step):
    """ids [B, N] with masks, flat positions of the chosen tokens [n], their true ids [n]."""
    g = np.random.default_rng([seed, step])
    N = int(g.choice(list(lengths), p=list(lengths.values())))
    B = size // N
    start = g.integers(0, len(stream) - N, B)
    half = B // 2
    start[:half] = np.minimum(g.choice(paragraphs, half), len(stream) - N)
    ids = np.empty((B, N), dtype=np.int64)
    ids[:, 0], ids[:, -1] = CLS, SEP
    ids[:, 1:-1] = stream[start[:, None] + np.arange(N - 2)]
    inner = (np.arange(B)[:, None] * N + np.arange(1, N - 1)).ravel()
    chosen = np.sort(g.choice(inner, int(CHOSEN * size), replace=False))
    target = ids.ravel()[chosen].copy()
    u = g.random(len(chosen))
    ids.ravel()[chosen] = np.where(u < 0.8, MASK, np.where(u < 0.9, g.integers(FIRST, vocab, len(chosen)), target))
    return torch.from_numpy(ids), torch.from_numpy(chosen), torch.from_numpy(target)


class HeldOut:
    """The held-out documents in windows of up to 128 positions, 15 % of the tokens (by a fixed seed) replaced by [MASK]."""

    def __init__(self, tokens, sources, seed=7):
        stream, offsets = tokens["heldout"].astype(np.int64), tokens["heldout_offsets"]
        g = np.random.default_rng(seed)
        self.windows = []
        for d in range(len(offsets) - 1):
            for i in range(offsets[d], offsets[d + 1], 126):
                piece = stream[i:min(i + 126, offsets[d + 1])]
                if len(piece) < 16:
                    continue
                ids = np.concatenate([[CLS], piece, [SEP]])
                chosen = np.sort(g.choice(np.arange(1, len(piece) + 1), max(1, round(0.15 * len(piece))), replace=False))
                masked = ids.copy()
                masked[chosen] = MASK
                self.windows.append((masked, chosen, ids[chosen], sources[d]))

    @torch.no_grad()
    def score(self, p, c, every=1):
        """Top-1, top-5, mean cross-entropy (nats), per-source top-1; in float32."""
        groups = {}
        for w in self.windows[::every]:
            groups.setdefault(len(w[0]), []).append(w)
        hit1 = hit5 = n = 0
        nats, by_source = 0.0, {}
        for _, same in sorted(groups.items()):
            for i in range(0, len(same), 32):
                part = same[i:i + 32]
                x = albert.hidden_states(p, c, torch.from_numpy(np.stack([w[0] for w in part])))
                rows = torch.cat([torch.full((len(w[1]),), j) for j, w in enumerate(part)])
                out = albert.logits(p, c, x[rows, torch.from_numpy(np.concatenate([w[1] for w in part]))])
                target = torch.from_numpy(np.concatenate([w[2] for w in part]))
                top = out.topk(5, -1).indices == target[:, None]
                hit1, hit5, n = hit1 + int(top[:, 0].sum()), hit5 + int(top.sum()), n + len(target)
                nats += float(F.cross_entropy(out, target, reduction="sum"))
                for j, w in enumerate(part):
                    s = by_source.setdefault(w[3], [0, 0])
                    s[0] += int(top[rows == j, 0].sum())
                    s[1] += len(w[1])
        return dict(heldout_top1=hit1 / n, heldout_top5=hit5 / n, heldout_perplexity=math.exp(nats / n), heldout_masked_tokens=n,
                    heldout_top1_by_source={k: round(a / b, 4) for k, (a, b) in sorted(by_source.items())})

    def unigram(self, stream, vocab):
        """The same score for a model that always answers with the training frequencies (add-one smoothed)."""
        f = np.bincount(stream, minlength=vocab) + 1.0
        target = np.concatenate([w[2] for w in self.windows])
        return dict(baseline_unigram_top1=float((target == f.argmax()).mean()),
                    baseline_unigram_perplexity=float(np.exp(-np.log(f[target] / f.sum()).mean())))


def main():
    here = Path(__file__).resolve().parent
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--build", type=Path, default=here / "build")
    ap.add_argument("--out", type=Path, default=here / "tiny-text")
    ap.add_argument("--seed", type=int, default=16)
    ap.add_argument("--steps", type=int, default=20000)
    ap.add_argument("--decay", type=int, default=9000)
    ap.add_argument("--warm", type=int, default=300)
    ap.add_argument("--optimizer", choices=["muon", "adamw"], default="muon")
    ap.add_argument("--lr", type=float, default=2e-3, help="AdamW")
    ap.add_argument("--muon-lr", type=float, default=2e-3, help="Muon, in AdamW's scale")
    ap.add_argument("--weight-decay", type=float, default=0.01)
    ap.add_argument("--size-penalty", type=float, default=0.0, help="added to the loss: this times the mean of (|q|² + |k|²)/√d")
    ap.add_argument("--batch", type=int, default=2048, help="tokens in a step")
    ap.add_argument("--length", type=int, help="windows of this length only (for trials)")
    ap.add_argument("--no-compile", action="store_true")
    ap.add_argument("--trial", type=int, default=0, help="stop after this many steps and print the held-out score; writes nothing")
    ap.add_argument("--checkpoint-minutes", type=float, default=2.5)
    ap.add_argument("--export", action="store_true", help="write the model to --out at each checkpoint")
    args = ap.parse_args()
    set_one_thread()
    torch.manual_seed(args.seed)
    tokens = np.load(args.build / "text/tokens.npz")
    stream, paragraphs = tokens["train"].astype(np.int64), tokens["train_paragraphs"]
    vocab = len(json.loads((args.out / "tokenizer.json").read_text(encoding="utf-8"))["model"]["vocab"])
    with open(args.build / "text/heldout.jsonl", encoding="utf-8") as f:
        heldout = HeldOut(tokens, [json.loads(line)["source"] for line in f])
    baseline = heldout.unigram(stream, vocab)
    c = albert.config(vocab)
    p = {k: v.requires_grad_() for k, v in albert.initial_parameters(c, args.seed).items()}
    average = {k: v.detach().clone() for k, v in p.items()}  # exponential moving average of the weights, the ones exported
    count = sum(v.numel() for v in p.values())
    print("parameters", count, "training tokens", len(stream), "baseline", baseline, flush=True)

    matrix = [k for k, v in p.items() if args.optimizer == "muon" and v.ndim == 2 and "embeddings" not in k]
    tables = [k for k, v in p.items() if v.ndim == 2 and k not in matrix]
    rest = [k for k, v in p.items() if v.ndim < 2]
    optimizers = [torch.optim.AdamW([dict(params=[p[k] for k in tables if "position" not in k], weight_decay=args.weight_decay),
                                     dict(params=[p[k] for k in tables if "position" in k], weight_decay=0.0, factor=0.25),
                                     dict(params=[p[k] for k in rest], weight_decay=0.0)], lr=args.lr, betas=(0.9, 0.98), eps=1e-8, fused=True)]
    if matrix:
        optimizers.append(torch.optim.Muon([p[k] for k in matrix], lr=args.muon_lr, weight_decay=args.weight_decay, momentum=0.95,
                                           nesterov=True, adjust_lr_fn="match_rms_adamw"))
    peak = [args.lr, args.muon_lr]

    def loss_of(ids, chosen, target):
        q = {k: v.to(torch.bfloat16) for k, v in p.items()}
        sizes = []
        x = albert.hidden_states(q, c, ids, sizes).reshape(-1, c["hidden_size"])[chosen]
        loss = F.cross_entropy(albert.logits(q, c, x).float(), target)
        return loss + args.size_penalty * sum(sizes) / len(sizes) if args.size_penalty else loss
    if not args.no_compile:
        loss_of = torch.compile(loss_of, dynamic=False)

    lengths = {args.length: 1.0} if args.length else LENGTHS
    step, history = 0, []
    state = args.build / "text/checkpoint.pt"
    if state.exists() and not args.trial:
        s = torch.load(state)
        step, history, average = s["step"], s["history"], s["average"]
        for k in p:
            p[k].data.copy_(s["parameters"][k])
        for o, saved in zip(optimizers, s["optimizers"]):
            o.load_state_dict(saved)
        print("resumed at step", step, flush=True)

    def save(full):
        scores = heldout.score(average, c, every=1 if full else 4)
        history.append(dict(step=step, heldout_top1=scores["heldout_top1"], heldout_perplexity=scores["heldout_perplexity"]))
        print(f"checkpoint step {step} held-out top-1 {scores['heldout_top1']:.4f} perplexity {scores['heldout_perplexity']:.2f}", flush=True)
        torch.save(dict(step=step, history=history, parameters={k: v.detach() for k, v in p.items()}, average=average,
                        optimizers=[o.state_dict() for o in optimizers]), str(state) + ".new")
        os.replace(str(state) + ".new", state)
        if args.export:
            save_model(args.out, c, average, {}, dict(
                model="tiny-text", task="masked language model", **scores, **baseline,
                heldout_windows="documents cut into windows of up to 128 positions, 15 % of the tokens replaced by [MASK]",
                parameters=count, training_tokens=len(stream), tokens_seen=step * args.batch, seed=args.seed, steps=step,
                steps_planned=args.steps, tokens_per_step=args.batch, optimizer=args.optimizer, size_penalty=args.size_penalty, finished=step >= args.steps))

    began = last = time.time()
    since = step
    mean = None
    while step < args.steps:
        scale = min(1.0, (step + 1) / args.warm, (args.steps - step) / args.decay)
        for o, lr in zip(optimizers, peak):
            for group in o.param_groups:
                group["lr"] = lr * scale * group.get("factor", 1.0)
        loss = loss_of(*batch(stream, paragraphs, vocab, args.batch, lengths, args.seed, step))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(p.values(), 1.0)
        for o in optimizers:
            o.step()
            o.zero_grad()
        step += 1
        ema = min(0.995, 1 - 1 / (1 + step / 10))
        torch._foreach_lerp_(list(average.values()), [v.detach() for v in p.values()], 1 - ema)
        mean = loss.item() if mean is None else 0.98 * mean + 0.02 * loss.item()
        if step % 100 == 0:
            rate = (time.time() - began) / (step - since)
            began, since = time.time(), step
            print(f"step {step} loss {mean:.4f} scale {scale:.3f} {args.batch / rate:.0f} tokens/s, "
                  f"{rate * (args.steps - step) / 60:.1f} min left", flush=True)
        if args.trial and step >= args.trial:
            print(heldout.score(average, c, every=2))
            return
        if not args.trial and time.time() - last > 60 * args.checkpoint_minutes:
            save(full=False)
            last = began = time.time()
            since = step
    save(full=True)


if __name__ == "__main__":
    main()
