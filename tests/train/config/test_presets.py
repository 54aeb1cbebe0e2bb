"""Presets, TOML files, overrides, and what is refused."""

from pathlib import Path

import pytest

from massivetext import paper
from massivetext.errors import ConfigError
from massivetext.train.config.config import (
    batch_at,
    batch_sequences,
    phase_steps,
    total_steps,
    with_steps,
    with_vocabulary,
)
from massivetext.train.config.presets import load_config, preset_names


@pytest.mark.parametrize("row", paper.FAMILY, ids=lambda row: row.name)
def test_family_is_table_1(row: paper.Preset) -> None:
    config = load_config(row.name)
    assert config.optimizer.learning_rate == row.max_learning_rate
    assert config.optimizer.clip == row.clip
    assert config.run.batch_tokens == row.batch_tokens
    assert (config.model.parameters == "bfloat16") == (row.name in ("7.1b", "280b"))
    assert total_steps(config) == pytest.approx(
        sum(paper.TRAINING_TOKENS / len(row.batch_tokens) / b for b in row.batch_tokens), abs=1
    )


def test_280b_doubles_its_batch_half_way() -> None:
    config = load_config("280b", ("run.steps=9",))
    assert phase_steps(config) == (6, 3)
    assert [batch_at(config, step) for step in (0, 5, 6, 8)] == [1536, 1536, 3072, 3072]
    tokens = [
        steps * batch
        for steps, batch in zip(phase_steps(config), batch_sequences(config), strict=True)
    ]
    assert tokens[0] == tokens[1]


def test_every_preset_loads() -> None:
    assert {"nano", "micro", "mini", "44m", "280b"} <= set(preset_names())
    for name in preset_names():
        assert load_config(name).name == name


def test_a_model_of_a_file_is_named_after_it(tmp_path: Path) -> None:
    small = tmp_path / "small.toml"
    small.write_text('preset = "nano"\n[model]\nlayers = 2\n')
    config = load_config(str(small))
    assert (config.name, config.model.layers, config.model.heads) == ("small", 2, 4)
    small.write_text('preset = "nano"\nname = "mine"\n')
    assert load_config(str(small)).name == "mine"


def test_one_number_sizes_a_model_and_its_learning_rate() -> None:
    eight, tall = load_config("d8"), load_config("d24")
    shape = (eight.model.layers, eight.model.heads, eight.model.key_size, eight.model.width)
    assert shape == (8, 8, 64, 512)
    assert eight.optimizer.learning_rate == pytest.approx(6e-4)  # 44M's, of the same width
    assert tall.optimizer.learning_rate == pytest.approx(2e-4)  # 417M's
    parameters = 10_000_000
    seen = with_steps(eight, parameters).run.steps * eight.run.batch_tokens[0]
    assert seen == pytest.approx(20 * parameters, rel=0.01)
    assert load_config("d8", ("model.width=256",)).model.width == 256
    for wrong in ("d0", "d1000", "d", "d08"):
        with pytest.raises(ConfigError, match="no such preset"):
            load_config(wrong)


def test_file_builds_on_a_preset(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('preset = "44m"\n[model]\ncontext = 1024\n[run]\nsteps = 7\n')
    config = load_config(str(file), ("optimizer.kind=adafactor",))
    assert (config.model.layers, config.model.context, config.run.steps) == (8, 1024, 7)
    assert config.optimizer.kind == "adafactor"
    assert batch_sequences(config) == (256,)


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        ("model.widht=3", "did you mean 'width'"),
        ("model.width=wide", "model.width: expected int"),
        ("model.width=7", "even"),
        ("model.remat=some", "not one of"),
        ("run.batch_tokens=[100]", "no multiple"),
        ("run.batch_tokens=[]", "positive"),
        ("run.log_every=0", "positive"),
        ("run.tokens_per_parameter=-1", "run.tokens_per_parameter must be between 0 and"),
        ("optimizer.warmup_steps=-4", "optimizer.warmup_steps must be between 0 and"),
        ("run.seed=99999999999", "run.seed must be between 0 and"),
        ("optimizer.decay=0", "optimizer.decay must be positive"),
        ("data.validation_sequences=0", "data.validation_sequences must be positive"),
        ("model", "KEY=VALUE"),
    ],
)
def test_wrong_setting_is_one_clear_error(assignment: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load_config("nano", (assignment,))


def test_a_file_that_is_no_text_is_one_clear_error(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_bytes(b"name = '\xff'")
    with pytest.raises(ConfigError, match="no UTF-8 text"):
        load_config(str(file))


def test_unknown_preset_names_the_nearest() -> None:
    with pytest.raises(ConfigError, match=r"did you mean '1\.4b'"):
        load_config("1.4c")


def test_vocabulary_comes_from_the_data_or_must_match() -> None:
    assert with_vocabulary(load_config("nano"), 4_000).model.vocabulary == 4_000
    assert with_vocabulary(load_config("44m"), 32_000).model.vocabulary == 32_000
    with pytest.raises(ConfigError, match="vocabulary of 4000"):
        with_vocabulary(load_config("44m"), 4_000)


def test_small_runs_grow_with_their_parameters() -> None:
    config = load_config("nano", ("run.tokens_per_parameter=0.5", "run.batch_tokens=[256,768]"))
    assert phase_steps(with_steps(config, 1_536_000)) == (1_500, 500)  # 384,000 tokens each
    assert with_steps(load_config("nano", ("run.steps=7",)), 1_000_000).run.steps == 7
    paper_run = load_config("44m")
    assert with_steps(paper_run, 44_000_000) is paper_run  # 300 billion tokens
