"""Results of several models against their size, as in the paper's analysis of scale (section 5)."""

import itertools
import json
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from massivetext.config.dataclass_toml import build
from massivetext.decontaminate.tasks import TASKS
from massivetext.errors import ConfigError
from massivetext.storage.files import exists, list_names
from massivetext.storage.json_files import require_json
from massivetext.storage.paths import is_local, join, local_path
from massivetext.train.config.config import TrainConfig, tokens_seen
from massivetext.train.config.quantities import spell_count
from massivetext.train.evaluation.loss_by_source import ALL
from massivetext.train.evaluation.read_log import read_log
from massivetext.train.evaluation.results import RESULTS, add_results, read_results
from massivetext.train.evaluation.score_folder import score_folder
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
    trained: int  # tokens that the model was trained on


def read_point(folder: Path | str) -> Point:
    """Returns the results in a run's folder: of `evaluate`, else of the end of training.

    Raises:
      ConfigError: the folder is no finished training run.
    """
    point = _read(folder)
    if not point.bits_per_byte and not point.groups:
        raise ConfigError(f"{folder}: no evaluation; run massivetext evaluate first")
    return point


def _settings(folder: Path | str) -> tuple[TrainConfig, str]:
    """Returns a run's configuration, and the folder of its corpus where the run wrote it."""
    path = join(str(folder), "config.json")
    if not exists(path):
        raise ConfigError(f"{folder}: no config.json; is it the --output of a training run?")
    table: dict[str, Any] = require_json(path)
    corpus = str(table.pop("corpus", ""))
    return build(TrainConfig, table), corpus


def _read(folder: Path | str) -> Point:
    config, _ = _settings(folder)
    step, found = _last_scores(folder)
    results = read_results(str(folder))
    if results.get("step", -1) < step:
        results = {}  # of a checkpoint that training has gone on from
    try:
        context = int(results.get("context", config.model.context))
        found = results.get("sources", found)
        scores = {name: float(score["bits_per_byte"]) for name, score in found.items()}
        groups = _group_means(results.get("tasks", {}))
        tokens = int(found[ALL]["tokens"]) if found else 0
        trained = tokens_seen(config, int(results.get("step", max(step, 0))))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ConfigError(
            f"{folder}/{RESULTS}: not what massivetext evaluate writes ({error!r}); delete it and"
            " evaluate again"
        ) from error
    parameters = count_parameters(config.model)
    return Point(Path(folder).name, parameters, scores, groups, context, tokens, trained)


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


def evaluate_alike(folders: Sequence[Path | str], data: str | None) -> None:
    """Evaluates on the whole validation what was not evaluated, or not as the others were.

    All get the smallest context of them. A model without checkpoints, or whose corpus is not known,
    is left as it is.
    """
    points = [_read(folder) for folder in folders]
    kinds = {(p.context, p.tokens) for p in points if p.tokens or not p.groups}
    if len(kinds) <= 1 and all(tokens for _, tokens in kinds):
        return
    context = min(_settings(folder)[0].model.context for folder in folders)
    for folder in map(str, folders):
        corpus = data or _settings(folder)[1]
        if _is_whole(folder, context) or not _can_be_evaluated(folder, corpus):
            continue
        _, found = score_folder(folder, corpus, context=context)
        add_results(folder, found)


def _is_whole(folder: str, context: int) -> bool:
    """Returns whether the newest results are of the whole validation with this context."""
    found = read_results(folder)
    whole = str(found.get("part", "")).startswith("on the whole")
    return whole and found["context"] == context and found["step"] >= _last_scores(folder)[0]


def _can_be_evaluated(folder: str, corpus: str) -> bool:
    if is_local(folder) and not (Path(folder) / "checkpoints").is_dir():
        return False
    return bool(corpus and (list_names(corpus) or list_names(join(corpus, "sequences"))))


