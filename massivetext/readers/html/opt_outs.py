"""What a page says of its use by machines: robots' directives, TDM reservation, Content-Usage.

* Robots: the header X-Robots-Tag and metas, as search engines document them; `noai` and
  `noimageai` as DeviantArt introduced them, `noml` as Mojeek did.
* TDM Reservation Protocol, W3C community group report of 2024-05-10: `tdm-reservation`,
  `tdm-policy`; a meta goes before the header.
* Content-Usage: draft-ietf-aipref-attach-05 with the labels of draft-ietf-aipref-vocab-08 and of
  earlier drafts; a dictionary of RFC 9651, in which case counts.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

MAX_DIRECTIVES: Final = 50  # of one page
MAX_POLICY: Final = 500  # characters of a policy's address
# Directives that are kept; others (max-snippet, nosnippet, …) say how a page is shown.
DIRECTIVES: Final = frozenset(
    ("noai", "noimageai", "noml", "none", "noindex", "nofollow", "noarchive", "nocache")
)
LABELS: Final = ("train-ai", "ai-use", "search", "train-genai", "genai", "ai", "bots")
ROBOTS: Final = ("robots", "x-robots-tag")  # metas of all robots
OPT_OUT_FIELDS: Final = frozenset(
    ("x-robots-tag", "tdm-reservation", "tdm-policy", "content-usage")
)
_VALUED: Final = frozenset(
    ("max-snippet", "max-image-preview", "max-video-preview", "unavailable_after")
)
_ALL: Final = frozenset(("", "*", "robots", "all"))
_AGENT: Final = re.compile(r"[\w*.-]{1,60}")
_AGENTS: Final = (
    r"[\w.-]{0,40}(?:bot|spider|crawler)(?:-[a-z]{1,20})?|slurp|teoma|google-extended|anthropic-ai"
    r"|meta-externalagent|cohere-ai|omgili"
)
_META_AGENT: Final = re.compile(_AGENTS)
OPT_OUT_META: Final = re.compile(rf"robots|x-robots-tag|tdm-reservation|tdm-policy|{_AGENTS}")
_SPACES: Final = re.compile(r"[;\s]+")
_KEY: Final = r"[a-z*][a-z0-9_.*-]*"
_BARE: Final = (
    r"(?:-?\d{1,15}(?:\.\d{1,3})?|@-?\d{1,15}|%?\"(?:[ !#-\[\]-~]|\\[\"\\])*+\"|:[A-Za-z0-9+/=]*:"
    r"|\?[01]|[A-Za-z*][\w!#$%&'*+.^`|~:/-]*)"
)
_PARAMETERS: Final = rf"(?:;[ ]*{_KEY}(?:={_BARE})?)*+"
_INNER: Final = rf"\((?:[ ]*{_BARE}{_PARAMETERS}(?=[ )]))*+[ ]*\)"
_MEMBER: Final = re.compile(rf"({_KEY})(?:=(?:({_BARE})|{_INNER}))?{_PARAMETERS}", re.ASCII)
_COMMA: Final = re.compile(r"[ \t]*(?:,[ \t]*|\Z)")


class OptOuts(NamedTuple):
    """What a page says, in the order in which it says it; empty where it says nothing."""

    robots: tuple[str, ...] = ()  # directives; of one robot alone: "googlebot: noindex"
    tdm_reservation: str = ""  # "1" or "0"
    tdm_policy: str = ""  # address of a policy
    content_usage: tuple[str, ...] = ()  # "train-ai=n"


NOTHING: Final = OptOuts()


def read_opt_outs(metas: Iterable[tuple[str, str]], fields: Mapping[str, str]) -> OptOuts:
    """Returns what metas and header fields say.

    Args:
      metas: names (or http-equivs) in lower case with their contents, in the page's order.
      fields: of the HTTP header, by names in lower case; several X-Robots-Tags on lines.

    >>> read_opt_outs([("robots", "NoAI, follow"), ("tdm-reservation", "1")], {})
    OptOuts(robots=('noai',), tdm_reservation='1', tdm_policy='', content_usage=())
    """
    named = [(name, content) for name, content in metas if content]
    robots = [*_header_robots(fields.get("x-robots-tag", "")), *_meta_robots(named)]
    reservations = [content for name, content in named if name == "tdm-reservation"]
    policies = [content for name, content in named if name == "tdm-policy"]
    return OptOuts(
        tuple(dict.fromkeys(robots))[:MAX_DIRECTIVES],
        _reserved(reservations) or _reserved(fields.get("tdm-reservation", "").split(",")),
        _policy([*policies, fields.get("tdm-policy", "")]),
        read_content_usage(fields.get("content-usage", "")),
    )


def _header_robots(lines: str) -> Iterator[str]:
    for line in lines.split("\n"):
        yield from read_directives(line)


def _meta_robots(metas: Iterable[tuple[str, str]]) -> Iterator[str]:
    for name, content in metas:
        if name in ROBOTS:
            yield from read_directives(content)
        elif _META_AGENT.fullmatch(name):
            yield from read_directives(content, name)


def read_directives(text: str, agent: str = "") -> Iterator[str]:
    """Yields the directives of one X-Robots-Tag or robots meta.

    A robot's name and a colon hold for what follows them.

    >>> list(read_directives("noindex, BadBot: noai, nofollow, max-snippet: 5"))
    ['noindex', 'badbot: noai', 'badbot: nofollow']
    """
    for part in text.lower().split(",", MAX_DIRECTIVES)[:MAX_DIRECTIVES]:
        name, colon, rest = part.partition(":")
        name = name.strip(" \t\"'")
        if colon and name in _VALUED:
            continue
        if colon and name not in DIRECTIVES and _AGENT.fullmatch(name):
            agent, part = ("" if name in _ALL else name), rest
        for word in _SPACES.split(part.replace(":", " ")):
            directive = word.strip("\"'")
            if directive in DIRECTIVES:
                yield f"{agent}: {directive}" if agent else directive


def _reserved(values: Iterable[str]) -> str:
    """Returns "1" if one of several values reserves, "0" if one says that nothing is."""
    said = {value.strip().strip("\"'") for value in values}
    return "1" if "1" in said else "0" if "0" in said else ""


def _policy(values: Iterable[str]) -> str:
    return next((value.strip()[:MAX_POLICY] for value in values if value.strip()), "")


def read_content_usage(text: str) -> tuple[str, ...]:
    """Returns the preferences of a Content-Usage field, none if it is no dictionary.

    Of several members of one key the last holds; values other than the tokens y and n, and labels
    that no draft has, say nothing.

    >>> read_content_usage("train-ai=n;why=law, search=y, x=(1 2)")
    ('train-ai=n', 'search=y')
    >>> read_content_usage("Train-AI=n")
    ()
    """
    members: dict[str, str | None] = {}
    at, text = 0, text.strip(" ")
    while at < len(text):
        member = _MEMBER.match(text, at)
        comma = _COMMA.match(text, member.end()) if member else None
        ends = comma is not None and comma.end() == len(text)
        if member is None or comma is None or (ends and "," in comma[0]):
            return ()
        members.pop(member[1], None)
        members[member[1]] = member[2]
        at = comma.end()
    return tuple(f"{key}={value}" for key, value in members.items()
                 if key in LABELS and value in ("y", "n"))  # fmt: skip
