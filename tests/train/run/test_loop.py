"""A whole run in this process: what it writes, how it ends, what stops it."""

import dataclasses
import json
import os
import signal
from pathlib import Path

import jax
import numpy as np
import pytest

from massivetext.errors import CheckpointError, ConfigError, StageError
from massivetext.train.config.config import MeshConfig, TrainConfig
from massivetext.train.evaluation.read_log import LOG, read_log
from massivetext.train.model.checkpoint import Checkpoints
from massivetext.train.model.sharding import describe_idle, describe_mesh, make_mesh
from massivetext.train.run.loop import StopRequest, train


def names(folder: Path) -> dict[str, float]:
    return {str(p): p.stat().st_mtime_ns for p in folder.rglob("*") if p.is_file()}


def test_run_leaves_log_checkpoints_plot_and_settings(trained: Path) -> None:
    entries = read_log(trained)
    steps = [entry["step"] for entry in entries if "loss" in entry]
    assert steps == list(range(1, 13))
    held_out = [e for e in entries if "validation/all/loss" in e]
    assert [e["step"] for e in held_out] == [6, 12]
    assert entries[-1]["validation/web/tokens"] == 24 * 32
    assert entries[1]["learning_rate"] == pytest.approx(1e-7 + (1e-2 - 1e-7) / 3)
    assert (trained / "loss.png").stat().st_size > 5_000
    assert list((trained / "tensorboard").iterdir())
    assert json.loads((trained / "config.json").read_text())["model"]["vocabulary"] == 400
    assert sorted(p.name for p in (trained / "checkpoints").iterdir()) == ["12", "4", "8"]


def test_finished_run_has_nothing_to_do(
    own_run: Path,
    corpus: Path,
    tiny_run: TrainConfig,
    capsys: pytest.CaptureFixture[str],
) -> None:
    log = (own_run / LOG).read_bytes()
    assert train(tiny_run, str(corpus), str(own_run))
    assert Checkpoints(str(own_run)).latest() == 12
    said = f"nothing to do: {own_run} is finished at step 12, 12 were asked for\n"
    assert capsys.readouterr().err.endswith(said)
    assert (own_run / LOG).read_bytes() == log
    run = dataclasses.replace(tiny_run.run, steps=5)
    assert train(dataclasses.replace(tiny_run, run=run), str(corpus), str(own_run))
    assert capsys.readouterr().err.endswith("at step 12, 5 were asked for\n")


def test_a_run_killed_before_its_last_evaluation_makes_it(
    own_run: Path, corpus: Path, tiny_run: TrainConfig
) -> None:
    whole = read_log(own_run)
    kept = [entry for entry in whole if entry["step"] < 12 or "loss" in entry]
    assert len(kept) == len(whole) - 3
    (own_run / LOG).write_text("".join(json.dumps(entry) + "\n" for entry in kept))
    assert train(tiny_run, str(corpus), str(own_run))
    assert [e["validation/all/loss"] for e in read_log(own_run) if "validation/all/loss" in e] == (
        pytest.approx([e["validation/all/loss"] for e in whole if "validation/all/loss" in e])
    )


