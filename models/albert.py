"""ALBERT masked language model, written out for training: parameter names and arithmetic of Hugging Face AlbertForMaskedLM.

One block (post-layer-norm, tanh GELU) is applied `num_hidden_layers` times; token embeddings are factorised (embedding_size <
hidden_size) and shared with the decoder. Packed sequences only: every position holds a token, so there is no attention mask.
"""
import torch
import torch.nn.functional as F

BLOCK = "albert.encoder.albert_layer_groups.0.albert_layers.0."


def config(vocab_size, hidden=128, heads=4, layers=6, intermediate=512, embedding=64, positions=256):
    return {
        "architectures": ["AlbertForMaskedLM"], "model_type": "albert",
        "vocab_size": vocab_size, "embedding_size": embedding, "hidden_size": hidden,
        "num_hidden_layers": layers, "num_hidden_groups": 1, "inner_group_num": 1,
        "num_attention_heads": heads, "intermediate_size": intermediate,
        "hidden_act": "gelu_new", "hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0, "classifier_dropout_prob": 0.0,
        "max_position_embeddings": positions, "type_vocab_size": 2, "initializer_range": 0.02, "layer_norm_eps": 1e-12,
        "pad_token_id": 0, "bos_token_id": 2, "eos_token_id": 3, "tie_word_embeddings": True, "torch_dtype": "float32",
    }


