#!/usr/bin/env python3
"""Write six Fashion-MNIST test images as 28×28 grey PNG files, after checking that tiny-vision classifies each correctly."""
import argparse
import json
from pathlib import Path

import torch
from PIL import Image
from safetensors.torch import load_file

from layout import set_one_thread
from train_vision import CLASSES, forward, images, normalise

NAMES = {"Ankle boot": "ankle-boot", "Pullover": "pullover", "Trouser": "trouser", "Dress": "dress", "Sneaker": "sneaker", "Bag": "bag"}


def main():
    here = Path(__file__).resolve().parent
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("--build", type=Path, default=here / "build")
    ap.add_argument("--model", type=Path, default=here / "tiny-vision")
    ap.add_argument("--out", type=Path, default=here.parent / "configs/inputs")
    args = ap.parse_args()
    set_one_thread()
    args.out.mkdir(parents=True, exist_ok=True)
    x, y = images(next((args.build / "packages/dataset-fashion-mnist").rglob("train-images-idx3-ubyte.gz")).parent, "t10k")
    p, c = load_file(str(args.model / "model.safetensors")), json.loads((args.model / "config.json").read_text())
    for label, name in NAMES.items():
        index = int((y == CLASSES.index(label)).nonzero()[0])  # the first test image of its class
        probability = torch.softmax(forward(p, c, normalise(x[index:index + 1]))[0], 0)
        answer = int(probability.argmax())
        if CLASSES[answer] != label:
            raise SystemExit(f"test image {index} ({label}) is classified as {CLASSES[answer]}: choose another")
        Image.fromarray(x[index].numpy(), mode="L").save(args.out / f"fashion-{name}.png")
        print(f"fashion-{name}.png  test image {index}, p({label}) = {float(probability[answer]):.3f}")


if __name__ == "__main__":
    main()
