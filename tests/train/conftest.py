"""A small corpus in the pipelines' own format, and eight simulated devices.

The devices are CPU threads; the variables must be set before JAX starts. Arrays' shapes are checked
against the annotations of train/ in every test, when a function is called or traced.
"""

import hashlib
import json
import os
import tempfile
from pathlib import Path

os.environ["JAX_PLATFORMS"] = "cpu"
os.environ["JAX_NUMPY_RANK_PROMOTION"] = "raise"
# Little optimization: tests spend their time compiling.
os.environ["XLA_FLAGS"] = (
    "--xla_force_host_platform_device_count=8 --xla_backend_optimization_level=0"
    " --xla_llvm_disable_expensive_passes=true"
)
# Programs that several tests and processes run are compiled once.
os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", tempfile.mkdtemp(prefix="jax-cache-"))
os.environ["JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS"] = "0"
os.environ["JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES"] = "-1"

import dataclasses
import shutil
from typing import Any

import jax
import numpy as np
import pytest
from jaxtyping import install_import_hook

from massivetext.config.recipe import Vocabulary
from massivetext.shards.tfrecord import write_records
from massivetext.tokenizer.encode import Encoder
from massivetext.tokenizer.vocabulary import train_vocabulary

ARRAYS = [
    "evaluation.loss_by_source", "evaluation.score", "inference.decode", "inference.generate",
    "model.loss", "model.model", "model.muon", "model.optimizer", "model.rounding", "model.step",
]  # fmt: skip
with install_import_hook([f"massivetext.train.{name}" for name in ARRAYS], "beartype.beartype"):
    from massivetext.train.config.config import (
        MeshConfig,
        ModelConfig,
        OptimizerConfig,
        RunConfig,
        TrainConfig,
    )
    from massivetext.train.evaluation.score import Scorer as Scorer
    from massivetext.train.inference.generate import generate as generate
    from massivetext.train.model.model import init_params
    from massivetext.train.run.loop import train as run_training

LENGTH = 64
SOURCES = ("web", "books")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sends the tests of one trained model to one worker (--dist loadgroup): it is made once."""
    for item in items:
        if "trained" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("trained"))


def write_text(seed: int, words: int) -> str:
    """Returns text in which each word has three possible successors: there is much to learn."""
    generator = np.random.default_rng(seed)
    syllables = ["ka", "lo", "mi", "ne", "ru", "sha", "ti", "vo", "pe", "da"]
    lexicon = [a + b for a in syllables for b in syllables]
    successors = np.random.default_rng(7 + seed % 2).integers(0, len(lexicon), (len(lexicon), 3))
    found, word = [], 0
    for _ in range(words):
        word = int(successors[word, generator.integers(3)])
        found.append(lexicon[word] + ("." if generator.random() < 0.1 else ""))
    return " ".join(found)


def write_shards(folder: Path, split: str, rows: np.ndarray, source: int, shards: int) -> None:
    for number in range(shards):
        name = f"massivetext-{split}.tfrecord-{number:05d}-of-{shards:05d}"
        chosen = rows[number::shards]
        with (folder / name).open("wb") as file:
            write_records(file, chosen, np.full(len(chosen), source, np.uint8))


def pack_text(encoder: Encoder, seed: int, sequences: int) -> np.ndarray:
    ids: list[int] = []
    while len(ids) < sequences * (LENGTH + 1):
        text = write_text(seed, 60)
        ids += [encoder.bos, *encoder.encode(text).tolist(), encoder.eos]
        seed += 2
    return np.array(ids[: sequences * (LENGTH + 1)], np.uint16).reshape(sequences, LENGTH + 1)


def write_corpus(folder: Path, layout: str = "mixed", model: bytes = b"") -> Path:
    """Writes a corpus of 2 x 240 training and 2 x 12 held-out sequences of 64 tokens."""
    settings = Vocabulary(size=400)
    model = model or train_vocabulary([write_text(s, 400) for s in range(4)], settings)
    encoder = Encoder(model)
    (folder / "vocabulary").mkdir(parents=True)
    (folder / "sequences").mkdir()
    (folder / "vocabulary" / "vocabulary.model").write_bytes(model)
    train = [pack_text(encoder, 1_000 + s, 240) for s in range(len(SOURCES))]
    for index, source in enumerate(SOURCES):
        held_out = pack_text(encoder, 9_000_000 + index, 12)
        write_shards(folder / "sequences", f"validation_{source}", held_out, index, 1)
        if layout == "by-source":
            write_shards(folder / "sequences", f"train_{source}", train[index], index, 2)
    if layout == "mixed":
        mixed = np.concatenate(train)[np.random.default_rng(0).permutation(480)]
        write_shards(folder / "sequences", "train", mixed, 0, 3)
    identity = {"sha256": hashlib.sha256(model).hexdigest(), "size": encoder.size}
    splits = {f"validation_{source}": {"shards": 1, "sequences": 12} for source in SOURCES}
    if layout == "mixed":
        splits["train"] = {"shards": 3, "sequences": 480}
    else:
        splits |= {f"train_{source}": {"shards": 2, "sequences": 240} for source in SOURCES}
    manifest = {"key": layout, "vocabulary": identity, "sources": list(SOURCES), "splits": splits}
    (folder / "sequences" / "manifest.json").write_text(json.dumps(manifest))
    return folder


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_corpus(tmp_path_factory.mktemp("corpus"))


@pytest.fixture(scope="session")
def corpus_by_source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_corpus(tmp_path_factory.mktemp("by-source"), "by-source")


@pytest.fixture
def fresh_corpus(tmp_path: Path) -> Path:
    """A corpus that the test may damage."""
    return write_corpus(tmp_path / "corpus")


@pytest.fixture(scope="session")
def tiny() -> ModelConfig:
    return ModelConfig(
        layers=2, heads=8, key_size=4, width=32, vocabulary=400, context=32, compute="float32",
        remat="none",
    )  # fmt: skip


@pytest.fixture(scope="session")
def tiny_params(tiny: ModelConfig) -> Any:
    """Parameters without zeros or ones, so that no term of the model is idle."""
    return shake(jax.jit(init_params, static_argnums=0)(tiny, jax.random.key(0)))


def shake(params: Any) -> Any:
    generator = np.random.default_rng(0)
    return jax.tree.map(lambda a: a + 0.1 * generator.normal(size=a.shape).astype(a.dtype), params)


@pytest.fixture(scope="session")
def tiny_run(tiny: ModelConfig) -> TrainConfig:
    return TrainConfig(
        name="tiny",
        model=tiny,
        optimizer=OptimizerConfig(learning_rate=1e-2, warmup_steps=3),
        mesh=MeshConfig(data=8),
        run=RunConfig(
            steps=12, batch_tokens=(16 * 32,), checkpoint_every=4, evaluate_every=6, log_every=1
        ),
    )


@pytest.fixture(scope="session")
def trained(corpus: Path, tiny_run: TrainConfig, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a finished run of 12 steps on eight devices; tests must not write to it."""
    output = tmp_path_factory.mktemp("trained")
    model = dataclasses.replace(tiny_run.model, vocabulary=0)
    assert run_training(dataclasses.replace(tiny_run, model=model), str(corpus), str(output))
    return output


@pytest.fixture
def own_run(trained: Path, tmp_path: Path) -> Path:
    """A copy of the finished run, which a test may go on with."""
    return shutil.copytree(trained, tmp_path / "own_run")
