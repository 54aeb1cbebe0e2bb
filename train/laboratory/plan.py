"""What an experiment asks: recipes that differ in one thing, and how models are trained on each."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from massivetext.config.dataclass_toml import build, parse_toml
from massivetext.errors import ConfigError

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z")


@dataclass(frozen=True)
class Variant:
    """One recipe of a plan: what it sets beside the plan's own settings."""

    set: tuple[str, ...] = ()


@dataclass(frozen=True)
class Question:
    """Two recipes and what their models' difference would tell."""

    ask: str
    of: tuple[str, ...]  # the second is compared with the first


@dataclass(frozen=True)
class Plan:
    """One experiment."""

    recipe: str  # of `massivetext build`
    recipes: dict[str, Variant] = field(default_factory=dict)  # the first trains the vocabulary
    questions: tuple[Question, ...] = ()  # none: each recipe against the first
    title: str = ""
    set: tuple[str, ...] = ()  # of every build
    preset: str = "nano"
    train_set: tuple[str, ...] = ()  # of every training run
    steps: int = 600
    seeds: tuple[int, ...] = (0, 1, 2)
    held_out: tuple[str, ...] = ()  # files of text; none: the validation of the first recipe
    vary_data: bool = False  # each seed reads the shards in an order of its own
    windows: int = 64  # of each source's validation, or documents of each file
    max_overlap: float = 0.01  # share of held-out text that may stand in training
    workers: int = 2


def read_plan(path: str) -> Plan:
    """Returns a plan from a TOML file.

    Raises:
      ConfigError: the file is no plan, or its recipes cannot be compared; the message says why.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not a plan that can be read: {error}") from error
    try:
        plan = build(Plan, parse_toml(text, path))
        _check(plan)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from error
    return plan


def _check(plan: Plan) -> None:
    if len(plan.recipes) < 2:
        raise ConfigError("a plan needs two recipes or more: [recipes.NAME] set = [...]")
    for name, variant in plan.recipes.items():
        if not _NAME.match(name):
            raise ConfigError(f"recipes.{name}: a name is letters, digits, dots and dashes")
        _check_vocabulary(name, variant)
    for number, question in enumerate(plan.questions, 1):
        unknown = [name for name in question.of if name not in plan.recipes]
        if unknown or len(question.of) != 2:
            known = ", ".join(plan.recipes)
            raise ConfigError(f"question {number}: of must name two of the recipes {known}")
    _check_numbers(plan)


def _check_vocabulary(name: str, variant: Variant) -> None:
    """Refuses recipes of other vocabularies: their tokens and models would not be comparable."""
    for setting in variant.set:
        if setting.partition("=")[0].strip().partition(".")[0] == "vocabulary":
            raise ConfigError(
                f"recipes.{name} sets {setting!r}: all recipes share one vocabulary; put it into "
                "the plan's own set"
            )


def _check_numbers(plan: Plan) -> None:
    counts = {"steps": plan.steps, "windows": plan.windows, "workers": plan.workers}
    for key, value in counts.items():
        if value < 1:
            raise ConfigError(f"{key} must be at least 1, not {value}")
    if len(set(plan.seeds)) < 2 or len(set(plan.seeds)) < len(plan.seeds):
        raise ConfigError("seeds must be two or more, each once: one model tells nothing of noise")
    if min(plan.seeds) < 0:
        raise ConfigError(f"seeds must not be negative, but {min(plan.seeds)} is")
    if not 0 <= plan.max_overlap <= 1:
        raise ConfigError(f"max_overlap must be between 0 and 1, not {plan.max_overlap}")


def questions_of(plan: Plan) -> tuple[Question, ...]:
    """Returns the plan's questions; without any, each recipe against the first."""
    if plan.questions:
        return plan.questions
    first, *others = plan.recipes
    return tuple(Question(f"{other} against {first}", (first, other)) for other in others)
