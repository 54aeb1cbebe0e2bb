"""Nested brackets of wiki source: templates, links and tables, resolved from the inside out."""

import re

from massivetext.limits import MAX_WIKI_DEPTH
from massivetext.readers.wikipedia.site import ENGLISH, Site
from massivetext.readers.wikipedia.templates.arguments import EQUALS, GONE
from massivetext.readers.wikipedia.templates.render import template_text

# All begin with one of few characters, which the search skips to. A link that holds no other
# brackets is one token; "|}}" ends a template, "|}" and "|}}}" a table (at a line's start).
_TOKEN = re.compile(
    r"\[\[[^\[\]{}|:\n<]*+(?:\|[^\[\]{}|\n]*+)?\]\](?!\])|\[\[|\]{2,}"
    r"|\{\{\{(?!\{)|\{\{|\}{2,}|\{\||\|(?:\}(?!\}(?!\})))?"
    r"|<table\b[^<>]*>|</table\s*>",
    re.I,
)
_OPENS = ("{{", "{{{", "[[", "{|", "<table")
_INTERLANGUAGE = re.compile(r"\s*(?:[a-z]{2,3}(?:-[a-z]{2,8}){0,2}|simple)\s*:(?=\S)")
_FILE = re.compile(  # by its ending, where the dump does not tell its name for files
    r"[^:|\n]{1,40}:[^|\n]{1,250}\.(?:jpe?g|png|svg|gif|tiff?|webp|og[gav]|webm|pdf|djvu|midi?|wav"
    r"|flac|mp3|xcf|stl)\s{0,9}",
    re.I,
)
_WORD_AHEAD = re.compile(r"[ \t]{0,9}(?:[\w'(,.;:–—&$\"“]|\[\[(?![^\[\]|:\n]{0,40}:))")
_LOOK_BACK = 8  # pieces of a line, and characters of each
_LOOK_BACK_CHARACTERS = 80


def resolve_brackets(text: str, site: Site = ENGLISH) -> str:
    """Returns the text with links as their labels, templates as their words, and no tables.

    One pass with a stack. A closing bracket closes the nearest open one of its kind; brackets
    left open in between, or at the end, are taken as text. What lies deeper than `MAX_WIKI_DEPTH`
    is dropped. `GONE` stands where something showed no words.
    """
    return _Resolver(text, site).resolve()


