"""Comparison and export of trained models."""

import json
import shutil
from contextlib import suppress
from pathlib import Path

import jax
import numpy as np
import pytest
from safetensors.numpy import load_file

from massivetext.cli.main import USAGE, main
from massivetext.errors import ConfigError
from massivetext.train.compare import compare, format_points, read_point, trained_alike
from massivetext.train.evaluation.results import add_results, read_results
from massivetext.train.inference.export import new_export
from massivetext.train.inference.model_folder import load_model


def variant(trained: Path, folder: Path, layers: int, score: float) -> Path:
    """A run's folder as `compare` sees it, with other results."""
    folder.mkdir()
    config = json.loads((trained / "config.json").read_text())
    config["model"]["layers"] = layers
    (folder / "config.json").write_text(json.dumps(config))
    results = {
        "step": 12,
        "context": 32,
        "sources": {"all": {"bits_per_byte": score, "tokens": 2 * 24 * 32}},
        "tasks": {"mmlu_anatomy": 20.0 + layers, "mmlu_virology": 30.0 + layers, "lambada": 5.0},
    }
    (folder / "results.json").write_text(json.dumps(results))
    return folder


def test_points_are_ordered_by_size_and_grouped(trained: Path, tmp_path: Path) -> None:
    large = variant(trained, tmp_path / "large", 4, 1.1)
    small = variant(trained, tmp_path / "small", 1, 1.5)
    points = compare([large, trained, small], tmp_path / "scale")
    assert [point.name for point in points] == ["small", trained.name, "large"]
    assert points[0].groups == {"MMLU, acc": 26.0, "reading comprehension, acc": 5.0}
    assert points[1].bits_per_byte.keys() == {"all", "web", "books"}  # from the end of its log
    assert (tmp_path / "scale" / "scale.png").stat().st_size > 10_000
    saved = json.loads((tmp_path / "scale" / "scale.json").read_text())
    assert [p["parameters"] for p in saved] == [p.parameters for p in points]


def change(folder: Path, **values: object) -> None:
    results = json.loads((folder / "results.json").read_text()) | values
    (folder / "results.json").write_text(json.dumps(results))


def test_results_of_an_older_checkpoint_do_not_count(trained: Path, tmp_path: Path) -> None:
    model = shutil.copytree(trained, tmp_path / "model")
    variant(trained, tmp_path / "other", 2, 0.5)
    shutil.copy(tmp_path / "other" / "results.json", model)
    assert read_point(model).bits_per_byte == {"all": 0.5}
    change(model, step=11)
    assert read_point(model) == read_point(trained)._replace(name="model")


def test_models_evaluated_in_two_ways_are_refused(trained: Path, tmp_path: Path) -> None:
    large, small = (variant(trained, tmp_path / str(n), n, 1.0) for n in (4, 1))
    change(large, context=64)
    with pytest.raises(ConfigError, match=r"1 and 4 were evaluated on .* contexts of 32 and 64"):
        compare([large, small], tmp_path / "scale")
    change(large, context=32, sources={"all": {"bits_per_byte": 1.0, "tokens": 768}})
    with pytest.raises(ConfigError, match="evaluated on 1,536 and 768 tokens"):
        compare([large, small], tmp_path / "scale")