def test_progress_leaves_out_compilation_and_smooths_the_loss(
    corpus: Path, tiny_run: TrainConfig, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = dataclasses.replace(tiny_run.run, steps=4, batch_tokens=(256, 512), evaluate_every=0)
    assert train(dataclasses.replace(tiny_run, run=run), str(corpus), str(tmp_path))
    entries = [entry for entry in read_log(tmp_path) if "loss" in entry]
    assert ["tokens_per_second" in entry for entry in entries] == [False, True, True, False]
    losses = [entry["loss"] for entry in entries]
    means = [sum(losses[: n + 1]) / (n + 1) for n in range(4)]
    assert [entry["smoothed_loss"] for entry in entries] == pytest.approx(means)
    lines = [line for line in capsys.readouterr().err.splitlines() if line.startswith("step ")]
    assert "compiled" in lines[0]
    assert "left" not in lines[0]
    assert "(mean of 2 steps)" in lines[1]
    assert lines[1].endswith(" left")


def test_idle_devices_are_named(tiny_run: TrainConfig) -> None:
    mesh = make_mesh(MeshConfig(data=1))
    text = describe_idle(tiny_run, mesh)
    assert text.startswith("idle: 7 of 8 devices (cpu:1, cpu:2, ")
    assert text.endswith("--set mesh.data=0 --set run.batch_tokens=[512]")
    run = dataclasses.replace(tiny_run.run, batch_tokens=(32,))
    assert "batch_tokens=[256]" in describe_idle(dataclasses.replace(tiny_run, run=run), mesh)
    assert describe_idle(tiny_run, make_mesh(MeshConfig(data=8))) == ""
    assert describe_mesh(mesh) == "1 x cpu"
    assert describe_mesh(make_mesh(MeshConfig(model=2))) == "8 x cpu (data 4, fsdp 1, model 2)"


def test_checkpoint_of_another_model_is_refused(
    trained: Path, corpus: Path, tiny_run: TrainConfig
) -> None:
    before = names(trained)
    other = dataclasses.replace(tiny_run, model=dataclasses.replace(tiny_run.model, layers=3))
    with pytest.raises(CheckpointError, match=r"another model \(layers 2, not 3\)"):
        train(other, str(corpus), str(trained))
    assert names(trained) == before


def test_checkpoint_of_another_vocabulary_is_refused(
    trained: Path, fresh_corpus: Path, tiny_run: TrainConfig
) -> None:
    """SentencePiece reads past unknown fields, so a longer file is another, equal vocabulary."""
    model = fresh_corpus / "vocabulary" / "vocabulary.model"
    model.write_bytes(model.read_bytes() + b"\xfa\x3f\x01x")
    (fresh_corpus / "sequences" / "manifest.json").write_text("{}")
    before = names(trained)
    with pytest.raises(CheckpointError, match="another vocabulary"):
        train(tiny_run, str(fresh_corpus), str(trained))
    assert names(trained) == before


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"mesh": {"data": 3}}, "does not fit 8 devices"),
        ({"run": {"batch_tokens": (12 * 32,)}}, "does not divide over 8 replicas"),
        ({"model": {"context": 48}, "run": {"batch_tokens": (768,)}}, "does not divide the shards"),
        ({"model": {"vocabulary": 500}}, "vocabulary of 400 pieces"),
    ],
)
def test_settings_that_do_not_fit_write_nothing(
    corpus: Path, tiny_run: TrainConfig, tmp_path: Path, change: dict[str, dict[str, int]],
    message: str,
) -> None:  # fmt: skip
    parts = {key: dataclasses.replace(getattr(tiny_run, key), **v) for key, v in change.items()}
    with pytest.raises(ConfigError, match=message):
        train(dataclasses.replace(tiny_run, **parts), str(corpus), str(tmp_path / "out"))
    assert not (tmp_path / "out").exists()


def test_flipped_byte_stops_at_its_step(
    fresh_corpus: Path, tiny_run: TrainConfig, tmp_path: Path
) -> None:
    shard = next((fresh_corpus / "sequences").glob("*train*00000-of*"))
    data = bytearray(shard.read_bytes())
    data[-30] ^= 4
    shard.write_bytes(data)
    with pytest.raises(StageError, match=r"00000-of-00003: record 159 .* damaged"):
        train(tiny_run, str(fresh_corpus), str(tmp_path))


def test_loss_that_is_not_finite_names_the_step_and_keeps_the_batch(
    corpus: Path, tiny_run: TrainConfig, tmp_path: Path
) -> None:
    settings = dataclasses.replace(
        tiny_run.optimizer, learning_rate=1e30, warmup_learning_rate=1e30, warmup_steps=1
    )
    with pytest.raises(StageError, match=r"\.npy; lower optimizer\.learning_rate") as error:
        train(dataclasses.replace(tiny_run, optimizer=settings), str(corpus), str(tmp_path))
    saved = next(tmp_path.glob("bad-batch-step-*.npy"))
    assert np.load(saved, allow_pickle=False).shape == (16, 33)
    assert str(error.value).startswith(f"step {saved.name.split('-')[3]}: loss ")
    assert not list((tmp_path / "checkpoints").glob("*"))


