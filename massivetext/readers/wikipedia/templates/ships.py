"""Ships and their classes, after the numbered forms of Wikipedia's templates."""

import re

from massivetext.readers.wikipedia.templates.arguments import Arguments
from massivetext.readers.wikipedia.templates.words import Writer

_PREFIXES = (
    "ARA", "ARM", "BAE", "BAP", "BNS", "BRP", "CCGS", "CSS", "EML", "ENS", "FGS", "FNS", "FS",
    "GTS", "HDMS", "HMAS", "HMCS", "HMHS", "HMIS", "HMNZS", "HMPNGS", "HMQS", "HMS", "HMSAS",
    "HMT", "HMTS", "HMVS", "HMY", "HNLMS", "HNoMS", "HSwMS", "HTMS", "INS", "JDS", "JS", "KD",
    "KRI", "LÉ", "MFV", "MS", "MSC", "MT", "MTS", "MV", "MY", "NMS", "NNS", "NRP", "NS",
    "ORP", "PNS", "PS", "RFA", "RMS", "ROCS", "ROKS", "RPS", "RRS", "RSS", "RV", "SLNS",
    "SMS", "SMU", "SS", "SSV", "STS", "SV", "TCG", "TS", "TSMS", "TSS", "USAHS", "USAS",
    "USAT", "USC&GS", "USCGC", "USCGD", "USCS", "USFC", "USLHT", "USNS", "USRC", "USS",
    "USAV", "VMV",
)  # fmt: skip
_KINDS = re.compile(
    r"(?:\w+ ){1,3}(?:ship|submarine|battleship|cruiser|destroyer|frigate|gunboat|corvette|sloop|"
    r"aircraft carrier|monitor|ironclad|torpedo boat|minesweeper)"
)


def _ship(prefix: str, name: str, number: str, form: str) -> str:
    """Returns prefix and name, with the number where no form leaves a part of it out.

    The forms differ in what of prefix, name and number is shown; the whole name is right in all.
    """
    words = f"{prefix} {name}".strip()
    return f"{words} ({number})" if number and not form else words


def _any_ship(arguments: Arguments) -> str:
    return _ship(*(arguments.at(index) for index in range(4)))


def _prefixed(prefix: str) -> Writer:
    return lambda arguments: _ship(prefix, *(arguments.at(index) for index in range(3)))


def _class(arguments: Arguments) -> str:
    """Returns a class of ships: forms 0 and 4 without the kind, 5 the name alone."""
    name, kind, form = (arguments.at(index) for index in range(3))
    if form == "5":
        return name
    if form == "4":
        return f"{name} class"
    return f"{name}-class{'' if form == '0' else f' {kind}'}".rstrip()


def ship_writer(name: str) -> Writer | None:
    """Returns the writer of a family of names, "japanese battleship"; None if it is none."""
    if not _KINDS.fullmatch(name):
        return None
    nation, _, kind = name.partition(" ")
    return _prefixed(f"{nation.capitalize()} {kind}")


SHIPS: dict[str, Writer] = {
    **dict.fromkeys(("ship", "ship link"), _any_ship),
    **dict.fromkeys(("sclass", "sclass2", "sclass-", "sclass2-", "ship class"), _class),
    "gs": _prefixed("German submarine"),
    **{prefix.lower(): _prefixed(prefix) for prefix in _PREFIXES},
}
