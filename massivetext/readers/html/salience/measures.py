"""Measures of each leaf block of a page: its text, its place, its groups, its page.

All are whole numbers or ratios of them, so they are the same on every machine.
"""

import re
from collections import Counter
from typing import Final

import numpy as np
from numpy.typing import NDArray

from massivetext.readers.html.blocks.names import COUNT
from massivetext.readers.html.salience.arrays import TAGS, Floats, Ints, Page

Columns = dict[str, NDArray[np.generic]]

LEVELS: Final = 5  # a block and the ancestors that are measured
SHAPED: Final = 4  # of them, those whose groups of one shape are measured
_NEIGHBORS: Final = (-1, 1)
_WINDOWS: Final = (5, 15)  # leaves on either side
_HINT_WORDS: Final = (  # lower-case words of lines that are no text, a bit a group
    "cookie cookies consent gdpr privacy policy terms",
    "copyright © rights reserved powered",
    "subscribe newsletter sign log login register account email e-mail inbox subscriber unlimited",
    "share tweet follow facebook instagram twitter pinterest whatsapp linkedin",
    "cart bag basket buy stock sold checkout wishlist shipping delivery returns",
    "more all here click view show load find",
    "related recommended also popular trending similar recent latest",
    "reply replies post posts: posted joined likes like views comment comments ago quote member",
    "jan feb mar apr may jun jul aug sep oct nov dec january february march april june july august"
    " september october november december",
    "review reviews rating ratings star stars verified",
    "author written by editor photo image credit",
    "skip menu search back next previous home page",
    "javascript browser loading loading... wait advertisement advert",
)
_BIT_OF_WORD: Final = {
    word: 1 << number for number, words in enumerate(_HINT_WORDS) for word in words.split()
}
_HINTS: Final = frozenset(_BIT_OF_WORD)
_HINT_CHARACTERS: Final = 120
_CURRENCY: Final = re.compile("[$€£¥]")
_ENDS: Final = {".": 1, "!": 2, "?": 3, ":": 4}
_ABOVE: Final = (
    *("article", "main", "aside", "footer", "header", "form", "li", "td", "blockquote"),
    *("section", "dl", "p"),
)


def measure(page: Page, chosen: bytearray, hints: list[int]) -> Columns:
    """Returns the named columns of measures, a value a leaf.

    Args:
      page: the arrays of a page with at least one leaf.
      chosen: 1 for each block of the page that the rules choose.
      hints: what the page says of its own kind: `page_hints`.
    """
    columns: Columns = {}
    _measure_text(page, columns)
    _measure_place(page, columns)
    _measure_names(page, columns)
    _measure_levels(page, columns)
    _measure_neighbors(page, columns)
    _measure_page(page, columns, hints)
    _measure_chosen(page, columns, np.frombuffer(chosen, np.uint8).astype(np.int64))
    return columns


def _measure_text(page: Page, columns: Columns) -> None:
    text, link, texts = page.text[page.leaves], page.link[page.leaves], page.texts
    words = np.array([line.count(" ") + 1 for line in texts])
    columns["text"], columns["linked"] = text, link / text
    columns["words"], columns["word length"] = words, text / words
    columns["commas"] = np.array([line.count(", ") for line in texts])
    columns["stops"] = np.array([line.count(". ") for line in texts])
    columns["end"] = np.array([_ENDS.get(line[-1:], 0) for line in texts])
    hints = np.array([_hints(line) for line in texts])
    for number in range(len(_HINT_WORDS)):
        columns[f"hint {number}"] = hints >> number & 1
    columns["price"] = np.array([_CURRENCY.search(line) is not None for line in texts])
    seen = Counter(texts)
    columns["copies"] = np.array([seen[line] for line in texts])


def _hints(line: str) -> int:
    mask = 0
    for word in _HINTS.intersection(line[:_HINT_CHARACTERS].lower().split()):
        mask |= _BIT_OF_WORD[word]
    return mask


def _measure_place(page: Page, columns: Columns) -> None:
    leaves, text = page.leaves, page.text[page.leaves]
    count, before = len(leaves), np.cumsum(text) - text
    numbers = np.arange(count)
    columns["tag"], columns["depth"] = page.tag[leaves], page.depth[leaves]
    columns["place"], columns["text before"] = numbers / count, before / page.all_text[0]
    columns["number"], columns["from end"] = numbers, count - numbers
    heads = np.flatnonzero(page.tag[leaves] == TAGS["h1"])
    head = before[heads[0]] if len(heads) else 0
    columns["after head"] = before - head if len(heads) else np.full(count, 10**6)
    columns["away"] = page.away[leaves]
    for tag in _ABOVE:
        columns[f"in {tag}"] = page.tags_above[leaves] >> TAGS[tag] & 1


def _measure_names(page: Page, columns: Columns) -> None:
    leaves, up = page.leaves, page.parent
    near = page.names[leaves]
    for _ in range(2):
        leaves = up[leaves]
        near = near | np.where(leaves > 0, page.names[leaves], 0)
    above = page.above[page.leaves]
    for group in range(COUNT):
        columns[f"named {group}"] = near >> group & 1
        columns[f"below {group}"] = above >> group & 1