def compare(folders: Sequence[Path | str], output: Path, data: str | None = None) -> list[Point]:
    """Returns the points, smallest model first, and writes ``scale.png`` and ``scale.json``.

    Args:
      folders: the outputs of training runs.
      output: where the plot and the table go.
      data: the build that models without a like evaluation get theirs on; each run's own corpus,
        if not given.

    Raises:
      ConfigError: fewer than two models, one without results, or results that do not compare.
    """
    if len(folders) < 2:
        raise ConfigError("compare needs two models or more")
    if len({_full(folder) for folder in folders}) < len(folders):
        raise ConfigError("a model is named twice; name each once")
    evaluate_alike(folders, data)
    points = sorted((read_point(folder) for folder in folders), key=lambda p: p.parameters)
    _check_alike(points)
    output.mkdir(parents=True, exist_ok=True)
    _plot_points(points, output / "scale.png")
    text = json.dumps([point._asdict() for point in points], indent=1)
    (output / "scale.json").write_text(text + "\n", encoding="utf-8")
    return points


def _full(folder: Path | str) -> str:
    return str(local_path(str(folder)).resolve()) if is_local(str(folder)) else str(folder)


def _plot_points(points: list[Point], path: Path) -> None:
    groups = sorted({name for point in points for name in point.groups})
    figure = Figure(figsize=(7 * (1 + len(groups)), 4.5), layout="constrained")
    axes = figure.subplots(1, 1 + len(groups), squeeze=False)[0]
    figure.suptitle(_title(points))
    style = "o-" if trained_alike(points) else "o"  # unequal runs lie on no curve of size
    _plot_sources(axes[0], points, style)
    for axis, group in zip(axes[1:], groups, strict=True):
        line = [(p.parameters, p.groups[group]) for p in points if group in p.groups]
        _plot(axis, line, group, style)
        name, metric = group.split(", ")
        axis.set(ylabel=f"{metric}, mean of the group's tasks", title=name)
    figure.savefig(path, dpi=150)


def trained_alike(points: list[Point]) -> bool:
    """Returns whether all models were trained on the same number of tokens."""
    return len({point.trained for point in points}) == 1


def _title(points: list[Point]) -> str:
    if trained_alike(points):
        return f"{len(points)} models, {spell_count(points[0].trained)} training tokens each"
    least, most = (f(p.trained for p in points) for f in (min, max))
    return (
        f"{len(points)} models of UNEQUAL training, {spell_count(least)} to {spell_count(most)}"
        " tokens: no curve of size"
    )


def _plot_sources(axis: Axes, points: list[Point], style: str) -> None:
    for source in sorted({name for point in points for name in point.bits_per_byte}):
        line = [
            (p.parameters, p.bits_per_byte[source]) for p in points if source in p.bits_per_byte
        ]
        _plot(axis, line, source, style)
    axis.set(ylabel="bits per byte", title="held-out text by source (lower is better)")
    if axis.lines:
        axis.legend(loc="center left", bbox_to_anchor=(1, 0.5), frameon=False)


def _plot(axis: Axes, line: list[tuple[int, float]], label: str, style: str) -> None:
    axis.plot(*zip(*line, strict=True), style, label=label, linewidth=2 if label == ALL else 1)
    axis.set(xscale="log", xlabel="parameters")
    axis.grid(alpha=0.3)


def format_points(points: list[Point]) -> str:
    """Returns a table, one line a model, and a warning if their training was unequal."""
    lines = [f"{'model':16} {'parameters':>15} {'trained on':>15} {'bits/byte':>10}"]
    for p in points:
        score = f"{p.bits_per_byte[ALL]:10.4f}" if ALL in p.bits_per_byte else f"{'':10}"
        lines.append(f"{p.name:16} {p.parameters:15,} {p.trained:15,} {score}")
    if not trained_alike(points):
        lines.append(
            "unequal: the models were trained on different numbers of tokens, so this is no"
            " comparison of sizes; train all with the same --steps"
        )
    return "\n".join(lines)
