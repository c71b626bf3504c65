"""Writes reference/: a tiny checkpoint of every class of every family, and what transformers makes of it in float64.

    python make_reference.py        (transformers 5.23, torch 2.15, numpy 2.4, safetensors 0.8; half a minute)

Each folder is a checkpoint as save_pretrained writes it, its weights drawn with a fixed seed, large enough that attention is
not uniform, and rounded to multiples of 2^-7 of at most 8 binary digits, so that float64, float32, float16 and bfloat16 hold them
exactly: one reference serves all four. Stored is bfloat16. Beside it stands reference.npz:

    input_ids, token_type_ids [N] or pixel_values [C,h,w]      what goes in
    hidden      [L+1,N,D]      before the first layer, and after each (before a last norm)
    q, k, v     [L,H,N,d]      with their biases, unscaled
    attention   [L,H,N,N]
    final       [N,D]          after the last norm, where there is one
    logits      [rows,columns] of the head, where there is one

Computed by the library's eager attention in float64 throughout: where it rounds to float32 on the way (the softmax of some
families, the interpolation of DINOv2's positions), it is kept from it.
"""
import json
import pathlib
import shutil

import numpy as np
import torch
import transformers

HERE = pathlib.Path(__file__).parent
OUT = HERE / "reference"
TEXT = [2, 7, 11, 4, 19, 7, 13, 5, 3]  # ids; 1 is RoBERTa's padding, which another case has inside


def keep_float64():
    plain, resize = torch.nn.functional.softmax, torch.nn.functional.interpolate
    torch.nn.functional.softmax = lambda x, dim=None, _stacklevel=3, dtype=None: plain(x, dim=dim)
    to = torch.Tensor.to

    def kept(self, *args, **kwargs):
        if self.dtype == torch.float64 and (torch.float32 in args or kwargs.get("dtype") == torch.float32):
            return self
        return to(self, *args, **kwargs)
    torch.Tensor.to = kept
    return resize


def draw(model, seed):
    g = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, p in sorted(dict(model.named_parameters()).items()):
            x = torch.randn(p.shape, generator=g, dtype=torch.float64)
            if "norm" in name.lower() or "ln_" in name or "lambda" in name:
                x = 0.2 * x + (1.0 if name.endswith(("weight", "lambda1")) else 0.0)
            elif p.ndim >= 2 and "embed" not in name and "wte" not in name and "wpe" not in name and "token" not in name:
                x = 1.6 * x / np.sqrt(p.shape[-1])
            else:
                x = 0.7 * x
            scale = 2.0 ** (torch.floor(torch.log2(x.abs().clamp(min=2.0 ** -3))) - 7).clamp(min=-7)  # 8 binary digits
            p.copy_((torch.round(x / scale) * scale).to(p.dtype))
            assert torch.equal(p.to(torch.bfloat16).double(), p.double()) and torch.equal(p.half().double(), p.double()), name


def heads(x, count):
    return x[0].view(x.shape[1], count, -1).transpose(0, 1).detach().numpy()


def attention_modules(model):
    """The modules that project to queries, keys and values, layer by layer."""
    found = []
    for name, m in model.named_modules():
        for q, k, v in (("query", "key", "value"), ("q_lin", "k_lin", "v_lin"), ("q_proj", "k_proj", "v_proj")):
            if hasattr(m, q) and hasattr(m, k) and hasattr(m, v) and hasattr(getattr(m, q), "weight"):
                found.append((getattr(m, q), getattr(m, k), getattr(m, v)))
                break
        if hasattr(m, "c_attn"):
            found.append((m.c_attn,))
    return found


