"""The export against Hugging Face transformers. Part of ``make test-transformers``."""

import dataclasses
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from safetensors.numpy import load_file

from massivetext.cli.main import USAGE, main
from massivetext.tokenizer.vocabulary import BOS
from massivetext.train.config.config import ModelConfig
from massivetext.train.inference.generate import Sampling, generate
from massivetext.train.inference.hugging_face import export_transformers, settings
from massivetext.train.inference.model_folder import TrainedModel, encoder_of, load_model
from massivetext.train.model.model import forward

WITHOUT = "transformers has an environment of its own, .venv-transformers"
TEXTS = [
    "kalo mine rusha.", "", " ", "  two spaces\tand\na line", "snow \u2603 \U0001f600 e\u0301",
    "<s> and </s> are text", "\n\n\n", "ﬁ ½ Å ² NFKC", "日本語のテキスト", "naïve café",
    "def f(x):\n        return x", "a" * 60, "peda nelo " * 12, "1 234 567,89", "$E=mc^2$",
    "\u00a0no\u00a0break", "tab\tat end\t", "line end\n", "▁ itself", "voru sham tivo. Kalo?",
]  # fmt: skip

READER = """
import json, sys, torch
from transformers import AutoModelForCausalLM, AutoTokenizer
folder, texts = sys.argv[1], json.load(open(sys.argv[2]))
tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=True)
model = AutoModelForCausalLM.from_pretrained(folder, trust_remote_code=True).eval()
found = []
for text in texts:
    ids = tokenizer(text, return_tensors="pt")
    with torch.no_grad():
        long = ids["input_ids"].shape[1] > 1
        out = model(**ids, labels=ids["input_ids"] if long else None)
    written = model.generate(**ids, max_new_tokens=12, do_sample=False)
    loss = None if out.loss is None else float(out.loss)
    found.append({"ids": ids["input_ids"][0].tolist(), "logits": out.logits[0].tolist(),
                  "written": written[0].tolist(), "loss": loss,
                  "text": tokenizer.decode(ids["input_ids"][0], skip_special_tokens=True)})
tokenizer.padding_side = "left"
batch = tokenizer([t for t in texts if t], return_tensors="pt", padding=True)
with torch.no_grad():
    last = model(**batch).logits[:, -1].tolist()
model.save_pretrained(folder + "-again"); tokenizer.save_pretrained(folder + "-again")
again = AutoModelForCausalLM.from_pretrained(folder + "-again", trust_remote_code=True)
same = all(torch.equal(a, b) for a, b in zip(model.parameters(), again.parameters()))
json.dump({"texts": found, "last": last, "same": same}, open(sys.argv[3], "w"))
"""


@pytest.fixture(params=["trained", "masked and silu"])
def model(trained: Path, tiny: ModelConfig, tiny_params: Any, request: Any) -> TrainedModel:
    """One as training leaves it; one whose every parameter is shaken, with all other settings."""
    found = load_model(str(trained))
    if request.param == "trained":
        return found
    shape = dataclasses.replace(tiny, activation="silu", input_scale="width", document_mask=True)
    return found._replace(about=found.about._replace(model=shape), params=tiny_params)


def read(folder: Path) -> dict[str, Any]:
    pytest.importorskip("torch", reason=WITHOUT)
    pytest.importorskip("transformers", reason=WITHOUT)
    paths = [folder.parent / name for name in ("reader.py", "texts.json", "found.json")]
    paths[0].write_text(READER)
    paths[1].write_text(json.dumps(TEXTS))
    words = [sys.executable, str(paths[0]), str(folder), str(paths[1]), str(paths[2])]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(paths[2].read_text())
    return found


@pytest.mark.heavy
@pytest.mark.timeout(900)
def test_transformers_computes_and_writes_the_same(model: TrainedModel, tmp_path: Path) -> None:
    """Ids, logits within 1e-4, losses, greedy texts, padded batches, saved and loaded again."""
    export_transformers(model, tmp_path / "export")
    found = read(tmp_path / "export")
    assert found["same"]
    encoder, shape, last = encoder_of(model), model.about.model, iter(found["last"])
    for text, theirs in zip(TEXTS, found["texts"], strict=True):
        ids = [BOS, *encoder.encode(text).tolist()]
        assert theirs["ids"] == ids, text
        logits = np.asarray(forward(shape, model.params, jnp.asarray([ids], jnp.int32)))[0]
        np.testing.assert_allclose(theirs["logits"], logits, atol=1e-4, rtol=0)
        if len(ids) > 1:
            odds = jax.nn.log_softmax(jnp.asarray(logits))
            nats = -np.mean([odds[i, token] for i, token in enumerate(ids[1:])])
            assert theirs["loss"] == pytest.approx(nats, abs=1e-4)
        if text:
            np.testing.assert_allclose(next(last), logits[-1], atol=1e-4, rtol=0)
        prompt = np.array([ids], np.int32)
        ours = generate(shape, model.params, prompt, 12, Sampling(temperature=0))[0].tolist()
        assert theirs["written"] == ours[: len(theirs["written"])], text
        assert len(theirs["written"]) == len(ours) or theirs["written"][-1] == 2
        assert theirs["text"] == encoder.decode(ids), text


def test_the_folder_holds_code_arrays_and_a_card(trained: Path, tmp_path: Path) -> None:
    output = tmp_path / "export"
    words = ["export", str(trained), "--output", str(output), "--format", "transformers"]
    assert main(words) == 0
    names = {path.name for path in output.iterdir()}
    assert names == {
        "README.md", "config.json", "generation_config.json", "model.safetensors",
        "modeling_gopher.py", "tokenization_gopher.py", "tokenizer_config.json",
        "vocabulary.model",
    }  # fmt: skip
    arrays = load_file(output / "model.safetensors")
    params = load_model(str(trained)).params
    assert sum(a.size for a in arrays.values()) == sum(a.size for a in jax.tree.leaves(params))
    query = np.asarray(params["layers"]["query"])[1]
    np.testing.assert_array_equal(arrays["layers.1.attention.query.weight"][5], query[:, 1, 1])
    out = np.asarray(params["layers"]["out"])[0]
    np.testing.assert_array_equal(arrays["layers.0.attention.out.weight"][:, 5], out[1, 1])
    card = (output / "README.md").read_text()
    assert card.startswith("---\nlibrary_name: transformers")
    assert "trust_remote_code=True" in card
    assert main(words) == USAGE


def test_settings_carry_the_scale_of_the_embeddings(tiny: ModelConfig) -> None:
    assert settings(tiny)["embedding_scale"] == 32**0.5
    assert settings(dataclasses.replace(tiny, input_scale="width"))["embedding_scale"] == 32