def test_what_is_not_evaluated_alike_is_evaluated(
    trained: Path, corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The page's own commands in a row: one model evaluated whole, one only while training."""
    one, other = (shutil.copytree(trained, tmp_path / name) for name in ("one", "other"))
    assert main(["evaluate", str(one), "--data", str(corpus), "--limit", "5"]) == 0
    assert main(["compare", str(one), str(other), "--output", str(tmp_path / "scale")]) == 0
    points = json.loads((tmp_path / "scale" / "scale.json").read_text())
    assert [point["tokens"] for point in points] == [2 * 24 * 32] * 2
    assert points[0]["bits_per_byte"] == points[1]["bits_per_byte"]
    assert [point["trained"] for point in points] == [12 * 512] * 2
    assert "unequal" not in capsys.readouterr().out


def test_models_of_unequal_training_are_marked(trained: Path, tmp_path: Path) -> None:
    large, small = (variant(trained, tmp_path / str(n), n, 1.0) for n in (4, 1))
    points = compare([large, small], tmp_path / "scale")
    assert trained_alike(points)
    assert "unequal" not in format_points(points)
    config = json.loads((small / "config.json").read_text())
    config["run"]["batch_tokens"] = [1024]
    (small / "config.json").write_text(json.dumps(config))
    points = compare([large, small], tmp_path / "scale")
    assert [point.trained for point in points] == [12 * 1024, 12 * 512]
    assert format_points(points).splitlines()[-1].startswith("unequal: ")


@pytest.mark.parametrize("name", ["config.json", "results.json"])
def test_broken_files_are_one_clear_error(trained: Path, tmp_path: Path, name: str) -> None:
    folder = variant(trained, tmp_path / "model", 2, 1.0)
    (folder / name).write_text("{")
    with pytest.raises(ConfigError, match=f"{name}: not JSON"):
        read_point(folder)


def test_models_without_results_are_refused(trained: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="two models"):
        compare([trained], tmp_path / "scale")
    with pytest.raises(ConfigError, match=r"no config\.json"):
        read_point(tmp_path)
    bare = tmp_path / "bare"
    bare.mkdir()
    shutil.copy(trained / "config.json", bare)
    with pytest.raises(ConfigError, match="evaluate first"):
        read_point(bare)


def test_export_holds_the_parameters(trained: Path, tmp_path: Path) -> None:
    output = tmp_path / "export"
    assert main(["train", "export", str(trained), "--output", str(output)]) == 0
    arrays = load_file(output / "model.safetensors")
    params = load_model(str(trained)).params
    np.testing.assert_array_equal(arrays["layers.query"], params["layers"]["query"])
    assert sum(a.size for a in arrays.values()) == sum(a.size for a in jax.tree.leaves(params))
    config = json.loads((output / "config.json").read_text())
    assert config["parameters"] == sum(a.size for a in arrays.values())
    vocabulary = (trained / "vocabulary.model").read_bytes()
    assert (output / "vocabulary.model").read_bytes() == vocabulary
    assert main(["export", str(trained), "--output", str(output)]) == USAGE


@pytest.mark.parametrize("kind", ["plain", "transformers"])
@pytest.mark.parametrize("name", ["config.json", "README.md", "other"])
def test_an_export_leaves_a_folder_with_other_files_alone(
    trained: Path, tmp_path: Path, kind: str, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / name).write_text("mine")
    words = ["export", str(trained), "--output", str(tmp_path), "--format", kind]
    assert main(words) == USAGE
    assert f"holds other files, as {name}; choose another --output" in capsys.readouterr().err
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [(name, "mine")]
    assert main([*words[:2], "--output", str(tmp_path / name), *words[4:]]) == USAGE
    assert "is no folder" in capsys.readouterr().err


def test_an_export_into_the_run_itself_is_refused(trained: Path) -> None:
    before = (trained / "config.json").read_bytes()
    assert main(["export", str(trained), "--output", str(trained)]) == USAGE
    assert (trained / "config.json").read_bytes() == before


def test_an_export_is_whole_or_not_there(trained: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with suppress(InterruptedError), new_export(tmp_path / "empty") as new:
        (new / "config.json").write_text("{}")
        raise InterruptedError
    assert [path.name for path in tmp_path.iterdir()] == ["empty"]
    assert not list((tmp_path / "empty").iterdir())
    assert main(["export", str(trained), "--output", str(tmp_path / "empty")]) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["empty"]
    (tmp_path / "made").mkdir()
    assert (tmp_path / "empty").stat().st_mode == (tmp_path / "made").stat().st_mode
    (tmp_path / "file").touch()
    modes = {path.stat().st_mode for path in (tmp_path / "empty").iterdir()}
    assert modes == {(tmp_path / "file").stat().st_mode}


@pytest.mark.parametrize(
    "values", [{"sources": 3}, {"sources": {"all": 1}}, {"sources": {"web": {"bits_per_byte": 1}}},
               {"context": "x"}, {"tasks": 3}, {"step": 99, "tasks": {"lambada": "x"}}],
)  # fmt: skip
def test_results_of_another_shape_are_one_clear_error(
    trained: Path, tmp_path: Path, values: dict[str, object]
) -> None:
    folder = variant(trained, tmp_path / "model", 2, 1.0)
    change(folder, **values)
    with pytest.raises(ConfigError, match=r"model/results\.json: not what .* delete it"):
        read_point(folder)


def test_a_model_named_twice_is_refused(trained: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="named twice"):
        compare([trained, f"{trained}/../{trained.name}/"], tmp_path / "scale")
    assert not (tmp_path / "scale").exists()


def test_results_of_other_texts_and_tasks_stay(tmp_path: Path) -> None:
    one, other = {"bits_per_byte": 1.0}, {"bits_per_byte": 2.0}
    add_results(str(tmp_path), {"step": 3, "texts": {"all": one, "a": one, "b": one}})
    add_results(str(tmp_path), {"step": 3, "tasks": {"lambada": 1.0, "nq": 2.0}})
    add_results(str(tmp_path), {"step": 3, "texts": {"b": other}})
    add_results(str(tmp_path), {"step": 3, "tasks": {"nq": 3.0}})
    texts, tasks = {"a": one, "b": other}, {"lambada": 1.0, "nq": 3.0}
    assert read_results(str(tmp_path)) == {"step": 3, "texts": texts, "tasks": tasks}
    add_results(str(tmp_path), {"step": 4, "tasks": {"nq": 1.0}})
    assert read_results(str(tmp_path)) == {"step": 4, "tasks": {"nq": 1.0}}
