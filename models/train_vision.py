#!/usr/bin/env python3
"""Train tiny-vision: a pre-layer-norm vision transformer on Fashion-MNIST, in the layout of Hugging Face ViTForImageClassification.

Reads   <build>/packages/dataset-fashion-mnist/  (Debian package unpacked with `dpkg -x`)
Writes  <build>/vision/checkpoint.pt  every --checkpoint-minutes; the run resumes from it
        <out>/{config.json, model.safetensors, preprocessor_config.json, scores.json}  with --export, at each checkpoint and at the end

The test images are used for the score only; 5 000 of the 60 000 training images are held out to watch the training.
"""
import argparse
import gzip
import json
import math
import os
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from layout import save_model, set_one_thread

CLASSES = ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"]
MEAN, STD = 0.2860, 0.3530  # of the training images, in units of 255


def config(hidden, layers, heads, intermediate):
    return {
        "architectures": ["ViTForImageClassification"], "model_type": "vit",
        "hidden_size": hidden, "num_hidden_layers": layers, "num_attention_heads": heads, "intermediate_size": intermediate,
        "hidden_act": "gelu", "hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0, "initializer_range": 0.02,
        "layer_norm_eps": 1e-12, "image_size": 28, "patch_size": 4, "num_channels": 1, "qkv_bias": True, "encoder_stride": 4,
        "id2label": {str(i): c for i, c in enumerate(CLASSES)}, "label2id": {c: i for i, c in enumerate(CLASSES)},
        "torch_dtype": "float32",
    }


PREPROCESSOR = {
    "image_processor_type": "ViTImageProcessor", "do_convert_rgb": False, "do_resize": True, "size": {"height": 28, "width": 28},
    "resample": 2, "do_rescale": True, "rescale_factor": 1 / 255, "do_normalize": True, "image_mean": [MEAN], "image_std": [STD],
}


def images(folder, part):
    def read(name, header):
        with gzip.open(folder / name) as f:
            return np.frombuffer(f.read(), np.uint8, offset=header)
    x = read(f"{part}-images-idx3-ubyte.gz", 16).reshape(-1, 28, 28)
    return torch.from_numpy(x.copy()), torch.from_numpy(read(f"{part}-labels-idx1-ubyte.gz", 8).astype(np.int64))


