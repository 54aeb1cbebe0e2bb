"""What a page says of itself besides its text: title, language, rating."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from massivetext.readers.html.opt_outs import (
    NOTHING,
    OPT_OUT_FIELDS,
    OPT_OUT_META,
    OptOuts,
    read_opt_outs,
)

MAX_TITLE: Final = 1_000  # characters
MAX_VALUE: Final = 200  # of a rating or language
MAX_CONTENT: Final = 1_000  # of a meta of robots or the like
_RATING_NAMES = frozenset(("rating", "voluntary content rating"))
_NO_FIELDS: Final[Mapping[str, str]] = {}


class PageSignals(NamedTuple):
    """What head and header say; empty where they say nothing."""

    title: str = ""
    language: str = ""  # lang of the html tag, else the Content-Language tag or header
    rating: str = ""  # of all rating tags and the Rating header, as written, between commas
    opt_outs: OptOuts = NOTHING


def read_signals(tree: Any, fields: Mapping[str, str] = _NO_FIELDS) -> PageSignals:
    """Returns the signals of a parsed page and its HTTP header fields (lower-case names)."""
    metas = [(_meta_name(meta), meta) for meta in tree.css("meta")]
    ratings = [_value(meta, "content") for name, meta in metas if name in _RATING_NAMES]
    languages = [_value(meta, "content") for name, meta in metas if name == "content-language"]
    return PageSignals(
        _title(tree),
        _first(_root_language(tree), *languages, fields.get("content-language", "")),
        _joined(*ratings, fields.get("rating", "")),
        _opt_outs([meta for meta in metas if OPT_OUT_META.fullmatch(meta[0])], fields),
    )


def _opt_outs(metas: list[tuple[str, Any]], fields: Mapping[str, str]) -> OptOuts:
    if not metas and OPT_OUT_FIELDS.isdisjoint(fields):
        return NOTHING
    return read_opt_outs([(name, _content(meta)) for name, meta in metas], fields)


def _meta_name(meta: Any) -> str:
    return (_value(meta, "name") or _value(meta, "http-equiv")).lower()


def _content(meta: Any) -> str:
    return _clean(meta.attributes.get("content") or "", MAX_CONTENT)


def _root_language(tree: Any) -> str:
    root = tree.root
    return "" if root is None else _value(root, "lang") or _value(root, "xml:lang")


def _value(node: Any, name: str) -> str:
    return _clean(node.attributes.get(name) or "", MAX_VALUE)


def _title(tree: Any) -> str:
    node = tree.css_first("title")
    return "" if node is None else _clean(node.text(), MAX_TITLE)


def _clean(text: str, size: int) -> str:
    """Returns text on one line, cut at `size`, without what UTF-8 cannot hold."""
    text = " ".join(text[: 4 * size].replace("\0", "").split())[:size]
    return text.encode("utf-8", "replace").decode()


def _first(*values: str) -> str:
    return next((value for text in values if (value := _clean(text, MAX_VALUE))), "")


def _joined(*values: str) -> str:
    return ", ".join(dict.fromkeys(value for text in values if (value := _clean(text, MAX_VALUE))))
