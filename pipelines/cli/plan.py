"""``massivetext plan``: what a build will take, before it is paid for."""

import argparse
import dataclasses
import sys
import tempfile
from pathlib import Path

from massivetext.config.recipe import Recipe, load_recipe
from massivetext.corpus.parts import InputFile
from massivetext.errors import ConfigError
from massivetext.pipelines.estimate.listing import listed_files
from massivetext.pipelines.estimate.measured import Measured, load, save
from massivetext.pipelines.estimate.predict import predict
from massivetext.pipelines.estimate.prices import DEFAULT, load_prices
from massivetext.pipelines.estimate.sample import draw_files, sample_build
from massivetext.pipelines.estimate.tell import size, tell
from massivetext.pipelines.folder.inputs import input_files, plan

EXTRA = "beam"
_OURS = Path(__file__).parents[1] / "estimate" / "rates.json"  # of our test data


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of ``massivetext plan``."""
    parser.add_argument("recipe", metavar="RECIPE", help="a TOML file, or a shipped recipe's name")
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="override a recipe value"
    )
    parser.add_argument(
        "--listing",
        action="append",
        default=[],
        metavar="SOURCE=FILE",
        help="a list of a source's inputs, a path a line, perhaps with its bytes; may be gzipped",
    )
    parser.add_argument("--workers", type=int, default=16, metavar="N", help="processes at work")
    parser.add_argument("--prices", type=Path, default=DEFAULT, metavar="FILE", help="a TOML table")
    parser.add_argument(
        "--measure", action="store_true", help="build a sample of the inputs here to take the rates"
    )
    parser.add_argument(
        "--sample", type=float, default=0.05, metavar="SHARE", help="of the inputs, for --measure"
    )
    parser.add_argument("--save", metavar="FILE", help="write the rates that --measure took")
    parser.add_argument("--rates", metavar="FILE", help="rates that were saved")


def main(arguments: argparse.Namespace) -> int:
    """Prints the prediction."""
    prices = load_prices(arguments.prices)
    if arguments.workers < 1 or not 0 < arguments.sample <= 1:
        raise ConfigError("--workers is at least 1, and --sample a share above 0, up to 1")
    recipe = load_recipe(arguments.recipe, tuple(arguments.set))
    files = _files(recipe, arguments.listing)
    if arguments.measure:
        measured = _measured(recipe, files, arguments.sample)
        if arguments.save:
            save(measured, arguments.save)
    else:
        measured = load(arguments.rates or str(_OURS))
    prediction = predict(recipe, files, plan(recipe, files), measured)
    own = bool(arguments.measure or arguments.rates)
    sys.stdout.write(tell(prediction, prices, arguments.workers, own) + "\n")
    return 0


def _files(recipe: Recipe, listings: list[str]) -> list[InputFile]:
    """Returns the inputs: of some sources from lists, of the others as a build lists them."""
    listed: list[InputFile] = []
    for text in listings:
        source, is_pair, path = text.partition("=")
        if not is_pair:
            raise ConfigError(f"--listing: say SOURCE=FILE, not {text!r}")
        listed += listed_files(recipe, source, Path(path))
    known = {file.source for file in listed}
    others = {name: named for name, named in recipe.sources.items() if name not in known}
    rest = input_files(dataclasses.replace(recipe, sources=others)) if others else []
    return sorted([*listed, *rest])


def _measured(recipe: Recipe, files: list[InputFile], share: float) -> Measured:
    from massivetext.pipelines.estimate.measure import measure  # Beam: only if needed

    chosen = draw_files(files, share, recipe.seed)
    total = sum(file.size for file in chosen)
    sys.stderr.write(f"a sample of {len(chosen):,} files, {size(total)}, is built here\n")
    with tempfile.TemporaryDirectory(prefix="massivetext-plan-") as folder:
        return measure(sample_build(recipe, chosen, folder))
