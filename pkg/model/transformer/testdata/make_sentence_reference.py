"""Writes sentence/: tiny sentence-transformers models, and what that library makes of texts with them in float64.

    python make_sentence_reference.py     (sentence-transformers 6.2, transformers 5.23, tokenizers 0.23, torch 2.15)

Each folder is as SentenceTransformer.save writes it, or, under a name with "older", as releases before 1.0 and before 5.0 wrote
it. The weights are random, and large enough that attention is not uniform. Beside it NAME.json holds the texts, their tokens as
the library gives them to the transformer, and their embeddings.
"""
import json
import pathlib
import shutil
import tempfile

import torch
import transformers
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Dense, Normalize, Pooling, Transformer
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

HERE = pathlib.Path(__file__).parent
OUT = HERE / "sentence"
WORDS = "[PAD] [UNK] [CLS] [SEP] [MASK] the a cat sat on mat dog ##s ##ing star glia neuron calcium . , is no ! query : passage".split()
TEXTS = ["The cats sat on the mat.", "a dog", "calcium, calcium, no neuron is a star! the dog sat on a mat.", "glia", "[MASK] is a CAT", "  the   star "]


def wordpiece(lower):
    t = Tokenizer(models.WordPiece({w: i for i, w in enumerate(WORDS)}, unk_token="[UNK]"))
    t.normalizer = normalizers.BertNormalizer(lowercase=lower)
    t.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    t.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    names = dict(unk_token="[UNK]", pad_token="[PAD]", cls_token="[CLS]", sep_token="[SEP]", mask_token="[MASK]")
    return transformers.PreTrainedTokenizerFast(tokenizer_object=t, model_max_length=24, **names)


def draw(module, seed):
    g = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, p in sorted(module.named_parameters()):
            x = torch.randn(p.shape, generator=g)
            p.copy_(1 + 0.2 * x if "norm" in name.lower() and name.endswith("weight") else 1.5 * x / p.shape[-1] ** 0.5 if p.ndim > 1 and "embed" not in name else 0.6 * x)


def base(config, lower, seed):
    """A folder with a transformer and its tokenizer."""
    folder = tempfile.mkdtemp()
    model = transformers.AutoModel.from_config(config)
    draw(model, seed)
    model.save_pretrained(folder)
    wordpiece(lower).save_pretrained(folder)
    return folder


BERT = dict(vocab_size=len(WORDS), hidden_size=8, num_hidden_layers=2, num_attention_heads=2, intermediate_size=12, max_position_embeddings=24)
CONFIGS = {
    "bert": transformers.BertConfig(**BERT),
    "albert": transformers.AlbertConfig(embedding_size=6, **BERT),
    "distilbert": transformers.DistilBertConfig(vocab_size=len(WORDS), dim=8, n_layers=2, n_heads=2, hidden_dim=12, max_position_embeddings=24),
    "gpt2": transformers.GPT2Config(vocab_size=len(WORDS), n_embd=8, n_layer=2, n_head=2, n_positions=24, bos_token_id=2, eos_token_id=3),
}


def model(kind, seed, poolings, *then, length=None, lower=False, cased=False, **around):
    t = Transformer(base(CONFIGS[kind], lower=not cased, seed=seed), max_seq_length=length, do_lower_case=lower)
    modules = [t, Pooling(8, pooling_mode=poolings), *then]
    for i, m in enumerate(then):
        draw(m, seed + 10 + i)
    return SentenceTransformer(modules=modules, device="cpu", **around)


def older(folder, version, length, lower):
    """Rewrites a saved model as older releases did."""
    modules = json.loads((folder / "modules.json").read_text())
    for m in modules:
        m["type"] = "sentence_transformers.models." + m["type"].rsplit(".", 1)[1]
    if version < 1:
        (folder / "0_Transformer").mkdir()
        for f in list(folder.iterdir()):
            if f.is_file() and f.name not in ("modules.json", "config_sentence_transformers.json"):
                f.rename(folder / "0_Transformer" / f.name)
        modules[0].update(path="0_Transformer")
        old = folder / "0_Transformer" / "sentence_bert_config.json"
        old.rename(old.with_name("sentence_albert_config.json"))
        (folder / "config.json").write_text('{"__version__": "0.3.0"}')
        (folder / "config_sentence_transformers.json").unlink()
    (folder / "modules.json").write_text(json.dumps(modules, indent=2))
    pooling = folder / "1_Pooling" / "config.json"
    modes = json.loads(pooling.read_text())["pooling_mode"]
    keys = {"cls": "cls_token", "mean": "mean_tokens", "max": "max_tokens", "mean_sqrt_len_tokens": "mean_sqrt_len_tokens"}
    pooling.write_text(json.dumps({"word_embedding_dimension": 8} | {"pooling_mode_" + key: mode in modes for mode, key in keys.items()}))
    config = folder / "0_Transformer" / "sentence_albert_config.json" if version < 1 else folder / "sentence_bert_config.json"
    config.write_text(json.dumps({"max_seq_length": length, "do_lower_case": lower}))


def write(name, m, version=None, **kept):
    folder = OUT / name
    shutil.rmtree(folder, ignore_errors=True)
    m.save(str(folder), create_model_card=False)
    if version is not None:
        older(folder, version, **kept)
        m = SentenceTransformer(str(folder), device="cpu")
    m = m.double().eval()
    prompt = m.prompts.get(m.default_prompt_name) if m.default_prompt_name else None
    cases = []
    for text in TEXTS:
        tokens = m.preprocess([(prompt or "") + text])["input_ids"][0].tolist()
        with torch.no_grad():
            x = m.forward(m.preprocess([(prompt or "") + text]))["sentence_embedding"][0]
        encoded = m.encode(text, convert_to_tensor=True)
        assert torch.allclose(x, encoded.double(), rtol=1e-5, atol=1e-6), (name, text)
        cases.append({"text": text, "ids": tokens, "embedding": x.tolist()})
    (OUT / (name + ".json")).write_text(json.dumps(cases, indent=1) + "\n")


torch.manual_seed(0)
write("bert-mean-normalize", model("bert", 1, "mean", Normalize(), length=12))
write("bert-lower", model("bert", 2, "cls", length=12, lower=True, cased=True))
write("bert-prompt", model("bert", 3, ("mean_sqrt_len_tokens", "weightedmean"), prompts={"q": "query: ", "p": "passage: "}, default_prompt_name="q"))
write("distilbert-dense", model("distilbert", 4, ("cls", "max"), Dense(16, 5), Dense(5, 6, bias=False, activation_function=torch.nn.Identity()), Normalize()))
write("gpt2-weightedmean", model("gpt2", 5, "weightedmean"))
write("gpt2-lasttoken", model("gpt2", 6, ["lasttoken"]))
write("albert-older", model("albert", 7, ("max", "mean"), cased=True), version=0.3, length=10, lower=True)
write("bert-older", model("bert", 8, "mean", Normalize()), version=2, length=None, lower=False)
print(sorted(p.name for p in OUT.iterdir()))
