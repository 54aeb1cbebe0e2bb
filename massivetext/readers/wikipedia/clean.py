"""Clean text of a MediaWiki page's source: prose, headings and lists, nothing else.

Every pass is linear in the page, whatever the page holds: a crawled dump has pages with thousands
of open braces, on which parsers that look ahead take minutes.
"""

import re

from massivetext.readers.wikipedia.brackets import resolve_brackets
from massivetext.readers.wikipedia.entities import decode_entities
from massivetext.readers.wikipedia.html_lists import write_lists
from massivetext.readers.wikipedia.powers import raise_and_lower
from massivetext.readers.wikipedia.sections import lay_out
from massivetext.readers.wikipedia.site import ENGLISH, Site
from massivetext.readers.wikipedia.tags import KEPT, strip_extension_tags
from massivetext.readers.wikipedia.templates.arguments import (
    CODE_END,
    CODE_START,
    EQUALS,
    GONE,
    PART,
)
from massivetext.readers.wikipedia.tidy import tidy

_CONTROL = re.compile("[\0-\x08]")
_TITLE = re.compile(r"\{\{\s*(?:FULL|BASE|SUB|ROOT)?PAGENAMEE?\s*\}\}")

_BREAK = re.compile(
    r"</?(?:br|p|div|blockquote|li|ul|ol|dl|dt|dd|hr|center|h[1-6]|tr"
    r"|section(?!\s+(?:begin|end)\b))\b[^<>]*>[ \t]*",
    re.I,
)
_ITEM = re.compile(r"<li[\s/>]", re.I)
_CODE = re.compile(r"<(/?)(?:code|kbd|samp|tt)\b[^<>]*>", re.I)
# MediaWiki's own tags; what else stands in angle brackets is shown as written: vector<int>.
_TAG = re.compile(
    r"</?(?:abbr|b|bdi|bdo|big|caption|chem|ce|cite|code|col|colgroup|data|del|dfn|em|font|i|ins|kbd"
    r"|languages|link|mark|math|meta|noinclude|nowiki|onlyinclude|poem|pre|q|rb|ref|references"
    r"|rp|rt|rtc|ruby|s|samp|section|small|source|span|strike|strong|sub|sup|syntaxhighlight|table|tbody|td"
    r"|templatestyles|tfoot|th|thead|time|translate|tt|tvar|u|var|wbr|gallery|includeonly)"
    r"(?=[\s/>])[^<>]*>",
    re.I,
)
_EXTERNAL = re.compile(
    r"\[(?:https?:|ftps?:|sftp:|news:|mailto:|irc:|ircs:|gopher:|tel:|geo:|urn:|//)[^\s\[\]]*"
    r"(?:[ \t]([^\[\]\n]*))?\]",
    re.I,
)
_QUOTES = re.compile(r"'{2,}")
_SWITCH = re.compile(
    r"__(?:NOTOC|FORCETOC|TOC|NOEDITSECTION|NEWSECTIONLINK|NONEWSECTIONLINK|NOGALLERY|HIDDENCAT"
    r"|EXPECTUNUSEDCATEGORY|EXPECTUNUSEDTEMPLATE|NOCONTENTCONVERT|NOCC|NOTITLECONVERT|NOTC|INDEX"
    r"|NOINDEX|STATICREDIRECT|DISAMBIG|NOGLOBAL|EXPECTED_UNCONNECTED_PAGE|ARCHIVEDTALK|NOTALK"
    r"|KEIN_INHALTSVERZEICHNIS|KEININHALTSVERZEICHNIS|INHALTSVERZEICHNIS|INHALTSVERZEICHNIS_ERZWINGEN"
    r"|AUCUNSOMMAIRE|AUCUNETDM|SOMMAIRE|FORCERSOMMAIRE|NOINDICE|FORZAINDICE|INDICE|NOTDC|SINTDC"
    r"|FORZARTDC|TDC|SEMTDC|FORCARTDC|GEENINHOUD|INHOUD|BEZSPISU|SPIS|SPISTRESCI"
    r"|БЕЗ_ОГЛАВЛЕНИЯ|БЕЗОГЛ|ОГЛАВЛЕНИЕ|ОГЛ|目次非表示|目次)__"
)
_PART_BEHIND_DIGIT = re.compile(f"(?<=\\d){PART}")


def clean_wikitext(source: str, site: Site = ENGLISH, title: str = "") -> str:
    """Returns the text of a page; "" if nothing but markup is there.

    References, tables, files, categories and comments go. Templates in a sentence give their
    words, numbers and names, unless their kind shows none (docs/wikitext.md); formulas and code
    stay as written. The sections "References", "External links", "Sources", "Further reading",
    "See also", "Citations" and "Notes" go, and so do sections left empty (Borgeaud et al. 2021,
    A.2, describe this cleaning for the evaluation pages of the same group; how MassiveText's were
    cleaned is not known).

    Arguments:
      source: wiki markup of one page.
      site: names of the dump's namespaces, whose files and categories are no text.
      title: stands for {{PAGENAME}}.

    >>> clean_wikitext("'''Ada'''{{cn}} wrote [[note|notes]].<ref>A</ref>")
    'Ada wrote notes.'
    """
    kept: list[str] = []
    text = _CONTROL.sub("", source)
    if title and "PAGENAME" in text:
        text = _TITLE.sub(lambda _: title, text)
    text = _EXTERNAL.sub(_label, strip_extension_tags(text, kept))
    text = _strip_inline(resolve_brackets(text, site), kept)
    return _restore(lay_out(tidy(text)), kept).strip("\n")


def _strip_inline(text: str, kept: list[str]) -> str:
    """Returns text without external links, tags, quotes and switches, entities decoded."""
    text = _EXTERNAL.sub(_label, text)
    if "<su" in text or "<SU" in text:
        text = raise_and_lower(text, kept)
    lines, breaks = _BREAK.subn("\n", text)
    if breaks and _ITEM.search(text):
        lines = _BREAK.sub("\n", write_lists(text))
    text = _CODE.sub(_code_mark, lines)
    text = _SWITCH.sub("", _QUOTES.sub(_apostrophes, _TAG.sub("", text)))
    if PART in text:
        text = _PART_BEHIND_DIGIT.sub(" ", text).replace(PART, "")
    return decode_entities(text).replace("\u00a0", " ").replace(EQUALS, "=")


def _label(match: re.Match[str]) -> str:
    return match.group(1) or GONE


def _code_mark(match: re.Match[str]) -> str:
    return CODE_END if match.group(1) else CODE_START


def _apostrophes(match: re.Match[str]) -> str:
    """Returns what is no markup of two (italic), three (bold) or five (both) apostrophes."""
    count = len(match.group())
    return "'" if count == 4 else "'" * max(count - 5, 0)


def _restore(text: str, kept: list[str]) -> str:
    return KEPT.sub(lambda match: kept[int(match.group(1))], text)
