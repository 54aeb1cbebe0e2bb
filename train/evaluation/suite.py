"""Runs the paper's tasks whose data are there through EleutherAI's lm-eval; says what is missing.

Questions are rewritten into five plain kinds in a temporary folder; lm-eval then adds the shots,
asks the model and computes the metrics. It is used offline, and needs neither torch nor a network.
"""

import difflib
import json
import logging
import os
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from massivetext.decontaminate.task_formats import READERS, Kind, Question, to_question
from massivetext.decontaminate.tasks import GROUPS, TASKS, Task
from massivetext.errors import ConfigError, RecordError
from massivetext.limits import MAX_LINE_BYTES
from massivetext.train.evaluation.score import Scorer

os.environ.setdefault("HF_DATASETS_OFFLINE", "1")  # before lm-eval is imported
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TQDM_DISABLE", "1")  # its bars stand between the table and the question


_STRIPPED = {
    "name": "none",
    "filter": [{"function": "remove_whitespace"}, {"function": "take_first"}],
}

# lm-eval's terms for each kind of question, with the names of `Question`'s fields. Not templates of
# them ("{{query}}"): their results are read as Python where they look like a list or a number.
KINDS: dict[Kind, dict[str, Any]] = {
    "text": {
        "output_type": "loglikelihood_rolling",
        "doc_to_text": "",
        "doc_to_target": "query",
    },
    "choice": {
        "output_type": "multiple_choice",
        "doc_to_text": "query",
        "doc_to_choice": "choices",
        "doc_to_target": "gold",
    },
    # A number as text tells lm-eval that the choices are contexts, and the target follows each.
    "context": {
        "output_type": "multiple_choice",
        "doc_to_text": "gold",
        "doc_to_choice": "choices",
        "doc_to_target": "ending",
    },
    "word": {
        "output_type": "loglikelihood",
        "doc_to_text": "query",
        "doc_to_target": "ending",
    },
    # Answers have no space before them; what a model writes after a colon has.
    "answer": {
        "output_type": "generate_until",
        "doc_to_text": "query",
        "doc_to_target": "answers",
        "target_delimiter": " ",
        "generation_kwargs": {"until": ["\n", ".", ","], "max_gen_toks": 16},
        "filter_list": [_STRIPPED],
    },
}
NO_DATA = "no "  # opens the note of a task whose file is not in the folder
METRICS: dict[str, dict[str, Any]] = {
    "bits_per_byte": {"metric": "bits_per_byte"},
    "perplexity": {"metric": "word_perplexity"},
    "acc": {"metric": "acc"},
    "exact_match": {"metric": "exact_match", "ignore_case": True, "ignore_punctuation": True},
}


class Result(NamedTuple):
    """One task's outcome, or why there is none."""

    task: Task
    value: float | None  # accuracies in per cent
    error: float | None  # standard error, where the metric is a mean of questions
    questions: int
    note: str


def choose_tasks(names: str | None, data: Path) -> tuple[Task, ...]:
    """Returns the tasks of a comma-separated list whose data are in the folder; all without one.

    Raises:
      ConfigError: the paper has no task of a name, or its data are not in the folder.
    """
    if names is None:
        return TASKS
    known = {task.name: task for task in TASKS}
    chosen = dict.fromkeys(name.strip() for name in names.split(",") if name.strip())
    for name in chosen:
        if name not in known:
            close = difflib.get_close_matches(name, known, 1)
            listed = "massivetext/decontaminate/tasks.py lists them"
            hint = f"did you mean {close[0]}?" if close else listed
            raise ConfigError(f"--tasks: no task {name!r}; {hint}")
        if absence := _absence(known[name], data):
            raise ConfigError(f"--tasks: {absence}")
    if not chosen:
        raise ConfigError("--tasks names no task, as hellaswag,lambada does")
    return tuple(known[name] for name in chosen)


def run_suite(
    scorer: Scorer, data: Path, limit: int | None = None, tasks: Sequence[Task] = TASKS
) -> list[Result]:
    """Returns a result for each of the tasks, run on at most `limit` questions each.

    Raises:
      ConfigError: lm-eval is not installed, or no task's data are in the folder.
    """
    found = [task for task in tasks if (data / f"{task.name}.jsonl").is_file()]
    if not found:
        raise ConfigError(
            f"{data}: no data of any task; expected files such as {TASKS[0].name}.jsonl"
        )
    with tempfile.TemporaryDirectory() as folder:
        written = {task: write_task(task, data, Path(folder), limit) for task in found}
        ready = [task for task in found if written[task].questions]
        values = evaluate_tasks(scorer, ready, Path(folder)) if ready else {}
    results = [_result(task, values.get(task.name), written.get(task)) for task in tasks]
    return [r._replace(note=r.note or _absence(r.task, data)) for r in results]


class Written(NamedTuple):
    """What became of a task's data."""

    questions: int
    note: str


def write_task(task: Task, data: Path, folder: Path, limit: int | None) -> Written:
    """Writes a task for lm-eval: its questions, its shots and its description."""
    try:
        count = _write(read_questions(task, data / f"{task.name}.jsonl"), task, folder, limit)
        shots_file = data / f"{task.name}.shots.jsonl"
        shots = task.shots if task.shots and shots_file.is_file() else 0
        if shots:
            questions = read_questions(task, shots_file)
            shots = min(shots, _write(questions, task, folder, shots, ".shots"))
    except RecordError as error:
        return Written(0, f"data cannot be read: {error}")
    description = describe(task, folder, shots)
    (folder / f"{task.name}.yaml").write_text(json.dumps(description), encoding="utf-8")
    note = "" if shots == task.shots else f"{shots} shots, not {task.shots}: no NAME.shots.jsonl"
    return Written(count, note)


