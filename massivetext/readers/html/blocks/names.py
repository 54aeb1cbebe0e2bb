"""What the class, id and role of an element say of its part in a page, as one bit a group."""

import re
from typing import Final

# Beginnings of words of class or id ($: whole words). Each line is a group, so a bit of a mask.
_GROUPS: Final = (
    "comment|disqus|respond|discussion",
    "shar(?:e|ing)|social|facebook|twitter|instagram|linkedin",
    "nav|menu|breadcrumb|crumb|page[rs]?$|pagin",
    "foot|copyright|legal",
    "sidebar|aside|widget|rail|secondary",
    "cookie|consent|gdpr|privacy",
    "related|recommend|also$|more$|most$|popular|trending|recirc|outbrain|taboola|upsell|cross",
    "meta$|byline|author|date|bio$|time$|posted",
    "newsletter|subscri|paywall|sign(?:up|in)?$|login|register|account",
    "ads?$|advert|sponsor|promo|banner|popup|modal|overlay|dialog|drawer",
    "caption|credit|gallery|slider|carousel|slick|swiper|player|video|thumb",
    "tags?$|tagcloud|categor|label|badge",
    "search|filter|sort|facet|refine",
    "head(?:er)?$|masthead|logo|brand|topbar",
    "teaser|card|tile|grid|item|col(?:s|umns?)?$",
    "product|sku|pdp|shop|cart|price|buy|checkout|woocommerce",
    "review|rating|star|testimonial|feedback",
    "desc|spec|detail|feature|attribute|accordion|tabs?$|faq|toggle|collaps|panel",
    "article|entry|story|blog|news$",
    "content|body|text|copy|prose|rte|richtext|wysiwyg|markdown|main",
    "post|message|topic|thread|forum|answer|question|bubble|reply|quote",
    "title|headline|heading",
    "user|avatar|profile|member|signature|poster|role",
    "list|result|archive|collection|index",
    "toc|skip|print|toolbar|action|button|btn|control|vote|like",
    "code|highlight|doc|api|example|syntax",
    "intro|lead|summary|excerpt|hero|subtitle|dek|standfirst",
    "hid|sr$|visually|screen|mobile|desktop|noprint",
    "section|block|row|wrap|container|inner",
    "event|job|course|recipe|team|contact|address|hours|map|location|form",
)
COUNT: Final = len(_GROUPS)
_WORD = re.compile("[A-Z]?[a-z]+|[A-Z]+")
_GROUP = re.compile("|".join(f"({group})" for group in _GROUPS), re.I)
_ROLES: Final = {
    **dict.fromkeys(
        ("navigation", "menu", "menubar", "banner", "search", "complementary", "tablist"), 1 << 2
    ),
    **dict.fromkeys(("dialog", "alertdialog"), 1 << 9),
    "contentinfo": 1 << 3,
    "main": 1 << 19,
    "article": 1 << 18,
}
_CACHED: Final = 50_000
_LONG: Final = 40  # longer words are not cached, so the cache is bounded in bytes, too
_masks: dict[str, int] = {}  # words repeat from site to site


def name_mask(names: str, role: str = "") -> int:
    """Returns the groups that the words of class and id, and the role, name; bit n is group n."""
    mask = _ROLES.get(role, 0)
    for word in _WORD.findall(names):
        known = _masks.get(word)
        mask |= _judge(word) if known is None else known
    return mask


def _judge(word: str) -> int:
    found = _GROUP.match(word)
    mask = 1 << ((found.lastindex or 1) - 1) if found else 0
    if len(word) < _LONG:
        if len(_masks) >= _CACHED:
            _masks.clear()
        _masks[word] = mask
    return mask
