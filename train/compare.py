"""Results of several models against their size, as in the paper's analysis of scale (section 5)."""

import itertools
import json
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from massivetext.config.dataclass_toml import build
from massivetext.decontaminate.tasks import TASKS
from massivetext.errors import ConfigError
from massivetext.storage.files import exists
from massivetext.storage.json_files import require_json
from massivetext.storage.paths import join
from massivetext.train.config.config import ModelConfig
from massivetext.train.evaluation.loss_by_source import ALL
from massivetext.train.evaluation.read_log import read_log
from massivetext.train.evaluation.results import read_results
from massivetext.train.model.model import count_parameters

mpl.use("agg")


class Point(NamedTuple):
    """One model's results."""

    name: str
    parameters: int
    bits_per_byte: dict[str, float]  # by source
    groups: dict[str, float]  # mean over the tasks of a group and metric that were run
    context: int  # that the bits per byte were taken with, and ...
    tokens: int  # ... on how many tokens of all sources


def read_point(folder: Path | str) -> Point:
    """Returns the results in a run's folder: of `evaluate`, else of the end of training.

    Raises:
      ConfigError: the folder is no finished training run.
    """
    settings = join(str(folder), "config.json")
    if not exists(settings):
        raise ConfigError(f"{folder}: no config.json; is it the --output of a training run?")
    config = require_json(settings)
    model = build(ModelConfig, config["model"])
    step, found = _last_scores(folder)
    results = read_results(str(folder))
    if results.get("step", -1) < step:
        results = {}  # of a checkpoint that training has gone on from
    context = results.get("context", model.context)
    found = results.get("sources", found)
    if not found and "tasks" not in results:
        raise ConfigError(f"{folder}: no evaluation; run massivetext evaluate first")
    scores = {name: score["bits_per_byte"] for name, score in found.items()}
    groups = _group_means(results.get("tasks", {}))
    tokens = int(found[ALL]["tokens"]) if found else 0
    return Point(Path(folder).name, count_parameters(model), scores, groups, context, tokens)


def _last_scores(folder: Path | str) -> tuple[int, dict[str, dict[str, float]]]:
    """Returns the scores of the last evaluation in a run's log, after its step; -1 without one."""
    last, scores = -1, dict[str, dict[str, float]]()
    for entry in read_log(folder):
        for key, value in entry.items():
            if key.startswith("validation/"):
                _, source, name = key.split("/")
                scores.setdefault(source, {})[name] = value
                last = entry["step"]
    return last, scores


def _check_alike(points: list[Point]) -> None:
    for one, other in itertools.pairwise(point for point in points if point.tokens):
        if (one.context, one.tokens) != (other.context, other.tokens):
            raise ConfigError(
                f"{one.name} and {other.name} were evaluated on {one.tokens:,} and"
                f" {other.tokens:,} tokens with contexts of {one.context:,} and"
                f" {other.context:,}; evaluate them alike"
            )


def _group_means(values: dict[str, float]) -> dict[str, float]:
    found = defaultdict(list)
    for task in TASKS:
        if task.name in values:
            found[f"{task.group}, {task.metric}"].append(values[task.name])
    return {name: sum(numbers) / len(numbers) for name, numbers in found.items()}


def compare(folders: Sequence[Path | str], output: Path) -> list[Point]:
    """Returns the points, smallest model first, and writes ``scale.png`` and ``scale.json``.

    Raises:
      ConfigError: fewer than two models, one without results, or results that do not compare.
    """
    if len(folders) < 2:
        raise ConfigError("compare needs two models or more")
    points = sorted((read_point(folder) for folder in folders), key=lambda p: p.parameters)
    _check_alike(points)
    output.mkdir(parents=True, exist_ok=True)
    groups = sorted({name for point in points for name in point.groups})
    figure = Figure(figsize=(6 * (1 + len(groups)), 4), layout="constrained")
    axes = figure.subplots(1, 1 + len(groups), squeeze=False)[0]
    _plot_sources(axes[0], points)
    for axis, group in zip(axes[1:], groups, strict=True):
        _plot(axis, [(p.parameters, p.groups[group]) for p in points if group in p.groups], group)
        axis.set(ylabel=group.split(", ")[1], title=group)
    figure.savefig(output / "scale.png", dpi=120)
    text = json.dumps([point._asdict() for point in points], indent=1)
    (output / "scale.json").write_text(text + "\n", encoding="utf-8")
    return points


def _plot_sources(axis: Axes, points: list[Point]) -> None:
    for source in sorted({name for point in points for name in point.bits_per_byte}):
        line = [
            (p.parameters, p.bits_per_byte[source]) for p in points if source in p.bits_per_byte
        ]
        _plot(axis, line, source)
    axis.set(ylabel="bits per byte, held out", title="language modelling by source")
    axis.legend()


def _plot(axis: Axes, line: list[tuple[int, float]], label: str) -> None:
    axis.plot(*zip(*line, strict=True), "o-", label=label, linewidth=2 if label == ALL else 1)
    axis.set(xscale="log", xlabel="parameters")


def format_points(points: list[Point]) -> str:
    """Returns a table, one line a model."""
    lines = [f"{'model':16} {'parameters':>15} {'bits/byte':>10}"]
    for p in points:
        score = f"{p.bits_per_byte[ALL]:10.4f}" if ALL in p.bits_per_byte else f"{'':10}"
        lines.append(f"{p.name:16} {p.parameters:15,} {score}")
    return "\n".join(lines)