def initial_parameters(c, seed):
    g = torch.Generator().manual_seed(seed)
    E, D, M, V = c["embedding_size"], c["hidden_size"], c["intermediate_size"], c["vocab_size"]

    def normal(*shape, std):
        return torch.randn(*shape, generator=g) * std

    # Positions start as sinusoids in the first half of the embedding, words in the second half; both are learned from there.
    half = E // 2
    wave = 2.0 * 512.0 ** (-torch.arange(half // 2) / (half // 2 - 1))  # radians per token: wavelengths 3 to 1600 tokens
    angle = torch.arange(c["max_position_embeddings"])[:, None] * wave
    positions = torch.zeros(c["max_position_embeddings"], E)
    positions[:, :half] = 0.14 * torch.cat([angle.sin(), angle.cos()], 1)
    words = normal(V, E, std=0.1)
    words[:, :half] *= 0.1

    p = {
        "albert.embeddings.word_embeddings.weight": words,
        "albert.embeddings.position_embeddings.weight": positions,
        "albert.embeddings.token_type_embeddings.weight": normal(c["type_vocab_size"], E, std=0.02),
        "albert.embeddings.LayerNorm.weight": torch.ones(E), "albert.embeddings.LayerNorm.bias": torch.zeros(E),
        "albert.encoder.embedding_hidden_mapping_in.weight": normal(D, E, std=E ** -0.5),
        "albert.encoder.embedding_hidden_mapping_in.bias": torch.zeros(D),
    }
    for name, (rows, columns, std) in {
        "attention.query": (D, D, D ** -0.5), "attention.key": (D, D, D ** -0.5), "attention.value": (D, D, D ** -0.5),
        "attention.dense": (D, D, 0.5 * D ** -0.5), "ffn": (M, D, D ** -0.5), "ffn_output": (D, M, 0.5 * M ** -0.5),
    }.items():
        p[BLOCK + name + ".weight"] = normal(rows, columns, std=std)
        p[BLOCK + name + ".bias"] = torch.zeros(rows)
    # Heads 0 and 1 start as attention to the previous and the next token, so that training begins beyond the unigram plateau:
    # key = the sinusoids, query = the sinusoids turned by -1 or +1 token.  Needs d = E/2; the other heads start at random.
    d = D // c["num_attention_heads"]
    if d == half:
        sinusoids = torch.linalg.pinv(p["albert.encoder.embedding_hidden_mapping_in.weight"])[:half]
        scale = (1.5 * d ** 0.5 / 2) ** 0.5  # attention logits 1.5 sum_f cos(wave_f (distance - offset))
        for head, offset in ((0, -1.0), (1, 1.0)):
            cos, sin = torch.diag((offset * wave).cos()), torch.diag((offset * wave).sin())
            turn = torch.cat([torch.cat([cos, sin], 1), torch.cat([-sin, cos], 1)])
            p[BLOCK + "attention.query.weight"][head * d:(head + 1) * d] = scale * turn @ sinusoids
            p[BLOCK + "attention.key.weight"][head * d:(head + 1) * d] = scale * sinusoids
    for name in ("attention.LayerNorm", "full_layer_layer_norm"):
        p[BLOCK + name + ".weight"], p[BLOCK + name + ".bias"] = torch.ones(D), torch.zeros(D)
    p["predictions.dense.weight"], p["predictions.dense.bias"] = normal(E, D, std=D ** -0.5), torch.zeros(E)
    p["predictions.LayerNorm.weight"], p["predictions.LayerNorm.bias"] = torch.ones(E), torch.zeros(E)
    p["predictions.bias"] = torch.zeros(V)
    return p


def hidden_states(p, c, ids, sizes=None):
    """ids [B, N] -> last hidden state [B, N, D], in the parameters' precision.

    To a list `sizes` is appended, for each iteration, the mean over heads and tokens of (|q|² + |k|²)/√d: the mean of |q + k|²
    over pairs, where q and k are divided by d^¼, but for the inner product of their means.
    """
    B, N = ids.shape
    H, D, eps = c["num_attention_heads"], c["hidden_size"], c["layer_norm_eps"]
    e = p["albert.embeddings.word_embeddings.weight"][ids]
    e = e + (p["albert.embeddings.position_embeddings.weight"][:N] + p["albert.embeddings.token_type_embeddings.weight"][0])
    e = F.layer_norm(e, e.shape[-1:], p["albert.embeddings.LayerNorm.weight"], p["albert.embeddings.LayerNorm.bias"], eps)
    x = F.linear(e, p["albert.encoder.embedding_hidden_mapping_in.weight"], p["albert.encoder.embedding_hidden_mapping_in.bias"])
    b = {k[len(BLOCK):]: v for k, v in p.items() if k.startswith(BLOCK)}
    w_qkv = torch.cat([b["attention.query.weight"], b["attention.key.weight"], b["attention.value.weight"]])
    b_qkv = torch.cat([b["attention.query.bias"], b["attention.key.bias"], b["attention.value.bias"]])
    for _ in range(c["num_hidden_layers"]):
        q, k, v = F.linear(x, w_qkv, b_qkv).view(B, N, 3, H, D // H).permute(2, 0, 3, 1, 4)
        if sizes is not None:
            sizes.append(((q * q).sum(-1) + (k * k).sum(-1)).float().mean() * (D // H) ** -0.5)
        a = (torch.softmax((q * (D // H) ** -0.5) @ k.transpose(2, 3), -1) @ v).transpose(1, 2).reshape(B, N, D)
        a = F.linear(a, b["attention.dense.weight"], b["attention.dense.bias"])
        x = F.layer_norm(x + a, (D,), b["attention.LayerNorm.weight"], b["attention.LayerNorm.bias"], eps)
        f = F.gelu(F.linear(x, b["ffn.weight"], b["ffn.bias"]), approximate="tanh")
        f = F.linear(f, b["ffn_output.weight"], b["ffn_output.bias"])
        x = F.layer_norm(x + f, (D,), b["full_layer_layer_norm.weight"], b["full_layer_layer_norm.bias"], eps)
    return x


def logits(p, c, x):
    """Hidden states [..., D] -> vocabulary logits [..., V]."""
    y = F.gelu(F.linear(x, p["predictions.dense.weight"], p["predictions.dense.bias"]), approximate="tanh")
    y = F.layer_norm(y, y.shape[-1:], p["predictions.LayerNorm.weight"], p["predictions.LayerNorm.bias"], c["layer_norm_eps"])
    return F.linear(y, p["albert.embeddings.word_embeddings.weight"], p["predictions.bias"])
