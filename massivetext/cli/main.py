"""The command line: one front door; each command's code is imported only when it is called."""

import argparse
import difflib
import importlib
import os
import sys
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from massivetext.errors import ConfigError, MassiveTextError, Stopped
from massivetext.extras import advise, require
from massivetext.text.surrogates import LONE_SURROGATE

DONE, FAILED, USAGE, STOPPED = 0, 1, 2, 3  # exit codes; STOPPED can be resumed


class Command(NamedTuple):
    """A command: the module with its ``add_arguments(parser)`` and ``main(arguments)``."""

    module: str
    help: str
    example: str
    resumes: bool = False  # a stopped run continues where it was


_OWN = {
    "build": Command(
        "massivetext.pipelines.cli.build",
        "build a corpus: all stages, resuming what is done",
        "massivetext build sample.toml --output out/sample --workers 2",
        resumes=True,
    ),
    "plan": Command(
        "massivetext.pipelines.cli.plan",
        "what a build will take: time, memory, disk and money, from names and sizes or a sample",
        "massivetext plan sample.toml --set root=out/sample/input --measure --sample 0.2",
    ),
    "verify": Command(
        "massivetext.pipelines.cli.verify",
        "read a build through and name what is damaged; derive sequences anew",
        "massivetext verify out/sample --rederive 50",
    ),
    "trace": Command(
        "massivetext.pipelines.cli.trace",
        "which bytes of which documents a training sequence is made of",
        "massivetext trace out/sample massivetext-train.tfrecord-00000-of-00004:12",
    ),
    "take-out": Command(
        "massivetext.pipelines.take_out.command",
        "remove documents from a finished build: by URL, host, repository or id",
        "massivetext take-out out/sample --urls removed.txt",
        resumes=True,
    ),
    "overlap": Command(
        "massivetext.pipelines.cli.overlap",
        "stage 3: test sets; or --selftest: what each rule finds of items in pages",
        "massivetext overlap --selftest --set my_items.jsonl",
        resumes=True,
    ),
    "report": Command(
        "massivetext.pipelines.cli.report",
        "write and print the report of a build",
        "massivetext report out/sample",
    ),
    "export-text": Command(
        "massivetext.cli.export_text",
        "write the documents that a build kept as JSON lines or Parquet",
        "massivetext export-text out/sample -o out/text --format jsonl",
        resumes=True,
    ),
    "export-sequences": Command(
        "massivetext.cli.export_sequences",
        "write the token sequences of a build for grain, Megatron, nanoGPT or numpy",
        "massivetext export-sequences out/sample -o out/npy --format npy",
        resumes=True,
    ),
    "show": Command(
        "massivetext.filters.show.cli",
        "documents of a build to read: dropped for a reason, with evidence or twin, or kept",
        "massivetext show out/sample --reason stop_words -n 5",
    ),
    "similar": Command(
        "massivetext.cli.similar",
        "the documents of a build that are nearest to a text",
        "massivetext similar page.txt out/sample -n 5",
    ),
    "diff": Command(
        "massivetext.cli.diff",
        "in what two builds differ: recipe, funnel, and what became of each document",
        "massivetext diff out/before out/after",
    ),
    "rejudge": Command(
        "massivetext.pipelines.rejudge.command",
        "what other thresholds would keep and drop, from a build's stored measures; build it so",
        "massivetext rejudge out/sample --set filters.quality.min_words=30 --output out/short",
        resumes=True,
    ),
    "card": Command(
        "massivetext.cli.card",
        "write a data card of a build, the EU's training summary, or Croissant metadata",
        "massivetext card out/sample -o out/card.md",
    ),
    "jobs": Command(
        "massivetext.pipelines.cli.jobs",
        "show or cancel the remote jobs of an output",
        "massivetext jobs gs://my-bucket/corpus --cancel",
    ),
    "sample": Command(
        "massivetext.sample.cli",
        "write the embedded sample: six sources in their real formats",
        "massivetext sample out/sample/input",
    ),
    "demo": Command(
        "massivetext.sample.cli",
        "the former name of `sample`",
        "massivetext demo out/sample/input",
    ),
    "check-sample": Command(
        "massivetext.sample.check.cli",
        "check a build of the embedded sample against its planted truth",
        "massivetext check-sample out/sample out/sample/input/truth.json",
    ),
    "filter": Command(
        "massivetext.filters.cli",
        "documents through the filters: rows kept, rows dropped with reasons, measures",
        "massivetext filter pages.jsonl.gz --kept kept.jsonl.gz --dropped dropped.jsonl",
    ),
    "explain": Command(
        "massivetext.filters.explain.cli",
        "why one document is kept or dropped: every measure, bound and passage",
        "massivetext explain page.html --url https://example.com/page",
    ),
    "safety": Command(
        "massivetext.filters.safety.text.cli",
        "the classifier of explicit text: weak labels of a build, training",
        "massivetext safety train labels.jsonl -o explicit.bin",
    ),
    "extract": Command(
        "massivetext.cli.extract",
        "text and signals of the pages of web archives",
        "massivetext extract crawl.warc.gz -o pages.jsonl",
    ),
    "dedup": Command(
        "massivetext.cli.dedup",
        "exact and near duplicates among documents: rows that stay, rows that go",
        "massivetext dedup a.jsonl b.jsonl.zst --kept kept.jsonl --dropped copies.jsonl",
    ),
    "tokenize": Command(
        "massivetext.tokenizer.cli",
        "token ids of any text with a trained vocabulary",
        "massivetext tokenize pages.jsonl -o ids.jsonl --vocabulary out/sample/vocabulary",
    ),
    "models": Command(
        "massivetext.cli.models",
        "fetch the language model into the user's cache folder",
        "massivetext models models",
    ),
    "train": Command(
        "massivetext.train.cli.train",
        "train a model on the shards of a build; resumes what is in --output",
        "massivetext train nano --data out/sample --output out/nano --steps 300",
        resumes=True,
    ),
    "generate": Command(
        "massivetext.train.cli.generate",
        "continue a text with a trained model",
        'massivetext generate out/nano --prompt "The river" --temperature 0.8 --top-p 0.9',
    ),
    "evaluate": Command(
        "massivetext.train.cli.evaluate",
        "bits per byte of a trained model by source, and the paper's tasks",
        "massivetext evaluate out/nano --data out/sample",
    ),
    "compare": Command(
        "massivetext.train.cli.compare",
        "plot the results of several models against their size",
        "massivetext compare out/nano out/micro out/mini --output out/scale",
    ),
    "ablate": Command(
        "massivetext.train.cli.ablate",
        "which data make the better model: recipes, seeds, held-out text; with errors",
        "massivetext ablate examples/ablation-small.toml --output out/ablation",
        resumes=True,
    ),
    "export": Command(
        "massivetext.train.cli.export",
        "write a trained model as safetensors with its configuration and vocabulary",
        "massivetext export out/nano --output out/nano-export",
    ),
    "prove-tpu": Command(
        "massivetext.train.cli.prove_tpu",
        "compile the real training step for a TPU slice, without a TPU, and print its memory",
        "massivetext prove-tpu 280b --topology v3:32x32 --slices 4",
    ),
}