def initial_parameters(c, seed):
    g = torch.Generator().manual_seed(seed)
    D, M, patch, L = c["hidden_size"], c["intermediate_size"], c["patch_size"], c["num_hidden_layers"]
    tokens = (c["image_size"] // patch) ** 2 + 1

    def normal(*shape, std):
        return torch.randn(*shape, generator=g) * std

    p = {
        "vit.embeddings.cls_token": normal(1, 1, D, std=0.02),
        "vit.embeddings.position_embeddings": normal(1, tokens, D, std=0.02),
        "vit.embeddings.patch_embeddings.projection.weight": normal(D, 1, patch, patch, std=1 / patch),
        "vit.embeddings.patch_embeddings.projection.bias": torch.zeros(D),
    }
    for i in range(L):
        b = f"vit.encoder.layer.{i}."
        for name, (rows, columns, std) in {
            "attention.attention.query": (D, D, D ** -0.5), "attention.attention.key": (D, D, D ** -0.5),
            "attention.attention.value": (D, D, D ** -0.5), "attention.output.dense": (D, D, (2 * L * D) ** -0.5),
            "intermediate.dense": (M, D, D ** -0.5), "output.dense": (D, M, (2 * L * M) ** -0.5),
        }.items():
            p[b + name + ".weight"], p[b + name + ".bias"] = normal(rows, columns, std=std), torch.zeros(rows)
        for name in ("layernorm_before", "layernorm_after"):
            p[b + name + ".weight"], p[b + name + ".bias"] = torch.ones(D), torch.zeros(D)
    p["vit.layernorm.weight"], p["vit.layernorm.bias"] = torch.ones(D), torch.zeros(D)
    p["classifier.weight"], p["classifier.bias"] = normal(10, D, std=0.02), torch.zeros(10)
    return p


def forward(p, c, x):
    """Pixels [B, 28, 28], normalised -> logits [B, 10]."""
    B, D, H, s = len(x), c["hidden_size"], c["num_attention_heads"], c["patch_size"]
    eps, n = c["layer_norm_eps"], c["image_size"] // s
    patches = x.view(B, n, s, n, s).transpose(2, 3).reshape(B, n * n, s * s)
    e = F.linear(patches, p["vit.embeddings.patch_embeddings.projection.weight"].view(D, s * s), p["vit.embeddings.patch_embeddings.projection.bias"])
    z = torch.cat([p["vit.embeddings.cls_token"].expand(B, 1, D), e], 1) + p["vit.embeddings.position_embeddings"]
    for i in range(c["num_hidden_layers"]):
        b = {k[len(f"vit.encoder.layer.{i}."):]: v for k, v in p.items() if k.startswith(f"vit.encoder.layer.{i}.")}
        y = F.layer_norm(z, (D,), b["layernorm_before.weight"], b["layernorm_before.bias"], eps)
        a = "attention.attention."
        w = torch.cat([b[a + "query.weight"], b[a + "key.weight"], b[a + "value.weight"]])
        bias = torch.cat([b[a + "query.bias"], b[a + "key.bias"], b[a + "value.bias"]])
        q, k, v = F.linear(y, w, bias).view(B, -1, 3, H, D // H).permute(2, 0, 3, 1, 4)
        y = (torch.softmax((q * (D // H) ** -0.5) @ k.transpose(2, 3), -1) @ v).transpose(1, 2).reshape(B, -1, D)
        z = z + F.linear(y, b["attention.output.dense.weight"], b["attention.output.dense.bias"])
        y = F.layer_norm(z, (D,), b["layernorm_after.weight"], b["layernorm_after.bias"], eps)
        y = F.gelu(F.linear(y, b["intermediate.dense.weight"], b["intermediate.dense.bias"]))
        z = z + F.linear(y, b["output.dense.weight"], b["output.dense.bias"])
    y = F.layer_norm(z[:, 0], (D,), p["vit.layernorm.weight"], p["vit.layernorm.bias"], eps)
    return F.linear(y, p["classifier.weight"], p["classifier.bias"])


def normalise(x):
    return (x.float() / 255 - MEAN) / STD


def augment(x, g):
    """Mirror half of the images and shift each by up to 2 pixels in both directions."""
    B = len(x)
    flip = torch.rand(B, generator=g) < 0.5
    x = torch.where(flip[:, None, None], x.flip(2), x)
    padded = F.pad(x, (2, 2, 2, 2))
    dy, dx = torch.randint(0, 5, (2, B), generator=g)
    rows = (dy[:, None] + torch.arange(28))[:, :, None].expand(B, 28, 28)
    columns = (dx[:, None] + torch.arange(28))[:, None, :].expand(B, 28, 28)
    return padded[torch.arange(B)[:, None, None], rows, columns]


@torch.no_grad()
def evaluate(p, c, x, y):
    out = torch.cat([forward(p, c, normalise(x[i:i + 500])) for i in range(0, len(x), 500)])
    return float((out.argmax(1) == y).double().mean()), float(F.cross_entropy(out, y))


def main():
    here = Path(__file__).resolve().parent
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--build", type=Path, default=here / "build")
    ap.add_argument("--out", type=Path, default=here / "tiny-vision")
    ap.add_argument("--seed", type=int, default=16)
    ap.add_argument("--epochs", type=int, default=20)
    ap.add_argument("--batch", type=int, default=128)
    ap.add_argument("--hidden", type=int, default=64)
    ap.add_argument("--layers", type=int, default=4)
    ap.add_argument("--heads", type=int, default=4)
    ap.add_argument("--intermediate", type=int, default=256)
    ap.add_argument("--lr", type=float, default=2e-3)
    ap.add_argument("--weight-decay", type=float, default=0.05)
    ap.add_argument("--smoothing", type=float, default=0.1)
    ap.add_argument("--precision", choices=["float32", "bfloat16"], default="bfloat16", help="of activations; weights are float32")
    ap.add_argument("--no-compile", action="store_true")
    ap.add_argument("--steps", type=int, default=0, help="stop after this many steps (to measure speed)")
    ap.add_argument("--checkpoint-minutes", type=float, default=2)
    ap.add_argument("--export", action="store_true", help="write the model to --out at each checkpoint")
    args = ap.parse_args()
    set_one_thread()
    torch.manual_seed(args.seed)
    folder = args.build / "packages/dataset-fashion-mnist/usr/share/dataset-fashion-mnist"
    if not folder.is_dir():
        folder = next((args.build / "packages/dataset-fashion-mnist").rglob("train-images-idx3-ubyte.gz")).parent
    x, y = images(folder, "train")
    x_test, y_test = images(folder, "t10k")
    x_watch, y_watch, x, y = x[55000:], y[55000:], x[:55000], y[:55000]
    c = config(args.hidden, args.layers, args.heads, args.intermediate)
    p = {k: v.requires_grad_() for k, v in initial_parameters(c, args.seed).items()}
    decay = [v for k, v in p.items() if v.ndim >= 2 and "embeddings.cls" not in k and "position" not in k]
    rest = [v for v in p.values() if not any(v is d for d in decay)]
    opt = torch.optim.AdamW([dict(params=decay, weight_decay=args.weight_decay), dict(params=rest, weight_decay=0.0)],
                            lr=args.lr, betas=(0.9, 0.98), fused=True)
    average = {k: v.detach().clone() for k, v in p.items()}  # exponential moving average of the weights, the ones exported
    per_epoch = len(x) // args.batch
    total, warm = args.epochs * per_epoch, 2 * per_epoch
    step, history = 0, []
    (args.build / "vision").mkdir(parents=True, exist_ok=True)
    state = args.build / "vision/checkpoint.pt"
    if state.exists() and not args.steps:
        s = torch.load(state)
        step, history = s["step"], s["history"]
        for k in p:
            p[k].data.copy_(s["parameters"][k])
        average = s["average"]
        opt.load_state_dict(s["optimizer"])
        print("resumed at step", step, flush=True)
    dtype = getattr(torch, args.precision)
    print("parameters", sum(v.numel() for v in p.values()), "steps", total, flush=True)

    def save():
        accuracy, loss = evaluate(average, c, x_test, y_test)
        watch, _ = evaluate(average, c, x_watch, y_watch)
        history.append(dict(step=step, test_accuracy=accuracy, test_loss=loss, validation_accuracy=watch))
        torch.save(dict(step=step, history=history, parameters={k: v.detach() for k, v in p.items()}, average=average,
                        optimizer=opt.state_dict()), str(state) + ".new")
        os.replace(str(state) + ".new", state)
        print(f"checkpoint step {step} epoch {step / per_epoch:.2f} validation {watch:.4f} test {accuracy:.4f} loss {loss:.4f}", flush=True)
        if args.export:
            save_model(args.out, c, average, {"preprocessor_config.json": PREPROCESSOR}, dict(
                model="tiny-vision", data="Fashion-MNIST, 10 000 test images", test_accuracy=accuracy, test_cross_entropy=loss,
                validation_accuracy=watch, baseline_accuracy_one_class=0.1, parameters=sum(v.numel() for v in p.values()),
                seed=args.seed, steps=step, steps_planned=total, epochs=round(step / per_epoch, 2), batch=args.batch, finished=step >= total))

    def loss_of(pixels, labels):
        q = {k: v.to(dtype) for k, v in p.items()}
        return F.cross_entropy(forward(q, c, pixels.to(dtype)).float(), labels, label_smoothing=args.smoothing)
    if not args.no_compile:
        loss_of = torch.compile(loss_of, dynamic=False)

    began = last = time.time()
    since = step
    while step < total:
        epoch, i = divmod(step, per_epoch)
        if i == 0 or "order" not in locals():
            order = torch.randperm(len(x), generator=torch.Generator().manual_seed(args.seed * 1000 + epoch))
        g = torch.Generator().manual_seed(args.seed * 1_000_000 + step)
        rows = order[i * args.batch:(i + 1) * args.batch]
        lr = args.lr * (step / warm if step < warm else 0.5 * (1 + math.cos(math.pi * (step - warm) / (total - warm))) + 1e-3)
        for group in opt.param_groups:
            group["lr"] = lr
        loss = loss_of(normalise(augment(x[rows], g)), y[rows])
        loss.backward()
        torch.nn.utils.clip_grad_norm_(p.values(), 1.0)
        opt.step()
        opt.zero_grad()
        step += 1
        ema = min(0.998, 1 - 1 / (1 + step / 10))
        torch._foreach_lerp_(list(average.values()), [v.detach() for v in p.values()], 1 - ema)
        if step % 100 == 0:
            rate = (time.time() - began) / (step - since)
            began, since = time.time(), step
            print(f"step {step} loss {loss.item():.4f} lr {lr:.2e} {rate * per_epoch:.0f} s/epoch, {rate * (total - step) / 60:.1f} min left", flush=True)
        if args.steps and step >= args.steps:
            return
        if not args.steps and time.time() - last > 60 * args.checkpoint_minutes:
            save()
            last = began = time.time()
            since = step
    save()


if __name__ == "__main__":
    main()
