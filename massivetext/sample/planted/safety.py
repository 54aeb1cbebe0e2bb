"""Pages that say they are for adults, in every way that they can; the text itself is harmless."""

from collections.abc import Iterator
from pathlib import Path

from massivetext.reasons import Reason
from massivetext.sample.material.articles import Article, Supply
from massivetext.sample.material.pages import Page, web_page
from massivetext.sample.material.truth import Plant

_RTA = "RTA-5042-1996-1400-1577-RTA"
_TAGS = (
    '<meta name="rating" content="adult">',
    '<META NAME="RATING" CONTENT="Adult">',
    "<meta content=' mature ' name='Rating'>",
    '<meta name="rating" content="restricted">',
    f'<meta name="rating" content="{_RTA}">',
    f'<meta name="RATING" content="{_RTA.lower()}">',
)
_HEADERS = ("Rating: adult", f"Rating: {_RTA}", "rating: Mature")
_BLOCKED = ("blocked-one.example", "blocked-two.example")
_RATED = Plant("rated", "dropped", (Reason.RATING,))


def write_domain_list(folder: Path) -> None:
    """Writes the sample's domain list in UT1's layout: ``adult/domains``, one a line."""
    (folder / "adult").mkdir(parents=True)
    (folder / "adult" / "domains").write_text("".join(f"{name}\n" for name in _BLOCKED), "utf-8")


def safety_pages(supply: Supply, spare: Supply) -> Iterator[Page]:
    """Yields rated pages, pages on listed domains, and hosts on both sides of the host rule.

    Args:
      supply: articles for pages that stay.
      spare: articles for pages that are dropped, which may share text with other documents.
    """
    for number, tag in enumerate(_TAGS * 2):
        url = f"http://rated-{number:02}.example/"
        yield web_page(spare.take(200)._replace(plant=_RATED), url, number, meta=tag)
    for number, header in enumerate(_HEADERS * 2):
        url = f"http://rated-header-{number}.example/"
        page = web_page(spare.take(200)._replace(plant=_RATED), url, number)
        yield page._replace(headers=(header,))
    listed = Plant("listed_domain", "dropped", (Reason.DOMAIN,))
    for number, name in enumerate(("", "www.", "deep.below.") * 2):
        url = f"http://{name}{_BLOCKED[number % 2]}/{number}"
        yield web_page(spare.take(200)._replace(plant=listed), url, number)
    general = '<meta name="rating" content="general">'
    safe = supply.take(200)._replace(plant=Plant("rated_general"))
    yield web_page(safe, "http://rated-general.example/", 1, meta=general)
    dropped = Plant("unrated_on_rated_host", "dropped", (Reason.HOST,))
    yield from _host("mostly-rated.example", 8, [spare.take(200) for _ in range(2)], dropped, spare)
    kept = Plant("unrated_on_mixed_host")
    yield from _host("half-rated.example", 4, [supply.take(200) for _ in range(4)], kept, spare)
    kept = Plant("unrated_on_small_host")
    yield from _host("small-rated.example", 3, [supply.take(200)], kept, spare)


def _host(
    name: str, rated: int, others: list[Article], plant: Plant, spare: Supply
) -> Iterator[Page]:
    """Yields the pages of a host: so many rated adult, the others not."""
    for number in range(rated):
        article = spare.take(200)._replace(plant=_RATED)
        yield web_page(article, f"http://{name}/rated/{number}", 0, meta=_TAGS[0])
    for number, article in enumerate(others):
        yield web_page(article._replace(plant=plant), f"http://{name}/notes/{number}", 0)
