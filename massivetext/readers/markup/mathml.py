r"""Formulas of pages as TeX between dollars: MathML's own TeX if it has any, else written out."""

import html
import re
from collections.abc import Callable, Iterator
from typing import Final

MAX_CHARACTERS: Final = 1 << 16  # of a formula's markup; longer ones are given as their text
MAX_DEPTH: Final = 60  # of its elements

_ANNOTATION = re.compile(
    r"<(?:\w{1,20}:)?annotation\b[^>]{0,200}?\bencoding\s{0,3}=\s{0,3}[\"']?(?:application/x-)?(?:la)?tex\b"
    r"[^>]{0,200}>([^<]*+)</(?:\w{1,20}:)?annotation",
    re.I,
)
_ALTTEXT = re.compile(
    r"<(?:\w{1,20}:)?math\b[^>]*?\balttext\s{0,3}=\s{0,3}(?:\"([^\"]*+)\"|'([^']*+)')", re.I
)
_TOKEN = re.compile(
    r"<(/?)(?:\w{1,20}:)?([a-zA-Z]\w{0,30})((?:[^<>\"']++|\"[^\"]*+\"|'[^']*+')*+)>"
    r"|<!--.*?-->|([^<]++)|<",
    re.S,
)
_WRAPPED = re.compile(r"^\s*(?:%\s*)?<!\[CDATA\[|(?:%\s*)?\]\]>\s*$")
_FORMULA_TYPES: Final = frozenset((
    "application/mathml+xml", "application/mathml-presentation+xml", "application/x-tex",
    "application/x-latex", "text/asciimath", "text/latex", "text/tex", "text/x-latex", "text/x-tex",
))  # fmt: skip
_STYLE = re.compile(r"^\{\\(?:displaystyle|textstyle) ?(.*)\}$", re.S)
_DELIMITERS = re.compile(r"^(?:\\\(|\\\[|\$\$?)(.*?)(?:\\\)|\\\]|\$\$?)$", re.S)
_VOID: Final = frozenset(("mspace", "none", "mprescripts", "malignmark", "maligngroup"))
_LEFT_OUT: Final = frozenset(("annotation", "annotation-xml", "mphantom"))

Node = tuple[str, list["Node | str"]]


def dollars(tex: str) -> str:
    r"""Returns a formula's TeX between dollars, "" for none.

    >>> dollars(r"{\displaystyle E=mc^{2}}"), dollars(r"\(x\)"), dollars(" ")
    ('$E=mc^{2}$', '$x$', '')
    """
    tex = " ".join(tex.split())
    for pattern in (_DELIMITERS, _STYLE):
        if found := pattern.match(tex):
            tex = found[1].strip()
    return f"${tex}$" if tex else ""


def holds_formula(kind: str) -> bool:
    """Returns whether script elements of a type hold formulas.

    >>> holds_formula("Math/TeX; mode=display"), holds_formula("text/javascript")
    (True, False)
    """
    kind = kind.partition(";")[0].strip().lower()
    return kind.startswith("math/") or kind in _FORMULA_TYPES


def script_formula(kind: str, source: str) -> str:
    r"""Returns the formula in a script element of such a type: MathML, AsciiMath or TeX.

    AsciiMath is given as it is written, between its own marks.

    >>> script_formula("math/tex", "x^2"), script_formula("math/asciimath", "x^2")
    ('$x^2$', '`x^2`')
    """
    kind = kind.partition(";")[0].strip().lower()
    source = _WRAPPED.sub("", source).strip()
    if source.startswith("<"):
        return mathml_tex(source)
    if "ascii" in kind or kind == "math/am":
        return f"`{' '.join(source.split())}`" if source else ""
    return dollars(source)


def mathml_tex(markup: str) -> str:
    """Returns the TeX of a `<math>` element's markup, between dollars.

    >>> mathml_tex("<math><msup><mi>c</mi><mn>2</mn></msup><mo>=</mo><mi>E</mi></math>")
    '$c^{2}=E$'
    """
    if found := _ANNOTATION.search(markup):
        return dollars(html.unescape(found[1]))
    if found := _ALTTEXT.match(markup):
        tex = html.unescape(found[1] or found[2] or "")
        if tex.strip():
            return dollars(tex)
    if len(markup) > MAX_CHARACTERS:
        return dollars(html.unescape(re.sub(r"<[^>]*+>", "", markup)))
    return dollars(_write(("mrow", _children(_TOKEN.finditer(markup), 0))))


def _children(tokens: Iterator[re.Match[str]], depth: int) -> list[Node | str]:
    """Returns the elements and texts up to the end tag that closes them; any end tag does."""
    found: list[Node | str] = []
    for token in tokens:
        closes, name, rest, text = token.groups()
        if text:
            found.append(html.unescape(text))
        elif closes:
            if name not in _VOID:  # parsers of HTML see `<m:mspace/>` as a start and give it an end
                break
        elif name and not rest.endswith("/") and name not in _VOID:
            inner = _children(tokens, depth + 1) if depth < MAX_DEPTH else []
            found.append((name.lower(), inner))
    return found


def _write(node: Node | str) -> str:
    if isinstance(node, str):
        return node.strip()
    name, children = node
    if name in _LEFT_OUT:
        return ""
    arguments = [child for child in children if not (isinstance(child, str) and not child.strip())]
    if name == "semantics":
        return _write(arguments[0]) if arguments else ""
    if name in ("mtable", "mtr", "mtd"):
        return {"mtable": r" \\ ", "mtr": " & ", "mtd": ""}[name].join(map(_write, arguments))
    parts = [_write(child) for child in arguments]
    form = _FORMS.get(name)
    if form and len(parts) == form[0]:
        return form[1](*parts)
    return "".join(parts) if name in _LEAVES else _joined(parts)


def _joined(parts: list[str]) -> str:
    """Returns neighbors side by side, apart where letters or digits would run together."""
    out: list[str] = []
    for part in filter(None, parts):
        if (
            out
            and out[-1][-1].isalnum()
            and part[0].isalnum()
            and (len(out[-1]) > 1 or len(part) > 1)
        ):
            out.append(" ")
        out.append(part)
    return "".join(out)


_LEAVES: Final = frozenset(("mi", "mn", "mo", "mtext", "ms"))
_FORMS: Final[dict[str, tuple[int, Callable[..., str]]]] = {
    "msup": (2, lambda base, up: f"{base}^{{{up}}}"),
    "mover": (2, lambda base, up: f"{base}^{{{up}}}"),
    "msub": (2, lambda base, low: f"{base}_{{{low}}}"),
    "munder": (2, lambda base, low: f"{base}_{{{low}}}"),
    "msubsup": (3, lambda base, low, up: f"{base}_{{{low}}}^{{{up}}}"),
    "munderover": (3, lambda base, low, up: f"{base}_{{{low}}}^{{{up}}}"),
    "mfrac": (2, lambda above, below: rf"\frac{{{above}}}{{{below}}}"),
    "mroot": (2, lambda base, index: rf"\sqrt[{index}]{{{base}}}"),
    "msqrt": (1, lambda base: rf"\sqrt{{{base}}}"),
}
