"""Kinds of templates that show no words of their sentence; docs/wikitext.md argues each."""

import re

_STARTS = (
    # References and what marks them.
    "cite", "citation", "sfn", "harv", "efn", "ref", "rp", "note", "dead link", "webarchive",
    "wayback", "archived", "snd-ref", "page needed", "cref", "gnb", "bcite", "vcite",
    # Boxes, tables and their rows.
    "infobox", "infoboks", "taxobox", "automatic taxobox", "speciesbox", "navbox", "sidebar",
    "chembox", "drugbox", "geobox", "quote box", "quotebox", "track listing", "tracklist",
    "election box", "s-", "succession", "football box", "footballbox", "weather box",
    "climate chart", "historical populations", "us census", "album ratings", "certification",
    "singlechart", "single chart", "album chart", "familytree", "chart ", "tree chart",
    "ahnentafel",
    "bs-", "routemap", "route diagram", "chess diagram", "legend0", "medal", "goldmedal",
    "silvermedal", "bronzemedal", "collapse", "hidden", "starbox", "planetbox", "col-", "div col",
    "wide image", "multiple image", "css image", "image", "panorama", "tall image", "gallery",
    "location map", "maplink", "osm location map", "graph:", "external media", "listen", "audio",
    "video", "spoken", "inputbox", "pie chart", "bar chart", "bar box", "bar percent", "timeline",
    "bartable", "clade", "cladogram", "fossil range", "long fossil range", "geological range",
    # Pronunciation keys, places on the globe, little pictures.
    "ipa-", "ipac-", "ipa audio", "respell", "pronunciation", "pron-", "usdict", "coord",
    "flagicon", "flag icon", "flagdeco", "increase", "decrease", "steady", "gain", "loss",
    "color box", "colorbox", "icon", "color sample", "mapframe", "geogroup",
    # Notes on the page and for its editors.
    "use ", "short description", "pp-", "engvar", "hatnote", "main", "see also", "see ", "further",
    "about", "for", "redirect", "distinguish", "other ", "details", "not to be confused",
    "dablink", "rellink", "selfref", "short pages", "good article", "featured article",
    "italic title",
    "lowercase title", "displaytitle", "correct title", "multiple issues", "article issues",
    "expand", "cleanup", "unreferenced", "refimprove", "more citations", "more footnotes",
    "no footnotes",
    "one source", "orphan", "proposed", "afd", "update", "incomplete", "disputed", "pov",
    "copy edit",
    "copyedit", "citation style", "globalize", "original research", "weasel", "peacock", "tone",
    "notability", "unreliable", "self-published", "self published", "primary source", "third-party",
    "contradict", "empty section", "in use", "under construction", "underlinked", "wikify", "merge",
    "split", "move", "clear", "toc", "anchor", "authority control", "commons", "wikimedia",
    "sister", "wikisource", "wikiquote", "wikibooks", "wikispecies", "wikinews", "wikivoyage",
    "wikiversity", "wiktionary", "wikidata", "portal", "subject bar", "stack", "featured list",
    "subscription", "registration", "closed access", "open access", "free access", "nsndns",
    "cbignore",
    "persondata", "defaultsort", "lifetime", "category", "catmore", "attribution",
    "source-attribution",
    "contains special", "special characters", "noteslist", "notelist", "ifsubst", "dmoz",
    "age in",
    # Identifiers and addresses of catalogues.
    "doi", "arxiv", "oclc", "issn", "pmid", "pmc", "jstor", "bibcode", "s2cid", "asin", "lccn",
    "hdl", "imdb", "official ", "gutenberg", "librivox", "internet archive", "find a grave",
    "findagrave", "allmusic", "discogs", "musicbrainz", "twitter", "facebook", "instagram",
    "youtube", "github", "goodreads", "rotten", "mojo title", "tcmdb", "ibdb", "worldcat",
    "in our time", "icd", "emedicine", "google books", "iucn", "mathworld", "springer", "intitle",
    "sep entry", "lookfrom", "look from", "nyttopic", "nlab", "govpubs", "mactutor", "dads",
    "world cat", "nlm", "gbif", "itis", "eol", "uniprot", "entrez", "chemspider",
)  # fmt: skip
_NAMES = frozenset({
    # Doubts of an editor behind a word.
    "cn", "fact", "citeneeded", "cb", "ct", "who", "whom", "which", "when", "where", "why", "what",
    "how", "clarify", "clarifyme", "clarification", "dubious", "vague", "verify", "fv", "or",
    "failed verification", "by whom", "by whom?", "according to whom", "according to whom?",
    "like whom", "like whom?", "like what?", "says who", "says who?", "whose", "specify",
    "elucidate", "quantify", "examples", "opinion", "synthesis", "syn", "editorializing",
    "relevance", "lopsided", "cv", "bsn", "medrs", "dn", "disambiguation needed", "nonspecific",
    "buzzword", "jargon", "over explained", "ambiguous", "awkward", "incomprehensible", "spelling",
    "check", "better source", "year missing", "date missing", "page number", "full",
    "full citation",
    "lead", "non-primary source", "third party", "too long", "unbalanced", "excessive", "sic!",
    # Marks for the reader's eye, keys for sorting, switches of layout.
    "r", "ran", "hs", "hidden sort key", "ntsh", "dtsh", "sort key", "sronly", "-", "br", "break",
    "col", "end", "won", "lost", "draw", "tick", "cross", "check mark", "tick!", "yel",
    "goal", "sent off", "subon", "suboff", "sold", "val/sortkey", "ship disambig", "disambig",
    "disambiguation", "hndis", "geodis", "surname", "given name", "set index article", "siadn",
    "bots", "nobots", "tl", "tlx", "tlc", "template link", "mapit", "gbmapping", "oscoor",
    "gbm4ibx",
    "wikicite", "wp", "see", "gnis", "dagger alt", "padlock", "lock", "key icon",
    # Counts that need today's date, tables of prices or an area: no number of the source is right.
    "inflation", "inflation-year", "inflation-fn", "inflation-index", "formatprice", "to usd",
    "pop density", "population density", "time ago",
    "today",
    "currentyear", "currentdate", "date", "age nts", "years ago", "days since",
    "for year month day",
    "metadata population", "population", "us population", "numberofarticles", "gdp",
    "carbon footprint",
})  # fmt: skip
_ENDS = (
    " needed", " inline", "-inline", " stub", "-stub", " infobox", "?", " icon", " icons",
    " navbox", " sidebar", " footer", " begin", " end", "/begin", "/end", "box", "-needed",
    " missing", " box", " chart", " table", " diagram", " map", " row", " gallery",
)  # fmt: skip
# A beginning counts where a word ends, "for" but not "formula", except for these families.
_FAMILIES = (
    "cite", "citation", "sfn", "harv", "efn", "reflist", "refn", "refbegin", "notelist", "infobox",
    "infoboks", "taxobox", "navbox", "chembox", "drugbox", "geobox", "ipa-", "ipac-", "coord",
    "flagicon", "flagdeco", "s-", "bs-", "col-", "pron-", "wiki", "authority", "goldmedal", "icd",
    "emedicine", "iucn",
    "silvermedal", "bronzemedal", "unreferenced", "refimprove", "pp-", "starbox", "planetbox",
)  # fmt: skip
_START = re.compile(
    f"(?:{'|'.join(map(re.escape, _FAMILIES))})|(?:{'|'.join(map(re.escape, _STARTS))})(?![a-z])"
)


def is_silent(name: str) -> bool:
    """Returns whether templates of this name (lower case) show no words of a sentence.

    >>> is_silent("cite book"), is_silent("nowrap")
    (True, False)
    """
    return name in _NAMES or name.endswith(_ENDS) or bool(_START.match(name))
