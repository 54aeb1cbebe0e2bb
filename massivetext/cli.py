"""The command line: one front door; each command's code is imported only when it is called."""

import argparse
import difflib
import importlib
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version
from typing import NamedTuple

from massivetext.errors import ConfigError, MassiveTextError, Stopped

DONE, FAILED, USAGE, STOPPED = 0, 1, 2, 3  # exit codes; STOPPED can be resumed


class Command(NamedTuple):
    """A command: the module with its ``add_arguments(parser)`` and ``main(arguments)``."""

    module: str
    help: str
    example: str


COMMANDS = {
    "build": Command(
        "pipelines.command",
        "build a corpus: all stages, resuming what is done",
        "massivetext build massivetext/recipes/sample.toml --output out/sample --workers 2",
    ),
    "documents": Command("pipelines.command", "stage 1: read, extract, filter", ""),
    "duplicates": Command("pipelines.command", "stage 2: exact, near, hosts", ""),
    "overlap": Command("pipelines.command", "stage 3: test sets", ""),
    "vocabulary": Command("pipelines.command", "stage 4: SentencePiece", ""),
    "tokens": Command("pipelines.command", "stage 5: crop, encode, pack", ""),
    "sequences": Command("pipelines.command", "stage 6: mixture, shards", ""),
    "report": Command(
        "pipelines.report",
        "write and print the report of a build",
        "massivetext report out/sample",
    ),
    "jobs": Command(
        "pipelines.jobs_command",
        "show or cancel the Dataflow jobs of an output",
        "massivetext jobs gs://my-bucket/corpus --cancel",
    ),
    "demo": Command(
        "massivetext.demo.command",
        "write the embedded sample: six sources in their real formats",
        "massivetext demo out/sample/input",
    ),
    "check-sample": Command(
        "massivetext.demo.check_command",
        "check a build of the embedded sample against its planted truth",
        "massivetext check-sample out/sample out/sample/input/truth.json",
    ),
    "filter": Command(
        "filters.command",
        "measure documents and name the reasons to drop them",
        "massivetext filter pages.jsonl.gz -o verdicts.jsonl --rules quality,repetition",
    ),
    "extract": Command(
        "massivetext.extract_command",
        "text and signals of the pages of web archives",
        "massivetext extract crawl.warc.gz -o pages.jsonl",
    ),
    "dedup": Command(
        "massivetext.dedup_command",
        "exact and near duplicates among documents",
        "massivetext dedup a.jsonl b.jsonl.zst -o removed.jsonl",
    ),
    "tokenize": Command(
        "tokenizer.command",
        "token ids of any text with a trained vocabulary",
        "massivetext tokenize pages.jsonl -o ids.jsonl --vocabulary out/sample/vocabulary",
    ),
}
TRAINER = ("train", "generate", "evaluate", "compare", "export", "prove-tpu")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns the exit code: 0 done, 1 failed, 2 usage, 3 stopped, resumable."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        code = _train(words) if words and words[0] in TRAINER else _run(words)
        sys.stdout.flush()  # so that a reader that has gone shows here, not when Python ends
        return code
    except KeyboardInterrupt:
        return _fail("stopped; run the same command again to go on", STOPPED)
    except BrokenPipeError:
        # The reader of our output, such as `head`, has gone: nothing is wrong.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except MassiveTextError as error:
        return _fail(str(error), _code(error))
    except OSError as error:
        # A path that cannot be read or written, a full disk: the user's to mend, no bug.
        what = error.strerror or str(error)
        return _fail(f"{error.filename}: {what}" if error.filename else what, FAILED)


def _code(error: MassiveTextError) -> int:
    codes: dict[type[MassiveTextError], int] = {ConfigError: USAGE, Stopped: STOPPED}
    return next((code for kind, code in codes.items() if isinstance(error, kind)), FAILED)


def _fail(message: str, code: int) -> int:
    sys.stderr.write(f"massivetext: {' '.join(message.split())}\n")
    return code


def _train(words: list[str]) -> int:
    return int(importlib.import_module("train.__main__").main(words) or DONE)


def _run(words: list[str]) -> int:
    parser = _parser()
    name = words[0] if words else ""
    if name not in COMMANDS:
        if name and not name.startswith("-"):
            close = difflib.get_close_matches(name, [*COMMANDS, *TRAINER], 1)
            hint = f"; did you mean {close[0]}?" if close else "; see massivetext --help"
            raise ConfigError(f"no command {name}{hint}")
        parser.parse_args(words)  # prints the help, or the error
        parser.print_help(sys.stderr)
        return USAGE
    command = COMMANDS[name]
    module = importlib.import_module(command.module)
    example = command.example or f"massivetext {name} recipe.toml --output out/corpus"
    own = argparse.ArgumentParser(
        prog=f"massivetext {name}",
        description=command.help,
        epilog=f"example: {example}",
        allow_abbrev=False,
    )
    module.add_arguments(own)
    known, rest = own.parse_known_args(words[1:])
    if rest and not getattr(module, "PASSES_FLAGS", False):
        own.error(f"unrecognized arguments: {' '.join(rest)}")
    known.command, known.flags = name, tuple(rest)
    return int(module.main(known) or DONE)


def _parser() -> argparse.ArgumentParser:
    width = max(map(len, [*COMMANDS, *TRAINER])) + 2
    lines = [f"  {name:<{width}}{command.help}" for name, command in COMMANDS.items()]
    lines.append(f"  {', '.join(TRAINER)}: the trainer")
    parser = argparse.ArgumentParser(
        prog="massivetext",
        description="MassiveText and the Gopher family, open.",
        epilog="commands:\n" + "\n".join(lines) + "\n\nmassivetext COMMAND --help says more.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        usage="massivetext COMMAND …",
    )
    parser.add_argument("--version", action="version", version=version("massivetext"))
    return parser


if __name__ == "__main__":
    sys.exit(main())
