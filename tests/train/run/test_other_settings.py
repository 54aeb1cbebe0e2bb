"""A run that is resumed with other settings, beside another, or from a damaged checkpoint."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from massivetext.errors import CheckpointError, ConfigError
from massivetext.train.config.changes import changed_settings
from massivetext.train.config.config import TrainConfig
from massivetext.train.config.presets import load_config
from massivetext.train.model.optimizer import describe_warmup
from massivetext.train.run.lock import only_run
from massivetext.train.run.loop import train

Change = dict[str, dict[str, Any]]


def changed(config: TrainConfig, change: Change) -> TrainConfig:
    parts = {key: dataclasses.replace(getattr(config, key), **v) for key, v in change.items()}
    return dataclasses.replace(config, **parts)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"optimizer": {"kind": "muon"}}, r'optimizer\.kind was "adam", now "muon", and its'),
        ({"optimizer": {"kind": "adafactor"}}, r'optimizer\.kind was "adam", now "adafactor"'),
        ({"run": {"batch_tokens": (8 * 32,)}}, r"its 12 steps have read 6,144 tokens, .* 3,072"),
        ({"run": {"batch_tokens": (16 * 32, 32 * 32)}}, r"6,144 tokens, .* them 6,656"),
    ],
)
def test_what_cannot_be_resumed_is_refused_and_nothing_written(
    trained: Path, corpus: Path, tiny_run: TrainConfig, change: Change, message: str
) -> None:
    run = {"steps": 16, **change.get("run", {})}
    before = {path: path.stat().st_mtime_ns for path in trained.rglob("*")}
    with pytest.raises(CheckpointError, match=message):
        train(changed(tiny_run, {**change, "run": run}), str(corpus), str(trained))
    assert {path: path.stat().st_mtime_ns for path in trained.rglob("*")} == before


@pytest.mark.heavy
def test_other_settings_are_told(
    own_run: Path,
    corpus: Path,
    tiny_run: TrainConfig,
    capsys: pytest.CaptureFixture[str],
) -> None:
    more = changed(tiny_run, {"run": {"steps": 13}, "optimizer": {"learning_rate": 2e-3}})
    assert train(more, str(corpus), str(own_run))
    said = capsys.readouterr().err
    assert (
        "resumed with other settings than before: optimizer.learning_rate was 0.01, now 0.002;"
        " run.steps was 12, now 13\n"
    ) in said
    assert json.loads((own_run / "config.json").read_text())["run"]["steps"] == 13


def test_a_finished_run_keeps_its_settings(
    trained: Path, corpus: Path, tiny_run: TrainConfig
) -> None:
    before = (trained / "config.json").read_bytes()
    fewer = changed(tiny_run, {"run": {"steps": 5}, "optimizer": {"learning_rate": 9.0}})
    assert train(fewer, str(corpus), str(trained))
    assert (trained / "config.json").read_bytes() == before


def test_what_changes_no_number_is_not_told(tiny_run: TrainConfig) -> None:
    before = json.loads(json.dumps(dataclasses.asdict(tiny_run)))
    same = changed(tiny_run, {"run": {"log_every": 7, "keep_checkpoints": 1}, "mesh": {"fsdp": 2}})
    assert changed_settings(before, same) == {}
    assert changed_settings({}, tiny_run) == changed_settings({"run": 3}, tiny_run) == {}
    weights = changed(tiny_run, {"data": {"weights": {"web": 1.0}}})
    assert changed_settings(before, weights) == {"data.weights": '{}, now {"web": 1.0}'}
    del before["data"]["weights"]  # of an older version
    assert changed_settings(before, weights) == {}


def test_two_runs_do_not_share_a_folder(trained: Path, corpus: Path, tiny_run: TrainConfig) -> None:
    with only_run(str(trained)), pytest.raises(ConfigError, match="another run is writing to"):
        train(tiny_run, str(corpus), str(trained))
    assert train(tiny_run, str(corpus), str(trained))  # its owner has let go


def test_results_that_cannot_be_read_are_told_before_the_work(
    corpus: Path, tiny_run: TrainConfig, tmp_path: Path
) -> None:
    (tmp_path / "results.json").write_text('{"step": ')
    with pytest.raises(ConfigError, match=r"results\.json: not JSON"):
        train(tiny_run, str(corpus), str(tmp_path))
    assert not (tmp_path / "config.json").exists()


@pytest.mark.parametrize("content", [b"\xff\xfe", b'{"x', b"[1]", b"{}", b""])
@pytest.mark.parametrize("item", ["about", "data"])
def test_a_damaged_description_is_one_line(
    own_run: Path, corpus: Path, tiny_run: TrainConfig, item: str, content: bytes
) -> None:
    (own_run / "checkpoints" / "12" / item / "metadata").write_bytes(content)
    with pytest.raises((CheckpointError, ConfigError), match=r"checkpoints/12 away|it is damaged"):
        train(tiny_run, str(corpus), str(own_run))


def test_a_short_run_says_where_its_learning_rate_ends(tiny_run: TrainConfig) -> None:
    config = changed(tiny_run, {"optimizer": {"warmup_steps": 12, "warmup_learning_rate": 0.0}})
    assert describe_warmup(config) == (
        "warm-up: its 12 steps are not over in the run's 12; the learning rate reaches 0.0092 of"
        " 0.01; lower optimizer.warmup_steps or take more steps"
    )
    assert not describe_warmup(changed(config, {"run": {"steps": 13}}))


@pytest.mark.parametrize(
    ("setting", "ends"),
    [
        ("optimizer.beta1=1.0", "below 1, not 1.0"),
        ("optimizer.beta2=-0.1", "below 1, not -0.1"),
        ("optimizer.epsilon=0.0", "must be positive, not 0.0"),
        ("optimizer.warmup_learning_rate=-1e-7", "must be at least 0, not -1e-07"),
        ('name=""', "take letters, digits and dashes"),
        ('name="../x"', "take letters, digits and dashes"),
        (r'name="x\ny"', "take letters, digits and dashes"),
    ],
)
def test_settings_that_no_run_can_have(setting: str, ends: str) -> None:
    with pytest.raises(ConfigError) as error:
        load_config("nano", (setting,))
    assert str(error.value).endswith(ends)


@pytest.mark.parametrize(
    "setting", ["optimizer.beta1=0.0", "optimizer.beta2=0.999999", "optimizer.epsilon=1e-30"]
)
def test_settings_at_the_edge(setting: str) -> None:
    load_config("nano", (setting,))
