"""A page's blocks: one pass over the parsed document that keeps text and its place, no more."""

import re
from typing import Any, Final

from massivetext.limits import MAX_HTML_DEPTH
from massivetext.readers.html.blocks.names import name_mask
from massivetext.readers.markup.inline import SPOKEN, spoken


def _tags(names: str) -> frozenset[str]:
    return frozenset(names.split())


# What elements mean here. Any other element is inline: its text belongs to the block around it.
DROPPED: Final = _tags(
    "head script style template iframe object embed svg math canvas audio video map nav "
    "select textarea input img picture source wbr link meta -comment"
)
SUSPECT: Final = _tags("form aside footer dialog menu figcaption")
HEADINGS: Final = _tags("h1 h2 h3 h4 h5 h6")
SPACED: Final = HEADINGS | _tags(  # an empty line on both sides
    "p pre blockquote ul ol dl table figure section article"
)
BLOCKS: Final = (
    SPACED
    | SUSPECT
    | _tags("button")
    | _tags(
        "body div main header details thead tbody tfoot tr td th center fieldset li dt dd caption "
        "address summary hgroup hr noscript"
    )
)
TRUSTED: Final = _tags("article main body")  # their names speak of the whole page

UNSEEN: Final = 1  # readers with scripts do not see it, or not before a script has run
CONTROL: Final = 2  # for finding and doing, not for reading
NOTE: Final = 3  # of consent
BREAK: Final = "\0"  # a <br>; the text of a page holds no NUL

# Words of class and id that name boilerplate, at the start of a word: `share-bar`, not
# `bookshare`, nor `layout--sidebar-left`, a kind of layout; and those that name the main text.
_BAD = re.compile(
    r"(?:^|(?<!-)[\s_-])(?:ads?(?:$|[\s_-])|advert|also|author|banner|bio(?:$|[\s_-])|breadcrumb|byline"
    r"|caption|carousel|comment|consent|cookie|copyright|credit|date|disqus|foot|gallery|gdpr|info"
    r"|login|menu|meta(?:$|[\s_-])|modal|more-|most-|nav|newsletter|outbrain|overlay|paywall"
    r"|pag(?:er|inat)|player|popular|popup|print-|promo|rating|read-?more|recirc|recommend|related"
    r"|reply|respond|shar(?:e|ing)|side-?bar|sign-?up|skip|slider|social|sponsor|subscri|taboola"
    r"|tag-?(?:cloud|links|list)|tags(?:$|[\s_-])|teaser|toolbar|trending|video|widget|facebook"
    r"|instagram|twitter)",
    re.I,
)
_GOOD = re.compile(
    r"(?:article|body|entry|main|page|post|story)[_-]?(?:body|content|copy|text)", re.I
)
# Consent notes, by what the makers of such notes and of sites call them: nobody's text.
_CONSENT = re.compile(
    r"onetrust|cookiebot|didomi|usercentrics|qc-cmp|truste|iubenda-cs|osano"
    r"|(?:cookie|consent|gdpr|ccpa)s?[_-]?(?:law|consent|banner|bar|notice|message|modal|popup|pop-up"
    r"|dialog|overlay|layer|disclaimer|preferences|settings|manager|wall)",
    re.I,
)
_NAMED: Final = SPOKEN | {"br"}
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
_SPACE = re.compile(r"[ \t\n\r\f]+")  # no-break spaces stay: they may be a listing's indent
_NUMBER = re.compile(r"\s*([+-]?\d{1,9})")
_NAME_CHARACTERS = 1_000  # of class and id that are looked at
_CACHED_NAMES = 50_000

_Names = tuple[str | None, str | None, str | None]  # class, id, role
_verdicts: dict[_Names, tuple[bool, bool, bool, int]] = {}  # names repeat within a page and a site


class Block:
    """A block element: its inline text and child blocks in order. Sizes are in characters."""

    __slots__ = (
        "away", "bad", "good", "head", "kind", "link", "linked", "lost", "mass", "names", "near",
        "number", "own", "parent", "parts", "plain", "start", "tag", "text",
    )  # fmt: skip

    def __init__(self, tag: str, parent: "Block | None", bad: bool, good: bool) -> None:
        self.tag, self.parent, self.bad, self.good = tag, parent, bad, good
        self.away = 0  # `UNSEEN`, `CONTROL` or `NOTE`, which the rules of `choose` leave out
        self.names = 0  # groups of words in class and id: `names.name_mask`
        self.kind = ""  # the first word of the class
        self.number = 0  # place in document order
        self.parts: list[str | Block] = []
        self.text = self.link = 0  # own inline text, and the part of it inside links
        self.plain = self.linked = 0  # of the whole subtree: text outside links, text inside
        self.lost = 0  # text that pruning took out of the subtree
        self.own = self.near = 0  # own prose, and the children's
        self.mass = 0.0  # of the group: own prose, the children's and theirs
        self.start: int | None = None  # a list's first number, or an item's own
        self.head: Block | None = None  # the first h1 of the subtree with text outside links


def read_blocks(body: Any) -> Block:
    """Returns the tree of a page's blocks under one `body` block, an empty one if body is None."""
    top = Block("body", None, bad=False, good=False)
    if body is not None:
        _read(body, top, (False, False), 0)
    top.plain += top.text - top.link
    return top


