"""Writing a model folder in Hugging Face layout, each file by rename, and the one-thread setting both trainings use."""
import hashlib
import json
import os
from pathlib import Path

import torch
from safetensors.torch import save_file


def set_one_thread():
    torch.set_num_threads(1)
    torch.set_num_interop_threads(1)


def write_json(path, content):
    temporary = Path(str(path) + ".new")
    temporary.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    os.replace(temporary, path)


def save_model(folder, config, parameters, more_files, scores):
    """config.json, model.safetensors (float32), more_files {name: JSON} and scores.json with the weights' SHA-256."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / "config.json", config)
    for name, content in more_files.items():
        write_json(folder / name, content)
    tensors = {k: v.detach().float().contiguous().clone() for k, v in sorted(parameters.items())}
    temporary = folder / "model.safetensors.new"
    save_file(tensors, str(temporary), metadata={"format": "pt"})
    digest = hashlib.sha256(temporary.read_bytes()).hexdigest()
    os.chmod(temporary, 0o644)
    os.replace(temporary, folder / "model.safetensors")
    write_json(folder / "scores.json", dict(scores, weights_sha256=digest))
