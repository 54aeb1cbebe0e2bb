"""``massivetext evaluate``."""

import argparse
import sys
from typing import Any

from massivetext.cli.files import add_text_key
from massivetext.errors import ConfigError
from massivetext.storage.paths import local_path
from massivetext.train.evaluation.results import add_results, read_results


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    parser.add_argument("model", help="the --output of a training run")
    what = parser.add_argument_group("on what (one of the three)")
    what.add_argument("--data", help="a build's folder: its held-out text; or that of the tasks")
    texts = "any documents, as in page.jsonl; -: standard input; bits per byte of their text"
    what.add_argument("--text", nargs="+", metavar="FILE", help=texts)
    add_text_key(what)
    what.add_argument("--suite", choices=["gopher"], help="the paper's tasks, through lm-eval")
    names = "with --data: only these of the paper's tasks, as in hellaswag,lambada"
    what.add_argument("--tasks", metavar="NAME,NAME", help=names)
    limit = "windows a source, documents a file, or questions a task"
    parser.add_argument("--limit", type=int, help=limit)
    parser.add_argument("--context", type=int, default=0, help="tokens; the model's own if not set")


def main(arguments: argparse.Namespace) -> None:
    """Prints bits per byte by source or file, or the tasks; all are kept in the model's folder."""
    if arguments.limit is not None and not 1 <= arguments.limit < 1 << 63:
        raise ConfigError("--limit must be at least 1, and below 2^63")
    if arguments.context < 0:
        raise ConfigError("--context must not be negative")
    if (arguments.data is None) == (arguments.text is None):
        raise ConfigError("name what to evaluate on: either --data FOLDER or --text FILE")
    if arguments.text and (arguments.suite or arguments.tasks):
        raise ConfigError("--text and tasks are evaluated one after the other: leave one out")
    read_results(arguments.model)  # before the long work: a file that cannot be read is told now
    add_results(arguments.model, _evaluate(arguments))


def _evaluate(arguments: argparse.Namespace) -> dict[str, Any]:
    from massivetext.train.model.out_of_memory import fitting

    with fitting("this", "a smaller --context"):
        if arguments.text:
            return _texts(arguments)
        return _suite(arguments) if arguments.suite or arguments.tasks else _sources(arguments)


def _sources(arguments: argparse.Namespace) -> dict[str, Any]:
    from massivetext.train.evaluation.score_folder import score_folder

    limit, context = arguments.limit, arguments.context
    table, found = score_folder(arguments.model, arguments.data, limit, context)
    sys.stdout.write(table + "\n")
    return found


def _texts(arguments: argparse.Namespace) -> dict[str, Any]:
    from massivetext.train.evaluation.score import Scorer
    from massivetext.train.evaluation.texts import format_texts, read_texts, score_texts
    from massivetext.train.inference.model_folder import load_model

    texts = read_texts(arguments.text, arguments.limit, arguments.text_key)
    model = load_model(arguments.model)
    scorer = Scorer(model, arguments.context)
    scores = score_texts(scorer, texts)
    sys.stdout.write(format_texts(scores, scorer.context, arguments.limit) + "\n")
    how = {"context": scorer.context}
    return {"step": model.step, "texts": {name: s._asdict() | how for name, s in scores.items()}}


def _suite(arguments: argparse.Namespace) -> dict[str, Any]:
    from massivetext.train.evaluation.score import Scorer
    from massivetext.train.evaluation.suite import choose_tasks, format_results, run_suite
    from massivetext.train.inference.model_folder import load_model

    tasks = local_path(arguments.data)
    chosen = choose_tasks(arguments.tasks, tasks)
    model = load_model(arguments.model)
    scorer = Scorer(model, arguments.context)
    results = run_suite(scorer, tasks, arguments.limit, chosen)
    sys.stdout.write(format_results(results) + "\n")
    values = {r.task.name: r.value for r in results if r.value is not None}
    return {"step": model.step, "tasks": values}