def test_second_signal_is_not_caught() -> None:
    before = signal.getsignal(signal.SIGTERM)
    stop = StopRequest()
    assert not stop.asked
    os.kill(os.getpid(), signal.SIGTERM)
    assert stop.asked
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
    stop.release()
    assert signal.getsignal(signal.SIGTERM) == before


@pytest.mark.parametrize(
    "odd",
    [b'{"step": 2, "lo', bytes(40), b"\xff\xfe{", b"12", b'"x"', b"[]", b"{}", b"[" * 100_000,
     b'{"step": "2"}', b'{"step": 1.5}', b'{"step": 2, "loss": "x"}', b'{"step": 2, "loss": null}'],
)  # fmt: skip
def test_a_line_of_a_log_that_is_none_is_left_out(tmp_path: Path, odd: bytes) -> None:
    (tmp_path / LOG).write_bytes(b'{"step": 1}\n' + odd + b'\n{"step": 3, "loss": NaN}\n' + odd)
    assert [entry["step"] for entry in read_log(tmp_path)] == [1, 3]


def test_parameters_restore_on_one_device(trained: Path) -> None:
    from massivetext.train.inference.model_folder import load_model
    from massivetext.train.model.sharding import MeshConfig

    whole = load_model(str(trained)).params
    halves = load_model(str(trained), MeshConfig(data=2, fsdp=2, model=2)).params
    jax.tree.map(np.testing.assert_array_equal, whole, halves)
    assert len(halves["embed"].sharding.device_set) == 8


def test_folder_without_checkpoints_is_refused(tmp_path: Path) -> None:
    from massivetext.train.inference.model_folder import load_model

    with pytest.raises(CheckpointError, match="no checkpoints here"):
        load_model(str(tmp_path))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("item", ["params", "optimizer"])
def test_a_checkpoint_with_a_file_gone_is_one_clear_error(
    own_run: Path, corpus: Path, tiny_run: TrainConfig, item: str
) -> None:
    files = [p for p in (own_run / "checkpoints" / "12" / item).rglob("*") if p.is_file()]
    max(files, key=lambda path: path.stat().st_size).unlink()
    with pytest.raises(CheckpointError, match="step 12 cannot be restored"):
        train(tiny_run, str(corpus), str(own_run))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"run": {"seed": 7}}, "trained with seed 0, not 7"),
        ({"model": {"context": 16}, "run": {"batch_tokens": (256,)}}, r"context 32, not 16"),
    ],
)
def test_a_resume_of_another_order_of_data_is_refused(
    trained: Path,
    corpus: Path,
    tiny_run: TrainConfig,
    change: dict[str, dict[str, object]],
    message: str,
) -> None:
    other = dataclasses.replace(
        tiny_run,
        **{part: dataclasses.replace(getattr(tiny_run, part), **c) for part, c in change.items()},
    )
    with pytest.raises(CheckpointError, match=message):
        train(other, str(corpus), str(trained))


def test_a_resume_with_other_shards_is_refused(
    trained: Path, fresh_corpus: Path, tiny_run: TrainConfig
) -> None:
    path = fresh_corpus / "sequences" / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"key": "rebuilt"}))
    with pytest.raises(CheckpointError, match="other shards"):
        train(tiny_run, str(fresh_corpus), str(trained))


@pytest.mark.parametrize(
    "steps", [3, *(pytest.param(n, marks=pytest.mark.heavy) for n in (12, 30))]
)
def test_a_profile_is_written_or_missed_aloud(
    corpus: Path,
    tiny_run: TrainConfig,
    tmp_path: Path,
    steps: int,
    capsys: pytest.CaptureFixture[str],
) -> None:
    run = dataclasses.replace(tiny_run.run, steps=steps, profile_steps=5, evaluate_every=0)
    assert train(dataclasses.replace(tiny_run, run=run), str(corpus), str(tmp_path))
    assert bool(list(tmp_path.glob("profile/**/*.xplane.pb"))) == (steps > 10)
    assert ("no profile" in capsys.readouterr().err) == (steps <= 10)
