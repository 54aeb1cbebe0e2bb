"""Other extractors, behind one signature. They are needed for this benchmark alone."""

import importlib
import logging
from collections.abc import Callable, Mapping
from typing import Final

Extractor = Callable[[str, str], str]  # of a page and its URL

RESILIPARSE: Final = "resiliparse"
TRAFILATURA: Final = "trafilatura"
RS_TRAFILATURA: Final = "rs-trafilatura"


def _resiliparse() -> Extractor:
    extract = importlib.import_module("resiliparse.extract.html2text").extract_plain_text
    return lambda html, url: str(extract(html, main_content=True))


def _trafilatura(fast: bool = False) -> Extractor:
    module = importlib.import_module("trafilatura")
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    return lambda html, url: module.extract(html, url=url, fast=fast) or ""


def _rs_trafilatura() -> Extractor:
    extract = importlib.import_module("rs_trafilatura").extract
    return lambda html, url: extract(html, url=url).main_content or ""


_MAKERS: Final[Mapping[str, Callable[[], Extractor]]] = {
    RESILIPARSE: _resiliparse,
    TRAFILATURA: _trafilatura,
    "trafilatura fast": lambda: _trafilatura(fast=True),
    RS_TRAFILATURA: _rs_trafilatura,
}


def installed_peers() -> dict[str, Extractor]:
    """Returns the other extractors that are installed, and prints a line for each that is not."""
    found = {}
    for name, make in _MAKERS.items():
        try:
            found[name] = make()
        except ImportError as error:
            print(f"{name} is left out: {error}")
    return found


def version_of(name: str) -> str:
    """Returns the installed version of an extractor."""
    return importlib.import_module("importlib.metadata").version(name.partition(" ")[0])