def _measure_levels(page: Page, columns: Columns) -> None:
    plain = page.all_text - page.all_link
    alike, (alike_text,) = _means(_siblings(page), page.all_text)
    shaped, means = _means(page.shape, page.all_text, page.all_link, page.all_prose)
    level = page.leaves
    for up in range(LEVELS):
        text, leaves = page.all_text[level], np.maximum(1, page.all_leaves[level])
        mean = alike_text[level]
        values: Columns = {
            "tag": page.tag[level],
            "plain": plain[level],
            "linked": page.all_link[level] / np.maximum(1, text),
            "leaves": leaves,
            "share": plain[level] / max(1, plain[0]),
            "mean": plain[level] / leaves,
            "prose": page.all_prose[level] / np.maximum(1, text),
            "prose share": page.all_prose[level] / max(1, page.all_prose[0]),
            "alike": alike[level],
            "alike mean": mean,
            "to alike": text / np.maximum(1, mean),
        }
        if up < SHAPED:
            values |= _measure_shape(page, shaped[level], *(mean[level] for mean in means))
        columns |= {f"up {up} {name}": value for name, value in values.items()}
        level = page.parent[level]


def _measure_shape(page: Page, count: Ints, mean: Floats, links: Floats, prose: Floats) -> Columns:
    text = np.maximum(1, count * mean)
    return {
        "shaped": count,
        "shaped mean": mean,
        "shaped share": text / max(1, page.all_text[0]),
        "shaped linked": count * links / text,
        "shaped prose": count * prose / text,
    }


def _siblings(page: Page) -> Ints:
    """Returns the number of each block's group: those of one parent and one shape."""
    return np.unique(page.shape + (page.shape.max() + 1) * page.parent, return_inverse=True)[1]


def _means(groups: Ints, *sizes: Ints) -> tuple[Ints, list[Floats]]:
    """Returns how many blocks are in the group of each block, and their mean sizes."""
    members = np.bincount(groups)
    sums = [np.bincount(groups, size) for size in sizes]
    return members[groups], [(total / np.maximum(1, members))[groups] for total in sums]


def _grouped(keys: Ints) -> tuple[Ints, int]:
    """Returns the group's number of each leaf and how many groups there are."""
    unique, numbers = np.unique(keys, return_inverse=True)
    return numbers, len(unique)


def _measure_neighbors(page: Page, columns: Columns) -> None:
    text, link = page.text[page.leaves], page.link[page.leaves]
    plain = text - link
    for step in _NEIGHBORS:
        columns[f"at {step} plain"] = _shifted(plain, step)
        columns[f"at {step} tag"] = _shifted(page.tag[page.leaves], step)
    capped = np.minimum(plain, 400)
    for width in _WINDOWS:
        columns[f"around {width} plain"] = _windowed(capped, width)
        columns[f"around {width} linked"] = _windowed(link, width)


def _shifted(values: NDArray[np.generic], step: int) -> Floats:
    """Returns the value of the leaf `step` leaves on, -1 beyond the ends."""
    padding = np.full(abs(step), -1.0)
    if step < 0:
        return np.concatenate((padding, values))[: len(values)]
    return np.concatenate((values, padding))[step:]


def _windowed(values: Ints, width: int) -> Floats:
    """Returns the mean over a leaf and `width` leaves on either side."""
    sums = np.concatenate(([0], np.cumsum(values)))
    numbers = np.arange(len(values))
    first = np.maximum(0, numbers - width)
    last = np.minimum(len(values), numbers + width + 1)
    return np.asarray((sums[last] - sums[first]) / (last - first))


def _measure_page(page: Page, columns: Columns, hints: list[int]) -> None:
    leaves = page.leaves
    text, link = page.text[leaves], page.link[leaves]
    numbers, count = _grouped(page.shape[leaves])
    plain = np.bincount(numbers, text - link, minlength=count)
    every = np.ones(len(leaves))
    total = page.all_text[0]
    in_tag = {tag: text[page.tag[leaves] == TAGS[tag]].sum() / total for tag in ("p", "li", "td")}
    values = {
        "leaves": len(leaves),
        "text": total,
        "plain": total - page.all_link[0],
        "linked": page.all_link[0] / total,
        "prose": page.all_prose[0] / total,
        "away": text[page.away[leaves] > 0].sum() / total,
        "top shape": plain.max() / max(1, plain.sum()),
        **{f"in {tag}": share for tag, share in in_tag.items()},
        **{f"says {number}": hint for number, hint in enumerate(hints)},
    }
    columns |= {f"page {name}": value * every for name, value in values.items()}
    order = np.empty(count, np.int64)
    order[np.argsort(-plain, kind="stable")] = np.arange(count)
    columns["shape rank"] = order[numbers]
    columns["shape share"] = plain[numbers] / max(1, plain.sum())


def _measure_chosen(page: Page, columns: Columns, chosen: Ints) -> None:
    """Measures what the rules of `choose` say of the block and of what stands around it."""
    text = page.text[page.leaves]
    own = chosen[page.leaves]
    columns["chosen"] = own
    columns["chosen near"] = _windowed(own * 100, 3)
    total = (own * text).sum()
    every = np.ones(len(text))
    columns["page chosen"] = every * total / page.all_text[0]
    columns["page chosen text"] = every * total
    where = np.flatnonzero(own)
    numbers = np.arange(len(text))
    first, last = (where[0], where[-1]) if len(where) else (0, 0)
    columns["to chosen"] = np.where(
        numbers < first, numbers - first, np.where(numbers > last, numbers - last, 0)
    )
    of_parent = np.bincount(page.parent[page.leaves], own * text, minlength=len(page.parent))
    all_own = np.bincount(page.parent[page.leaves], text, minlength=len(page.parent))
    parents = page.parent[page.leaves]
    columns["chosen beside"] = of_parent[parents] / all_own[parents]
