"""Docstrings and comments of source files as plain text: no marks of comments, no markup.

Read with patterns, never with `ast` or `tokenize`: what these make of a file is a matter of the
Python that runs.
"""

import re
from collections.abc import Iterator

from massivetext.sample.material.packages import Module

_DOCSTRING = re.compile(r'"""(.*?)"""', re.DOTALL)
_HASH_LINES = re.compile(r"(?:^[ \t]*#[^\n]*\n)+", re.MULTILINE)
_BLOCK = re.compile(r"/\*(.*?)\*/", re.DOTALL)
_SLASH_LINES = re.compile(r"(?:^[ \t]*//[^\n]*\n)+", re.MULTILINE)
_MARK = re.compile(r"^[ \t]*(?:#+|//+[!<]?|\*+)(?: |$)", re.MULTILINE)
_SECTIONS = "brief|note|param|returns?|tparam|warning"  # Doxygen's commands
_COMMANDS = f"{_SECTIONS}|a|c|e|p|pre|ref|sa|see"
_MARKUP = (
    (re.compile(r":[\w:]+:`~?([^`<]*?)(?: <[^`]*>)?`"), r"\1"),  # a role of Sphinx
    (re.compile(r"`+_?"), ""),
    (re.compile(r"(?<!\w)\*{1,2}(\w[^*]*)\*{1,2}"), r"\1"),
    (re.compile(r"^[ \t]*\.\. [\w-]+::[^\n]*", re.MULTILINE), "\n"),  # a directive
    (re.compile(rf"(?=[\\@](?:{_SECTIONS})\b)"), "\n\n"),
    (re.compile(rf"[\\@](?:{_COMMANDS})\b(?:\[[a-z, ]*\])? ?"), ""),
)


def documentation(module: Module) -> Iterator[tuple[str, str]]:
    """Yields a module's dotted name with each of its docstrings and longer comments."""
    path, _, _ = module.path.partition(".")
    parts = path.removesuffix("/__init__").split("/")
    name = ".".join(part.strip("_") for part in parts)
    for text in _found(module.text, module.path.endswith((".h", ".hpp"))):
        yield name, plain(text)


def plain(text: str) -> str:
    """Returns the text of a docstring or comment without its marks and markup.

    >>> plain("# Like :func:`~numpy.sum`, *but* over `axis`.")
    'Like numpy.sum, but over axis.'
    """
    text = _MARK.sub("", text)
    for pattern, replacement in _MARKUP:
        text = pattern.sub(replacement, text)
    return text


def _found(text: str, of_c: bool) -> Iterator[str]:
    for pattern in (_BLOCK, _SLASH_LINES) if of_c else (_DOCSTRING, _HASH_LINES):
        yield from pattern.findall(text)
