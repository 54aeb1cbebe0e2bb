"""Pages that ask not to be used: the signals of a page by name, and the rule that obeys some."""

from collections.abc import Iterator

from massivetext.config.filter_rules import OptOutRules
from massivetext.document import Signals
from massivetext.reasons import Reason

_INDEX = frozenset(("noindex", "nofollow"))  # what `none` means


def find_opt_outs(signals: Signals, robots: tuple[str, ...] = ()) -> list[str]:
    """Returns the names of the signals that a page gives, each once, as recipes obey them.

    Args:
      signals: of the page.
      robots: whose own directives hold, too.

    >>> find_opt_outs(Signals(robots=("noai", "gptbot: noindex"), content_usage=("train-ai=n",)))
    ['noai', 'train-ai']
    """
    names = list(dict.fromkeys(_directives(signals.robots, robots)))
    if signals.tdm_reservation == "1":
        names.append("tdm-reservation")
    if signals.content_usage and refuses_training(signals.content_usage):
        names.append("train-ai")
    return names


def _directives(said: tuple[str, ...], robots: tuple[str, ...]) -> Iterator[str]:
    for directive in said:
        robot, _, name = directive.rpartition(": ")
        if not robot or robot in robots:
            yield name


def refuses_training(usage: tuple[str, ...]) -> bool:
    """Returns whether preferences of Content-Usage refuse the training of language models.

    `train-genai`, `genai`, `ai` and `bots` are labels of earlier drafts; `bots`, use by any
    machine, yields to what is said of training itself.

    >>> refuses_training(("train-ai=n",)), refuses_training(("bots=n", "train-ai=y"))
    (True, False)
    """
    said = dict(preference.split("=") for preference in usage)
    of_training = [
        said[label] for label in ("train-ai", "train-genai", "genai", "ai") if label in said
    ]
    return "n" in (of_training or [said.get("bots", "")])


def judge_opt_outs(signals: Signals, rules: OptOutRules) -> tuple[Reason, ...]:
    """Returns `Reason.OPT_OUT` if a page gives a signal that the rules obey.

    >>> judge_opt_outs(Signals(robots=("noindex",)), OptOutRules())
    ()
    """
    found = set(find_opt_outs(signals, rules.robots))
    if "none" in found:
        found |= _INDEX
    return (Reason.OPT_OUT,) if found & set(rules.obey) else ()