@cache
def commands() -> dict[str, Command]:
    """Returns every command by its name, in the order of the help.

    Those of the stages are made of the stages' own objects, which import no Beam; they take a
    moment to import, so a command is looked for among the others first.
    """
    stages = importlib.import_module("massivetext.pipelines.stage_list").STAGES
    of_stages = {
        stage.name: Command(
            "massivetext.pipelines.cli.build", f"stage {number}: {stage.help}", "", resumes=True
        )
        for number, stage in enumerate(stages, 1)
    }
    return {"build": _OWN["build"], **of_stages, **_OWN}


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns the exit code: 0 done, 1 failed, 2 usage, 3 stopped, resumable."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    # numpy would start a thread a core for products of matrices, which no command makes.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        code = _run(words)
        sys.stdout.flush()  # so that a reader that has gone shows here, not when Python ends
        return code
    except KeyboardInterrupt:
        known = commands() if words[:1] and words[0] not in _OWN else _OWN
        if any(known[word].resumes for word in words[:1] if word in known):
            return _fail("stopped; rerun the same command to continue", STOPPED)
        return _fail("stopped; nothing was saved", FAILED)
    except BrokenPipeError:
        # The reader of our output, such as `head`, has gone: nothing is wrong.
        _leave_output()
        return DONE
    except MassiveTextError as error:
        return _fail(str(error), _code(error))
    except OSError as error:
        # A path that cannot be read or written, a full disk: the user's to fix, not a bug.
        _leave_output()
        what = error.strerror or str(error)
        return _fail(f"{error.filename}: {what}" if error.filename else what, FAILED)


