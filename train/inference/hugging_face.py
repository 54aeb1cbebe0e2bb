"""A trained model as a folder that Hugging Face transformers opens, with code of our own."""

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file

from massivetext.errors import ConfigError
from massivetext.tokenizer.tokenizer_json import is_tokenizer_json
from massivetext.tokenizer.vocabulary import BOS, EOS
from massivetext.train.config.config import ModelConfig
from massivetext.train.inference.export import ARRAYS, name_arrays, new_export
from massivetext.train.inference.model_folder import TrainedModel
from massivetext.train.model.model import count_parameters

MODEL, TOKENIZER = "modeling_gopher", "tokenization_gopher"  # files beside this one, copied
HEADS = ("query", "key", "value", "relative")
SPECIAL = {"bos_token_id": BOS, "eos_token_id": EOS, "pad_token_id": EOS}
Arrays = dict[str, np.ndarray]


def export_transformers(model: TrainedModel, folder: Path, card: str = "") -> Path:
    """Returns ``folder/model.safetensors``, with all that `from_pretrained` needs beside it.

    Args:
      model: the model.
      folder: a new folder.
      card: a model card; a short one is written if it is empty.

    Raises:
      ConfigError: the folder holds something, or the vocabulary is a tokenizer.json.
    """
    if is_tokenizer_json(model.vocabulary):
        raise ConfigError(
            "the vocabulary is a tokenizer.json, and this format brings SentencePiece's: take"
            " --format plain, which has the file beside the arrays"
        )
    with new_export(folder) as new:
        _write_all(model, new, card)
    return folder / ARRAYS


def _write_all(model: TrainedModel, folder: Path, card: str) -> None:
    for name in (MODEL, TOKENIZER):
        code = (Path(__file__).parent / f"{name}.py").read_text(encoding="utf-8")
        (folder / f"{name}.py").write_text(code, encoding="utf-8")
    shape = model.about.model
    _write(folder / "config.json", settings(shape))
    _write(folder / "generation_config.json", {**SPECIAL, "use_cache": False})
    _write(folder / "tokenizer_config.json", _tokenizer_settings(shape))
    (folder / "vocabulary.model").write_bytes(model.vocabulary)
    (folder / "README.md").write_text(_card(model, card), encoding="utf-8")
    arrays = dict(_torch_arrays(name_arrays(model.params)))
    save_file(arrays, folder / ARRAYS, {"format": "pt"})


def _write(path: Path, values: dict[str, Any]) -> None:
    path.write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")


def settings(shape: ModelConfig) -> dict[str, Any]:
    """Returns ``config.json`` in transformers' terms."""
    scale = shape.width if shape.input_scale == "width" else math.sqrt(shape.width)
    return {
        "model_type": "gopher",
        "architectures": ["GopherForCausalLM"],
        "auto_map": {
            "AutoConfig": f"{MODEL}.GopherConfig",
            "AutoModelForCausalLM": f"{MODEL}.GopherForCausalLM",
        },
        "vocab_size": shape.vocabulary,
        "hidden_size": shape.width,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "head_dim": shape.key_size,
        "intermediate_size": 4 * shape.width,
        "max_position_embeddings": shape.context,
        "hidden_act": shape.activation,
        "embedding_scale": scale,
        "document_mask": shape.document_mask,
        "tie_word_embeddings": True,
        "use_cache": False,
        **SPECIAL,
        "dtype": shape.parameters,
    }


def _tokenizer_settings(shape: ModelConfig) -> dict[str, Any]:
    return {
        "tokenizer_class": "GopherTokenizer",
        "auto_map": {"AutoTokenizer": [f"{TOKENIZER}.GopherTokenizer", None]},
        "model_max_length": shape.context,
    }


def _torch_arrays(arrays: Arrays) -> Iterator[tuple[str, np.ndarray]]:
    """Yields the arrays by PyTorch's names: a layer each, matrices as (outputs, inputs)."""
    yield "embed.weight", arrays["embed"]
    yield "norm_out.weight", arrays["norm_out"]
    layers = {name.split(".")[1]: array for name, array in arrays.items() if "." in name}
    for number in range(len(layers["up"])):
        for name, array in layers.items():
            key, value = _torch_array(name, array[number])
            yield f"layers.{number}.{key}", np.ascontiguousarray(value)


def _torch_array(name: str, array: np.ndarray) -> tuple[str, np.ndarray]:
    width = array.shape[-1] if name == "out" else len(array)
    if name in HEADS:
        return f"attention.{name}.weight", array.reshape(width, -1).T
    if name == "out":
        return "attention.out.weight", array.reshape(-1, width).T
    if name in ("content_bias", "position_bias"):
        return f"attention.{name}", array
    if name in ("up", "down"):
        return f"{name}.weight", array.T
    if name in ("up_bias", "down_bias"):
        return f"{name.removesuffix('_bias')}.bias", array
    return f"{name}.weight", array


USE = """
## Use

    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(FOLDER, trust_remote_code=True)
    model = AutoModelForCausalLM.from_pretrained(FOLDER, trust_remote_code=True)
    ids = tokenizer("The river", return_tensors="pt")
    print(tokenizer.decode(model.generate(**ids, max_new_tokens=40)[0]))

It needs torch, transformers and sentencepiece. `modeling_gopher.py` is the whole model in PyTorch;
each new token reads the whole text again.
"""


def _card(model: TrainedModel, card: str) -> str:
    front = "---\nlibrary_name: transformers\npipeline_tag: text-generation\n---\n\n"
    size = count_parameters(model.about.model)
    short = f"# {model.about.name}\n\nA decoder of the Gopher family, {size:,} parameters.\n"
    return front + (card or short) + USE