class _Resolver:
    """The open brackets while a text is read from its beginning to its end.

    All share one list of pieces, so that a page of nothing but brackets takes little memory: a
    bracket is its kind, where its pieces start, and where its pipes start in the list of pipes.
    """

    def __init__(self, text: str, site: Site) -> None:
        self._text = text
        self._site = site
        self._pieces: list[str] = []
        self._pipes: list[int] = []  # numbers of the pieces before which they stand
        self._kinds = [""]
        self._starts = [0]
        self._pipe_starts = [0]
        self._open = dict.fromkeys(_OPENS, 0)

    def resolve(self) -> str:
        text, at = self._text, 0
        for found in _TOKEN.finditer(text):
            start, end = found.span()
            if start == at + 1 and text[at] == "}" == text[start]:
                start = at  # of "|}}}", which began as the end of a table
            if start > at:
                self._pieces.append(text[at:start])
            at = self._take(text[start:end], start, end)
        self._pieces.append(text[at:])
        self._flush(1)
        return "".join(self._pieces)

    def _take(self, token: str, start: int, end: int) -> int:
        """Takes one token; returns where the text behind it starts."""
        first = token[0]
        if first == "[":
            if len(token) == 2:
                self._push(token)
            else:
                self._pieces.append(_label(token))
        elif first == "|":
            return self._take_pipe(token, start, end)
        elif first == "}":
            self._close_braces(len(token), end)
        elif first == "]":
            self._close_links(len(token), end)
        elif token in ("{{", "{{{"):
            self._push(token)
        else:
            return self._take_table(token, start, end)
        return end

    def _take_pipe(self, token: str, start: int, end: int) -> int:
        if len(token) > 1 and self._open["{|"] and self._starts_line(start, " \t"):
            self._close(("{|",), end)
            return end
        if len(self._kinds) > 1:
            self._pipes.append(len(self._pieces))
        else:
            self._pieces.append("|")
        return start + 1

    def _starts_line(self, start: int, blanks: str) -> bool:
        """Returns whether only such characters stand before a place in its line."""
        text = self._text
        while start and text[start - 1] in blanks:
            start -= 1
        return not start or text[start - 1] == "\n"

    def _push(self, kind: str) -> None:
        self._kinds.append(kind)
        self._starts.append(len(self._pieces))
        self._pipe_starts.append(len(self._pipes))
        self._open[kind] += 1

    def _take_table(self, token: str, start: int, end: int) -> int:
        if token == "{|":
            if not self._starts_line(start, " \t:"):
                self._pieces.append("{")
                return self._take_pipe("|", start + 1, end)
            if self._pieces:
                self._pieces[-1] = self._pieces[-1].rstrip(" \t:")
            self._push("{|")
        elif token[1] != "/":
            self._push("<table")
        elif self._open["<table"]:
            self._close(("<table",), end)
        return end

    def _close_braces(self, count: int, end: int) -> None:
        """Takes a run of closing braces: three end a parameter, two a template."""
        while count >= 2 and self._open["{{"] + self._open["{{{"]:
            kind = self._nearest(("{{", "{{{"))
            closing = 3 if kind == "{{{" and count > 2 else 2
            count -= closing
            if closing < len(kind):  # "{{{a}}" is a brace, and a template
                self._rename()
            self._close(("{{", "{{{"), end - count)
        if count:
            self._pieces.append("}" * count)

    def _rename(self) -> None:
        """Makes the parameter that was opened last a brace and a template."""
        self._open["{{{"] -= 1
        self._open["{{"] += 1
        self._kinds[-1] = "{{"
        start = self._starts[-1]
        self._pieces.insert(start, "{")
        self._starts[-1] = start + 1
        first = self._pipe_starts[-1]
        self._pipes[first:] = [pipe + 1 for pipe in self._pipes[first:]]

    def _close_links(self, count: int, end: int) -> None:
        """Takes a run of closing brackets: one may belong to an address inside the link."""
        while count >= 2 and self._open["[["]:
            if count > 2 and self._kinds[-1] == "[[" and self._has_open_bracket():
                self._pieces.append("]")
                count -= 1
            self._close(("[[",), end - count + 2)
            count -= 2
        if count:
            self._pieces.append("]" * count)

    def _has_open_bracket(self) -> bool:
        """Returns whether a single "[" is open in the last part of a link."""
        text = self._parts(len(self._kinds) - 1)[-1]
        return text.rfind("[") > text.rfind("]")

    def _nearest(self, kinds: tuple[str, ...]) -> str:
        """Takes what lies open above the nearest bracket of the kinds as text; returns its kind."""
        level = len(self._kinds) - 1
        while self._kinds[level] not in kinds:
            level -= 1
        self._flush(level + 1)
        return self._kinds[level]

    def _close(self, kinds: tuple[str, ...], end: int) -> None:
        kind = self._nearest(kinds)
        parts = self._parts(len(self._kinds) - 1)
        self._open[kind] -= 1
        self._truncate(len(self._kinds) - 1)
        text = self._render(kind, parts, end)
        if "=" in text and self._kinds[-1] == "{{":
            text = text.replace("=", EQUALS)  # of a result: it names no argument
        if text:
            self._pieces.append(text)

    def _parts(self, level: int) -> list[str]:
        """Returns the text of an open bracket between its pipes."""
        is_last = level + 1 == len(self._kinds)
        end = len(self._pieces) if is_last else self._starts[level + 1]
        last_pipe = len(self._pipes) if is_last else self._pipe_starts[level + 1]
        pipes = self._pipes[self._pipe_starts[level] : last_pipe]
        start = self._starts[level]
        if not pipes:
            return ["".join(self._pieces[start:end])]
        cuts = zip([start, *pipes], [*pipes, end], strict=True)
        return ["".join(self._pieces[a:b]) for a, b in cuts]

    def _truncate(self, level: int) -> None:
        """Forgets the open brackets from a level on, and their pieces."""
        del self._pieces[self._starts[level] :], self._pipes[self._pipe_starts[level] :]
        del self._kinds[level:], self._starts[level:], self._pipe_starts[level:]

    def _flush(self, first: int) -> None:
        """Takes the open brackets from `first` on as text of the one below them."""
        if first == len(self._kinds):
            return
        texts = []
        for level in range(first, len(self._kinds)):
            kind = self._kinds[level]
            self._open[kind] -= 1
            if text := _literal(kind, self._parts(level)):
                texts.append(text)
        self._truncate(first)
        self._pieces += texts

    def _render(self, kind: str, parts: list[str], end: int) -> str:
        if len(self._kinds) > MAX_WIKI_DEPTH or kind in ("{|", "<table"):
            return GONE
        if kind == "[[":
            return link_text(parts, self._site)
        if kind == "{{{":  # a parameter that no one gives: what stands for it then
            return "".join(parts[1:2]) or GONE
        return template_text(parts, self._in_sentence(end))

    def _in_sentence(self, end: int) -> bool:
        """Returns whether words stand beside a template in its line, or around it."""
        if self._kinds[-1] in ("{{", "[["):
            return True
        return self._has_words_behind() or bool(_WORD_AHEAD.match(self._text, end))

    def _has_words_behind(self) -> bool:
        """Returns whether the line so far has words, or a list's mark."""
        first = max(self._starts[-1], len(self._pieces) - _LOOK_BACK)
        for index in range(len(self._pieces) - 1, first - 1, -1):
            line = self._pieces[index][-_LOOK_BACK_CHARACTERS:].rpartition("\n")
            if line[2].strip(f" \t{GONE}"):
                return True
            if line[1]:
                return False
        return False


def _label(link: str) -> str:
    """Returns what a link without colons and other brackets shows."""
    target, _, label = link[2:-2].partition("|")
    return (label.strip() or target.strip()).replace("=", EQUALS)


def _literal(kind: str, parts: list[str]) -> str:
    """Returns an open bracket's text without lines of tables and of templates' parameters."""
    text = "|".join(parts)
    if kind in ("{|", "<table"):
        text = "\n".join(["", *text.split("\n")[1:]])  # without attributes
    if "\n" in text or text.startswith(("|", "!")):
        text = "\n".join(line for line in text.split("\n") if not line.startswith(("|", "!")))
    if kind != "[[":
        return text
    return f"[[{text}" if text else "[["


def link_text(parts: list[str], site: Site = ENGLISH) -> str:
    """Returns what a link shows: its label or target; `GONE` for files and categories.

    >>> link_text(["Ada Lovelace", "Ada"]), link_text(["File:a.png", "thumb", "Ada"]) == GONE
    ('Ada', True)
    """
    target = parts[0]
    if ":" in target and _is_hidden(target, len(parts), site):
        return GONE
    label = parts[-1].strip() if len(parts) > 1 else ""
    return label or target.strip().removeprefix(":")


def _is_hidden(target: str, parts: int, site: Site) -> bool:
    prefix = target.partition(":")[0].strip(f" \t\n{GONE}").replace("_", " ").lower()
    if prefix in site.hidden or (parts == 1 and _INTERLANGUAGE.match(target)):
        return True
    return bool(prefix) and len(target) < 300 and bool(_FILE.fullmatch(target))
