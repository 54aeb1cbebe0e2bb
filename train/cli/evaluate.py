"""``massivetext evaluate``."""

import argparse
import sys
from typing import Any

from massivetext.errors import ConfigError
from massivetext.storage.paths import local_path
from massivetext.train.evaluation.results import add_results, read_results


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    parser.add_argument("model", help="the --output of a training run")
    parser.add_argument("--data", required=True, help="a build's folder, or that of the tasks")
    parser.add_argument("--suite", choices=["gopher"], help="the paper's tasks, through lm-eval")
    parser.add_argument("--limit", type=int, help="windows a source, or questions a task")
    parser.add_argument("--context", type=int, default=0, help="tokens; the model's own if not set")


def main(arguments: argparse.Namespace) -> None:
    """Prints bits per byte by source, or the tasks; both are kept in the model's folder."""
    if arguments.limit is not None and arguments.limit < 1:
        raise ConfigError("--limit must be at least 1")
    if arguments.context < 0:
        raise ConfigError("--context must not be negative")
    read_results(arguments.model)  # before the long work: a file that cannot be read is told now
    found = _suite(arguments) if arguments.suite else _sources(arguments)
    add_results(arguments.model, found)


def _sources(arguments: argparse.Namespace) -> dict[str, Any]:
    import dataclasses

    from massivetext.train.data.dataset import open_dataset
    from massivetext.train.evaluation.loss_by_source import evaluate, format_scores
    from massivetext.train.inference.model_folder import load_model

    model, dataset = load_model(arguments.model), open_dataset(arguments.data)
    if dataset.vocabulary_sha256 != model.about.vocabulary_sha256:
        raise ConfigError(f"{arguments.data}: not the vocabulary that the model was trained with")
    shape = model.about.model
    shape = dataclasses.replace(shape, context=arguments.context or shape.context)
    scores = evaluate(shape, model.params, dataset, model.mesh, arguments.limit)
    sys.stdout.write(format_scores(scores) + "\n")
    by_source = {name: score._asdict() for name, score in scores.items()}
    return {"step": model.step, "context": shape.context, "sources": by_source}


def _suite(arguments: argparse.Namespace) -> dict[str, Any]:
    from massivetext.train.evaluation.score import Scorer
    from massivetext.train.evaluation.suite import format_results, run_suite
    from massivetext.train.inference.model_folder import load_model

    tasks = local_path(arguments.data)
    model = load_model(arguments.model)
    scorer = Scorer(model, arguments.context)
    results = run_suite(scorer, tasks, arguments.limit)
    sys.stdout.write(format_results(results) + "\n")
    values = {r.task.name: r.value for r in results if r.value is not None}
    return {"step": model.step, "tasks": values}