def reference(name, cls, config, inputs, seed, final_norm=None, changes=None):
    torch.manual_seed(0)
    config._attn_implementation = "eager"
    model = cls(config).double().eval()
    draw(model, seed)
    folder = OUT / name
    folder.mkdir(parents=True)
    seen, hooks = {}, []
    layers = attention_modules(model)
    for modules in layers[:1] if config.model_type == "albert" else layers:
        for part, m in zip("qkv" if len(modules) == 3 else ("qkv",), modules):
            hooks.append(m.register_forward_hook(lambda _, __, y, part=part: seen.setdefault(part, []).append(y)))
    if config.model_type == "albert":  # groups share modules: hook them all, calls come in order
        for h in hooks:
            h.remove()
        hooks, seen = [], {}
        for modules in layers:
            for part, m in zip("qkv", modules):
                hooks.append(m.register_forward_hook(lambda _, __, y, part=part: seen.setdefault(part, []).append(y)))
    tail = {}
    if final_norm:
        module = model.get_submodule(final_norm)
        hooks.append(module.register_forward_hook(lambda _, x, y: tail.update(before=x[0], after=y)))
    with torch.no_grad():
        out = model(**{k: torch.tensor(v)[None] for k, v in inputs.items()}, output_hidden_states=True, output_attentions=True)
    for h in hooks:
        h.remove()
    H = getattr(config, "num_attention_heads", None) or config.n_head
    arrays = {k: np.asarray(v) for k, v in inputs.items()}
    hidden = [h[0].numpy() for h in out.hidden_states]
    if final_norm:
        hidden[-1] = tail["before"][0].numpy()
        arrays["final"] = tail["after"][0].numpy()
    else:
        arrays["final"] = hidden[-1]
    arrays["hidden"] = np.stack(hidden)
    arrays["attention"] = np.stack([a[0].numpy() for a in out.attentions])
    if "qkv" in seen:
        width = config.n_embd
        for part, i in zip("qkv", range(3)):
            arrays[part] = np.stack([heads(y[..., i * width:(i + 1) * width], H) for y in seen["qkv"]])
    else:
        for part in "qkv":
            arrays[part] = np.stack([heads(y.reshape(1, y.shape[-2], -1), H) for y in seen[part]])
    if getattr(out, "logits", None) is not None:
        arrays["logits"] = out.logits.numpy().reshape(-1, out.logits.shape[-1])
    elif hasattr(out, "start_logits"):
        arrays["logits"] = torch.stack([out.start_logits[0], out.end_logits[0]], -1).numpy()
    sharp = arrays["attention"].max(-1).mean()
    uniform = 1 / arrays["attention"].shape[-1]
    assert sharp > 2 * uniform, f"{name}: attention is nearly uniform, {sharp:.2f}"
    np.savez_compressed(folder / "reference.npz", **arrays)
    model.to(torch.bfloat16).save_pretrained(folder)
    for extra in ("generation_config.json",):
        (folder / extra).unlink(missing_ok=True)
    text = json.loads((folder / "config.json").read_text())
    for key in ("transformers_version", "dtype", "torch_dtype"):
        text.pop(key, None)
    text.update(changes or {})
    (folder / "config.json").write_text(json.dumps(text, indent=1) + "\n")
    print(f"{name:40} attention's largest weight {sharp:.2f}, uniform {uniform:.2f}")