def read_questions(task: Task, path: Path) -> Iterator[Question]:
    """Yields the questions of a file, one JSON object a line.

    Raises:
      RecordError: a line is not of the task's format; the message names the line.
    """
    with path.open("rb") as file:
        for number, line in enumerate(iter(lambda: file.readline(MAX_LINE_BYTES), b""), 1):
            try:
                record = json.loads(line)
                question = to_question(task.format, record)
            except (ValueError, RecursionError) as error:
                raise RecordError(f"{path.name}:{number}: {error}") from error
            if question is not None:
                yield question


def _write(
    questions: Iterator[Question], task: Task, folder: Path, limit: int | None, kind: str = ""
) -> int:
    count = 0
    with (folder / f"{task.name}{kind}.jsonl").open("w", encoding="utf-8") as file:
        for question in questions:
            if count == limit:
                break
            file.write(json.dumps(question._asdict()) + "\n")
            count += 1
    return count


def describe(task: Task, folder: Path, shots: int) -> dict[str, Any]:
    """Returns the task in lm-eval's own terms (its YAML files hold the same keys)."""
    files = {"test": str(folder / f"{task.name}.jsonl")}
    if shots:
        files["train"] = str(folder / f"{task.name}.shots.jsonl")
    return {
        "task": task.name,
        "dataset_path": "json",
        "dataset_kwargs": {"data_files": files},
        "test_split": "test",
        "num_fewshot": shots,
        "description": task.description,
        "target_delimiter": "",
        "metric_list": [METRICS[task.metric]],
        **KINDS[READERS[task.format].kind],
        **({"fewshot_split": "train", "fewshot_config": {"sampler": "first_n"}} if shots else {}),
    }


def evaluate_tasks(scorer: Scorer, tasks: list[Task], folder: Path) -> dict[str, dict[str, Any]]:
    """Returns lm-eval's results by task.

    Raises:
      ConfigError: lm-eval is not installed.
    """
    try:
        import lm_eval
        from lm_eval.tasks import TaskManager
    except ImportError as error:
        raise ConfigError('the tasks need lm-eval: pip install "lm-eval>=0.4.13"') from error
    logging.getLogger("lm_eval").setLevel(logging.ERROR)  # of 25 lines of warnings none is ours
    from massivetext.train.evaluation.lm_eval_model import HarnessModel

    manager = TaskManager(include_path=str(folder), include_defaults=False)
    found = lm_eval.simple_evaluate(
        model=HarnessModel(scorer),
        tasks=[task.name for task in tasks],
        task_manager=manager,
        bootstrap_iters=0,
    )
    results: dict[str, dict[str, Any]] = found["results"]
    return results


def _result(task: Task, values: dict[str, Any] | None, written: Written | None) -> Result:
    note = written.note if written else ""
    if values is None:
        return Result(task, None, None, 0, note)
    name = METRICS[task.metric]["metric"]
    scale = 100.0 if task.metric in ("acc", "exact_match") else 1.0
    value = float(values[f"{name},none"]) * scale
    error = values.get(f"{name}_stderr,none")
    spread = float(error) * scale if isinstance(error, int | float) else None
    return Result(task, value, spread, written.questions if written else 0, note)


def _absence(task: Task, data: Path) -> str:
    if (data / f"{task.name}.jsonl").is_file():
        return ""
    return f"{NO_DATA}{task.name}.jsonl in {data} ({task.data})"


def format_results(results: list[Result]) -> str:
    """Returns a table by group: ours beside Gopher 280B's, then what was missing and why."""
    lines = [f"{'task':42} {'metric':13} {'ours':>8} {'+-':>6} {'Gopher':>7}  questions"]
    for group in GROUPS:
        own = [r for r in results if r.task.group == group]
        ran = [r for r in own if r.value is not None]
        if ran:
            lines.append(f"{group}: {len(ran)} of {len(own)} tasks")
        lines += [_line(r) for r in ran]
    absent = [r for r in results if r.value is None and r.note.startswith(NO_DATA)]
    failed = [r for r in results if r.value is None and r not in absent]
    lines += [f"not run: {r.task.name}: {r.note or 'its file is empty'}" for r in failed]
    return "\n".join(lines + _name_absent(absent))


def _name_absent(absent: list[Result]) -> list[str]:
    """Returns one line on the tasks whose data are not there, none if all are."""
    if not absent:
        return []
    count = Counter(r.task.group for r in absent)
    groups = ", ".join(f"{group} {number}" for group, number in count.items())
    example = absent[0].note
    return [f"missing: {len(absent)} tasks have no data ({groups}); as in {example}"]


def _line(result: Result) -> str:
    task = result.task
    spread = "" if result.error is None else f"{result.error:.1f}"
    published = "" if task.gopher is None else f"{task.gopher:g}"
    return (
        f"  {task.name:40} {task.metric:13} {result.value:8.3f} {spread:>6} {published:>7}  "
        f"{result.questions:,} {result.note}"
    ).rstrip()