def _leave_output() -> None:
    """Gives up what standard output cannot take, else Python tries it again when it ends."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _code(error: MassiveTextError) -> int:
    codes: dict[type[MassiveTextError], int] = {ConfigError: USAGE, Stopped: STOPPED}
    return next((code for kind, code in codes.items() if isinstance(error, kind)), FAILED)


def _fail(message: str, code: int) -> int:
    sys.stderr.write(f"massivetext: {' '.join(message.split())}\n")
    return code


def _run(words: list[str]) -> int:
    if words[:1] == ["train"] and words[1:2] and words[1] in _OWN:
        words = words[1:]  # `train compare` is what `compare` is
    odd = next((word for word in words if LONE_SURROGATE.search(word)), "")
    if odd:
        raise ConfigError(f"{odd!r} is not UTF-8, which names must be: rename it")
    name = words[0] if words else ""
    command = _OWN.get(name) or commands().get(name)
    if command is None:
        return _no_command(words)
    try:
        return _call(name, command, words[1:])
    except ModuleNotFoundError as error:
        raise advise(error, name) or error from error


def _call(name: str, command: Command, words: list[str]) -> int:
    # JAX and Beam are heavy: help and mistakes must not wait for them, so `main` imports them.
    module = importlib.import_module(command.module)
    example = command.example or f"massivetext {name} recipe.toml --output out/corpus"
    own = argparse.ArgumentParser(
        prog=f"massivetext {name}",
        description=command.help,
        epilog=f"example:\n  {example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    module.add_arguments(own)
    known, rest = own.parse_known_args(words)
    if rest and not getattr(module, "PASSES_FLAGS", False):
        own.error(f"unrecognized arguments: {' '.join(rest)}")
    if extra := getattr(module, "EXTRA", ""):
        require(extra, name)
    known.command, known.flags = name, tuple(rest)
    return int(module.main(known) or DONE)


def _no_command(words: list[str]) -> int:
    if words and not words[0].startswith("-"):
        close = difflib.get_close_matches(words[0], commands(), 1)
        hint = f"; did you mean {close[0]}?" if close else "; see massivetext --help"
        raise ConfigError(f"no command {words[0]}{hint}")
    parser = _parser()
    parser.parse_args(words)  # prints the help, or the error
    parser.print_help(sys.stderr)
    return USAGE


def _parser() -> argparse.ArgumentParser:
    from importlib.metadata import version  # as slow as numpy, and needed for help alone

    width = max(map(len, commands())) + 2
    lines = [f"  {name:<{width}}{command.help}" for name, command in commands().items()]
    parser = argparse.ArgumentParser(
        prog="massivetext",
        description="MassiveText and the Gopher family, open.",
        epilog="commands:\n" + "\n".join(lines) + "\n\nmassivetext COMMAND --help says more.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        usage="massivetext COMMAND …",
    )
    parser.add_argument("--version", action="version", version=version("massivetext"))
    return parser