def main():
    transformers.logging.disable_progress_bar()
    keep_float64()
    t = transformers
    shutil.rmtree(OUT, ignore_errors=True)
    bert = dict(vocab_size=24, hidden_size=8, num_hidden_layers=2, num_attention_heads=2, intermediate_size=12, max_position_embeddings=16, type_vocab_size=2)
    text = {"input_ids": TEXT, "token_type_ids": [0, 0, 0, 0, 1, 1, 1, 1, 1]}
    plain = {"input_ids": TEXT}
    seed = 100

    def make(name, cls, config, inputs, **more):
        nonlocal seed
        seed += 1
        reference(name, cls, config, inputs, seed, **more)

    for head in ("Model", "ForMaskedLM", "ForSequenceClassification", "ForTokenClassification", "ForQuestionAnswering"):
        name, classes = head.removeprefix("For").lower(), 2 if head == "ForQuestionAnswering" else 3
        make(f"bert-{name}", getattr(t, f"Bert{head}"), t.BertConfig(**bert, num_labels=classes), text)
        make(f"roberta-{name}", getattr(t, f"Roberta{head}"), t.RobertaConfig(**{**bert, "type_vocab_size": 1}, pad_token_id=1, layer_norm_eps=1e-5, num_labels=classes), plain)
        make(f"distilbert-{name}", getattr(t, f"DistilBert{head}"),
             t.DistilBertConfig(vocab_size=24, dim=8, n_layers=2, n_heads=2, hidden_dim=12, max_position_embeddings=16, num_labels=classes), plain)
        make(f"albert-{name}", getattr(t, f"Albert{head}"),
             t.AlbertConfig(**bert, embedding_size=4, num_hidden_groups=1, inner_group_num=1, num_labels=classes), text)
    make("bert-untied-relu", t.BertForMaskedLM, t.BertConfig(**bert, tie_word_embeddings=False, hidden_act="relu", layer_norm_eps=1e-5), text)
    make("roberta-padding-inside", t.RobertaForMaskedLM, t.RobertaConfig(**{**bert, "type_vocab_size": 1}, pad_token_id=1), {"input_ids": [2, 7, 1, 4, 19, 3]})
    make("xlm-roberta-maskedlm", t.XLMRobertaForMaskedLM, t.XLMRobertaConfig(**{**bert, "type_vocab_size": 1}, pad_token_id=1), plain)
    make("camembert-maskedlm", t.CamembertForMaskedLM, t.CamembertConfig(**{**bert, "type_vocab_size": 1}, pad_token_id=1), plain)
    make("albert-groups", t.AlbertForMaskedLM, t.AlbertConfig(**{**bert, "num_hidden_layers": 4}, embedding_size=4, num_hidden_groups=2), text)

    gpt = dict(vocab_size=24, n_embd=8, n_layer=2, n_head=2, n_positions=16, bos_token_id=0, eos_token_id=0)
    for name, cls, more in (
        ("gpt2-lmhead", t.GPT2LMHeadModel, {}), ("gpt2-model", t.GPT2Model, {}), ("gpt2-inverse-scale", t.GPT2LMHeadModel, dict(scale_attn_by_inverse_layer_idx=True)),
        ("gpt2-unscaled", t.GPT2LMHeadModel, dict(scale_attn_weights=False)), ("gpt2-upcast", t.GPT2LMHeadModel, {}),
        ("gpt2-inner", t.GPT2LMHeadModel, dict(n_inner=20, activation_function="gelu")), ("gpt2-untied", t.GPT2LMHeadModel, dict(tie_word_embeddings=False)),
        ("gpt2-sequenceclassification", t.GPT2ForSequenceClassification, dict(num_labels=3, pad_token_id=0)),
    ):
        # The library refuses to upcast what is float64: the key, which changes no formula, is added afterwards.
        make(name, cls, t.GPT2Config(**gpt, **more), plain, changes={"reorder_and_upcast_attn": True} if name == "gpt2-upcast" else None, final_norm="ln_f" if cls is t.GPT2Model else "transformer.ln_f")

    rng = np.random.default_rng(7)
    pixels = lambda c, h, w: {"pixel_values": np.round(rng.normal(size=(c, h, w)) * 64) / 64}
    image = dict(hidden_size=8, num_hidden_layers=2, num_attention_heads=2, intermediate_size=12, image_size=12, patch_size=4)
    make("vit-imageclassification", t.ViTForImageClassification, t.ViTConfig(**image, num_labels=3), pixels(3, 12, 12), final_norm="vit.layernorm")
    make("vit-model", t.ViTModel, t.ViTConfig(**image), pixels(3, 12, 12), final_norm="layernorm")
    make("vit-grey-no-bias", t.ViTForImageClassification, t.ViTConfig(**{**image, "image_size": [8, 12]}, num_channels=1, qkv_bias=False, num_labels=2), pixels(1, 8, 12), final_norm="vit.layernorm")
    make("deit-imageclassification", t.DeiTForImageClassification, t.DeiTConfig(**image, num_labels=3), pixels(3, 12, 12), final_norm="deit.layernorm")
    make("deit-withteacher", t.DeiTForImageClassificationWithTeacher, t.DeiTConfig(**image, num_labels=3), pixels(3, 12, 12), final_norm="deit.layernorm")
    make("deit-model", t.DeiTModel, t.DeiTConfig(**image), pixels(3, 12, 12), final_norm="layernorm")
    dino = dict(hidden_size=8, num_hidden_layers=2, num_attention_heads=2, mlp_ratio=2, image_size=20, patch_size=4)
    make("dinov2-model", t.Dinov2Model, t.Dinov2Config(**dino), pixels(3, 20, 20), final_norm="layernorm")
    make("dinov2-smaller", t.Dinov2Model, t.Dinov2Config(**dino), pixels(3, 12, 12), final_norm="layernorm")
    make("dinov2-larger-oblong", t.Dinov2Model, t.Dinov2Config(**dino), pixels(3, 24, 28), final_norm="layernorm")
    make("dinov2-swiglu", t.Dinov2Model, t.Dinov2Config(**dino, use_swiglu_ffn=True), pixels(3, 20, 20), final_norm="layernorm")
    make("dinov2-imageclassification", t.Dinov2ForImageClassification, t.Dinov2Config(**dino, num_labels=3), pixels(3, 20, 20), final_norm="dinov2.layernorm")
    make("dinov2-registers", t.Dinov2WithRegistersModel, t.Dinov2WithRegistersConfig(**dino, num_register_tokens=2), pixels(3, 16, 20), final_norm="layernorm")


main()
