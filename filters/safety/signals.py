"""Explicit pages, by what Google publishes of the signals behind SafeSearch.

The paper filters MassiveWeb with SafeSearch and no word list, since lists remove the texts of
minorities (Rae et al. 2021, A.1.1). Here: the page's own rating, lists of domains that the user
supplies, and, if asked for, words of the URL. The body is not looked at. A host of which many
pages are rated is dropped whole by the stage that sees all its pages.
"""

import re
from typing import Final

from massivetext.config.recipe import SafetyRules
from massivetext.document import Document
from massivetext.filters.safety.domains import DomainList
from massivetext.filters.safety.url_words import is_explicit_url
from massivetext.reasons import Reason

ADULT_RATINGS: Final = frozenset(("adult", "mature", "restricted"))
RTA_LABEL: Final = "rta-5042-1996-1400-1577-rta"  # "restricted to adults", of the RTA programme
_SEPARATOR = re.compile("[,;]")


def judge_rating(rating: str) -> Reason | None:
    """Returns `Reason.RATING` if a rating tag or header says that a page is for adults.

    Several ratings stand between commas. A value must be one of `ADULT_RATINGS` as a whole, or
    hold the RTA label; case and white space do not count.

    >>> judge_rating(" Adult"), judge_rating("safe for adult and child")
    (<Reason.RATING: 'rating'>, None)
    """
    if not rating:
        return None
    text = rating.lower()
    values = {value.strip() for value in _SEPARATOR.split(text)}
    return Reason.RATING if RTA_LABEL in text or values & ADULT_RATINGS else None


def judge_domain(url: str, domains: DomainList) -> Reason | None:
    """Returns `Reason.DOMAIN` if the URL, its host or a domain above it is listed."""
    return Reason.DOMAIN if domains.lists(url) else None


def judge_url(url: str) -> Reason | None:
    """Returns `Reason.URL` if the words of the URL speak of an explicit page."""
    return Reason.URL if is_explicit_url(url) else None


def judge_safety(document: Document, rules: SafetyRules, domains: DomainList) -> tuple[Reason, ...]:
    """Returns all reasons to drop a document as explicit: rating, domain, URL."""
    found = (
        judge_rating(document.signals.rating),
        judge_domain(document.url, domains),
        judge_url(document.url) if rules.url_words else None,
    )
    return tuple(reason for reason in found if reason is not None)
