"""300 items of our own in the shapes of the known sets, and what would flag clean pages wrongly."""

from typing import Final

from massivetext.decontaminate.held_out import Item
from massivetext.decontaminate.selftest.prose import Writer
from massivetext.decontaminate.task_items import Asked

OF_EACH_SHAPE: Final = 75
SHORT: Final = 15  # of the questions: fewer words than an n-gram
# A text that many pages quote, as sets of questions on history quote speeches.
FAMOUS: Final = (
    "Let it be known to every harbor and every hill that we who keep the lamps shall keep them lit,"
    " not for our own ships alone, nor for the ships of those who praise us, but for any keel that"
    " the night has turned around; when the oil runs low we shall burn the benches, and when they"
    " are gone we shall sing, so that no one out there need ever say that the shore was silent."
)
TEMPLATE: Final = "Which one of the statements below about the subject of this chapter is not true"


def make_items(seed: int = 0) -> list[Item]:
    """Returns the items: questions with choices, passages with a last word, articles, code tasks.

    Two items quote `FAMOUS`, and five questions begin with `TEMPLATE`.
    """
    writer = Writer(seed)
    items = [_question(writer, number) for number in range(OF_EACH_SHAPE)]
    items += [_passage(writer, number) for number in range(OF_EACH_SHAPE)]
    items += [Item(f"article/{n}", writer.prose(220)) for n in range(OF_EACH_SHAPE)]
    return items + [_code(writer, number) for number in range(OF_EACH_SHAPE)]


def make_decoys(seed: int = 1) -> list[Item]:
    """Returns items that clean pages share much with: famous texts quoted, and a set's template."""
    writer = Writer(seed)
    quoting = [
        _ask(f"famous/{n}", f"{FAMOUS}\nWho, by this passage, {writer.clause()}?", writer)
        for n in range(2)
    ]
    return quoting + [_ask(f"template/{n}", f"{TEMPLATE}?", writer) for n in range(5)]


def _ask(identity: str, question: str, writer: Writer) -> Item:
    choices = tuple(f"{writer.thing()} of {writer.name()}" for _ in range(4))
    right = writer.rng.choice(choices)
    text = "\n".join([question, *choices])
    return Item(identity, text, asked=Asked(question, choices, (right,)))


def _question(writer: Writer, number: int) -> Item:
    rng = writer.rng
    if number < SHORT:
        question = f"Who first owned {writer.thing()}?"
    else:
        asked = rng.choice(("Why is it that", "What followed when", "How was it known that"))
        question = f"{asked} {writer.clause()}, {writer.clause()}?"
    return _ask(f"question/{number}", question, writer)


def _passage(writer: Writer, number: int) -> Item:
    text = writer.prose(60).replace("\n\n", " ")
    return Item(f"passage/{number}", f"{text} And so it was named {writer.name()}")


def _code(writer: Writer, number: int) -> Item:
    rng = writer.rng
    nouns = [writer.thing().split()[-1] for _ in range(3)]
    name = f"{rng.choice(('count', 'merge', 'find'))}_{nouns[0]}_{nouns[1]}"
    task = (
        f"def {name}({nouns[1]}, {nouns[2]}={rng.randint(2, 99)}):\n"
        f'    """{writer.clause()}: returns {writer.thing()} {rng.choice(("of", "by", "per"))}'
        f' `{nouns[2]}` if {writer.thing()} != {rng.randint(2, 99)}."""'
    )
    body = (
        f"    return [{nouns[0]} % {rng.randint(2, 99)} for {nouns[0]} in {nouns[1]}"
        f" if {nouns[0]} > {nouns[2]}]"
    )
    return Item(f"code/{number}", f"{task}\n{body}", asked=Asked(task, right=(body,)))