def blocks_below(top: Block) -> list[Block]:
    """Returns the block and all below it, in document order, and tells each its number there."""
    found = list[Block]()
    waiting = [top]
    while waiting:
        block = waiting.pop()
        block.number = len(found)
        found.append(block)
        waiting += [part for part in reversed(block.parts) if isinstance(part, Block)]
    return found


def _read(node: Any, block: Block, state: tuple[bool, bool], depth: int) -> None:
    """Reads a node's children into `block`; state: inside a link, inside pre."""
    if depth > MAX_HTML_DEPTH:  # broken or hostile markup: what lies deeper is one run of text
        _add_text(block, node.text(), state)
        return
    linked, verbatim = state
    child = node.first_child
    while child is not None:
        tag = child.tag
        if tag == "-text":
            _add_text(block, child.text_content, state)
        elif tag in BLOCKS:
            inner = _open(child, tag, block)
            _read(child, inner, (linked, verbatim or tag == "pre"), depth + 1)
            _close(inner, block)
        elif tag in _NAMED:
            _read_named(child, tag, block, state, depth)
        elif tag not in DROPPED and child.first_child is not None:
            if tag and tag.endswith(":math"):  # MathML with a prefix, unknown to parsers of HTML
                _read_named(child, "math", block, state, depth)
            else:
                _read(child, block, (True, verbatim) if tag == "a" else state, depth + 1)
        child = child.next


def _read_named(node: Any, tag: str, block: Block, state: tuple[bool, bool], depth: int) -> None:
    """Reads an element that stands for a text by itself: a line break, a power, a formula."""
    if tag == "br":
        block.parts.append(BREAK)
        return
    text = spoken(node, tag, block.parts)
    if text:
        _add_text(block, text, state)
    elif text is None and tag not in DROPPED:
        _read(node, block, state, depth + 1)


def _add_text(block: Block, text: str, state: tuple[bool, bool]) -> None:
    if not state[1]:
        if text.isspace() and "\xa0" not in text:
            if block.parts and type(block.parts[-1]) is str:  # else space between blocks
                block.parts.append(" ")
            return
        if "\n" in text or "  " in text:
            text = _SPACE.sub(" ", text)
    block.parts.append(text)
    block.text += len(text)
    if state[0]:
        block.link += len(text)


def _is_nothing(block: Block, parent: Block) -> bool:
    """Returns whether a block is without text and parts no text from other text.

    Items count even so: they have a number.
    """
    if block.text or block.tag == "li" or any(type(part) is Block for part in block.parts):
        return False
    return len(parent.parts) < 2 or type(parent.parts[-2]) is Block


def _open(node: Any, tag: str, parent: Block) -> Block:
    """Returns the block of an element, with its verdict by name."""
    block = Block(tag, parent, tag in SUSPECT, good=False)
    block.away = parent.away or (CONTROL if tag == "button" else 0)
    if tag == "noscript":
        block.away = block.away or UNSEEN
    attributes = node.attributes
    if attributes:
        style = attributes.get("style")
        if "hidden" in attributes or (style and _HIDDEN.search(style)):
            block.away = block.away or UNSEEN
        key = attributes.get("class"), attributes.get("id"), attributes.get("role")
        if key != (None, None, None):
            found, good, consent, block.names = _verdicts.get(key) or _judge_names(key)
            if consent and tag not in TRUSTED:
                block.away = NOTE
            block.bad = block.bad or (found and tag not in TRUSTED)
            block.good = good
            block.kind = (key[0] or "").partition(" ")[0]
        block.good = block.good or attributes.get("itemprop") == "articleBody"
    if tag in ("ol", "li") and attributes:
        block.start = _number(attributes.get("start" if tag == "ol" else "value"))
        if "reversed" in attributes:
            _count_down(node, block.start)
    parent.parts.append(block)
    return block


def _count_down(ol: Any, number: int | None) -> None:
    """Gives the items of a reversed list their numbers: from the start, or how many they are."""
    items, child = [], ol.first_child
    while child is not None:
        if child.tag == "li":
            items.append(child)
        child = child.next
    number = len(items) if number is None else number
    for item in items:
        own = _number(item.attributes.get("value"))
        number = number if own is None else own
        item.attrs["value"] = str(number)
        number -= 1


def _number(value: str | None) -> int | None:
    found = _NUMBER.match(value or "")
    return int(found[1]) if found else None


def _close(block: Block, parent: Block) -> None:
    """Sums a read block up, and adds the sums to its parent's; takes it out if it is nothing."""
    if _is_nothing(block, parent):
        parent.parts.pop()
        return
    block.plain += block.text - block.link
    block.linked += block.link
    if block.away:
        return
    parent.plain += block.plain
    parent.linked += block.linked
    if block.tag == "h1" and block.plain:
        block.head = block
    parent.head = parent.head or block.head


def _judge_names(key: _Names) -> tuple[bool, bool, bool, int]:
    """Returns whether names are of boilerplate, main text, a consent note; and `name_mask`."""
    words = f"{key[0] or ''} {key[1] or ''}"[:_NAME_CHARACTERS]
    role = (key[2] or "")[:_NAME_CHARACTERS]
    found, good, consent = (rule.search(words) is not None for rule in (_BAD, _GOOD, _CONSENT))
    verdict = found, good, consent, name_mask(words, role)
    if len(words) < _NAME_CHARACTERS and len(role) < _NAME_CHARACTERS:  # so bounded in bytes, too
        if len(_verdicts) >= _CACHED_NAMES:
            _verdicts.clear()
        _verdicts[key] = verdict
    return verdict
