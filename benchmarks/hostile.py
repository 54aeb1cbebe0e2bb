"""Texts made to strain the kernels: their speed at 125,000 words and at four million.

Nothing may be quadratic: a word of the long text may cost three times as much as one of the short
text, for tables that no cache holds, and no text may be read at less than 12 MB a second.
"""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from massivetext.filters.measure import measure_and_sign

SHORT, LONG = 125_000, 4_000_000
ROUNDS = 2  # the fastest counts
MARKS = "\u0301\u0316"


def number(words: int) -> list[str]:
    """Returns so many different words."""
    return [f"{i:x}" for i in range(words)]


def choose(choices: Sequence[str], words: int) -> list[str]:
    """Returns so many words, chosen at random, always the same."""
    return random.Random(7).choices(choices, k=words)


# Each makes a text of about so many words.
HOSTILE: dict[str, Callable[[int], str]] = {
    "empty": lambda words: "",
    "one line": lambda words: " ".join(choose(number(2000), words)),
    "one long word": lambda words: "x" * 5 * words,
    "one word again and again": lambda words: "word " * words,
    "two words": lambda words: "foo bar " * (words // 2),
    "one line again and again": lambda words: "the same line of six words\n" * (words // 6),
    "one paragraph again and again": lambda words: "two\nlines\n\n" * (words // 2),
    "different words": lambda words: " ".join(number(words)),
    "different lines": lambda words: "\n".join(number(words)),
    "different paragraphs": lambda words: "\n\n".join(number(words)),
    "different words twice": lambda words: " ".join(number(words // 2) * 2),
    "thue-morse": lambda words: " ".join("ab"[i.bit_count() & 1] for i in range(words)),
    "random of two": lambda words: " ".join(choose("ab", words)),
    "random letters": lambda words: " ".join(choose("abcdefghijklmnopqrstuvwxyz", words)),
    "only newlines": lambda words: "\n" * words,
    "only blanks": lambda words: " " * words,
    "only dots": lambda words: "." * words,
    "dots and blanks": lambda words: ". .. ... .... " * (words // 4),
    "hashes": lambda words: "# " * words,
    "nul": lambda words: "\0" * words,
    "nul words": lambda words: "\0 the\0 " * (words // 2),
    "emoji": lambda words: "😀" * words,
    "emoji words": lambda words: "😀 👩\u200d🚀 " * (words // 2),
    "chinese": lambda words: "中文字符" * words,
    "ideographic spaces": lambda words: "中\u3000" * words,
    "no-break spaces": lambda words: "a\u00a0\u2028" * words,
    "right to left": lambda words: "שלום עולם\u200f " * (words // 2),
    "marks": lambda words: "a" + MARKS * words,
    "marked words": lambda words: "a\u0316\u0301 " * words,
    "thirty marks": lambda words: ("a" + MARKS * 15 + " ") * (words // 30),
    "thirty-one marks": lambda words: ("a" + MARKS * 15 + "\u0301 ") * (words // 31),
    "marks that decompose": lambda words: "\u0344\u0f73 \u0f75e\u0f73\u0301 " * (words // 2),
    "hangul": lambda words: "\u1100\u1161\u11a8 가\u11a8 \u1161\u11a8 " * (words // 3),
    "the last code point": lambda words: "\U0010ffff " * words,
    "punctuation": lambda words: "“,” ! ... the, (of) " * (words // 5),
    "long words": lambda words: ("y" * 1000 + " ") * (words // 100),
    "words of one beginning": lambda words: " ".join("z" * (i % 300) for i in range(words // 10)),
    "sizes about a block": lambda words: "\n".join(
        "é" * (i % 70) + "." * (i % 5) for i in range(words // 9)
    ),
}


class Scaling(NamedTuple):
    """One family of texts: nanoseconds a word (a byte, if it has few words), and MB a second."""

    name: str
    short: float
    long: float
    slowest: float

    @property
    def ratio(self) -> float:
        """Returns how much more a word of the long text costs."""
        return self.long / self.short


def measure_hostile() -> Iterator[Scaling]:
    """Returns a row for each family."""
    for name, make in HOSTILE.items():
        texts = [make(SHORT), make(LONG)]
        if not texts[0]:
            continue
        seconds = [_fastest(text) for text in texts]
        sizes = [len(text.encode()) for text in texts]
        units = [max(measure_and_sign(text)[0].words, len(text) // 100) for text in texts]
        short, long = (1e9 * t / n for t, n in zip(seconds, units, strict=True))
        slowest = min(size / t / 1e6 for size, t in zip(sizes, seconds, strict=True))
        yield Scaling(name, short, long, slowest)


def _fastest(text: str) -> float:
    times = []
    for _ in range(ROUNDS if len(text) > 1e6 else 4 * ROUNDS):
        start = time.process_time()
        measure_and_sign(text)
        times.append(time.process_time() - start)
    return min(times)


def main() -> None:
    """Prints the rows."""
    for row in measure_hostile():
        print(
            f"{row.name:32}{row.short:8.1f} ns{row.long:8.1f} ns{row.ratio:6.2f} x"
            f"{row.slowest:8.1f} MB/s"
        )


if __name__ == "__main__":
    main()
