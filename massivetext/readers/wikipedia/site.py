"""What a dump says of its wiki: the names of its namespaces, and its words for a redirect."""

import html
import re
from functools import cache
from typing import NamedTuple

_MEDIA, _FILE, _CATEGORY = -2, 6, 14
_NAMESPACE = re.compile(
    r'<namespace\s(?:[^<>]{0,99}\s)?key="(-?\d{1,9})"[^<>]{0,99}>([^<>]{1,200})</namespace>'
)
_LANGUAGE = re.compile(r'<mediawiki\b[^<>]{0,2000}\bxml:lang="([A-Za-z-]{2,20})"')
_DATABASE = re.compile(r"<dbname>([a-z_]{2,20}?)wiki</dbname>")
MAX_NAMESPACES = 500

_NAMES = (
    "Media", "Special", "Talk", "User", "Wikipedia", "File", "Image", "MediaWiki", "Template",
    "Help", "Category", "Portal", "Book", "Draft", "TimedText", "Module",
)  # fmt: skip
_ALWAYS_HIDDEN = frozenset({"file", "image", "media", "category"})
# Older names of namespaces that a wiki still takes, which no dump lists.
_ALIASES = {
    "de": "bild", "fr": "image fichier", "es": "imagen", "it": "immagine", "pt": "imagem ficheiro",
    "nl": "afbeelding", "pl": "grafika", "sv": "bild", "da": "billede", "no": "bilde",
    "nb": "bilde",
    "nn": "bilde", "fi": "kuva", "ca": "imatge", "ro": "imagine", "hu": "kép", "cs": "soubor",
    "ru": "изображение", "uk": "зображення", "ja": "画像", "zh": "图像 圖像 图片 档案",
    "ko": "그림", "tr": "resim", "vi": "hình", "id": "gambar berkas", "he": "תמונה", "ar": "صورة",
    "el": "εικόνα", "bg": "картинка", "sr": "слика", "hr": "slika", "sl": "slika", "eu": "irudi",
    "gl": "imaxe", "eo": "dosiero", "et": "pilt", "lt": "vaizdas", "fa": "تصویر",
}  # fmt: skip
# MediaWiki's words for "REDIRECT" by language; the English one holds everywhere.
_REDIRECTS = {
    "de": "WEITERLEITUNG", "fr": "REDIRECTION", "es": "REDIRECCIÓN|REDIRECCION",
    "it": "RINVIA|RINVIO|RIMANDO", "pt": "REDIRECIONAMENTO", "nl": "DOORVERWIJZING",
    "pl": "PATRZ|PRZEKIERUJ|TAM", "sv": "OMDIRIGERING", "da": "OMDIRIGERING", "no": "OMDIRIGERING",
    "nb": "OMDIRIGERING", "nn": "OMDIRIGER", "fi": "OHJAUS|UUDELLEENOHJAUS", "ca": "REDIRECCIÓ",
    "gl": "REDIRECCIÓN", "ro": "REDIRECTEAZA", "hu": "ÁTIRÁNYÍTÁS", "cs": "PŘESMĚRUJ",
    "sk": "PRESMERUJ", "sl": "PREUSMERITEV", "hr": "PREUSMJERI", "sr": "преусмери|Преусмери",
    "ru": "ПЕРЕНАПРАВЛЕНИЕ|ПЕРЕНАПР", "uk": "ПЕРЕНАПРАВЛЕННЯ|ПЕРЕНАПРАВЛЕНИЕ",
    "bg": "ПРЕНАСОЧВАНЕ|ВИЖ",
    "ja": "転送|リダイレクト", "zh": "重定向|重新导向|重新導向", "ko": "넘겨주기",
    "tr": "YÖNLENDİRME|YÖNLENDİR",
    "vi": "ĐỔI(?: HƯỚNG)?", "id": "ALIH|PENGALIHAN", "ms": "LENCONG", "th": "เปลี่ยนทาง",
    "he": "הפניה",
    "ar": "تحويل", "fa": "تغییر_مسیر|تغییرمسیر", "hi": "अनुप्रेषित", "bn": "পুনর্নির্দেশ",
    "el": "ΑΝΑΚΑΤΕΥΘΥΝΣΗ", "eo": "ALIDIREKTU", "eu": "BIRZUZENDU", "et": "SUUNA",
    "lt": "PERADRESAVIMAS", "lv": "PĀRSŪTĪT", "cy": "AIL-CYFEIRIO", "ga": "ATHSHEOLADH",
    "af": "AANSTUUR", "als": "WEITERLEITUNG", "gsw": "WEITERLEITUNG", "bar": "WEITERLEITUNG",
    "lb": "WEITERLEITUNG", "nds": "WIEDERLEIDEN", "bs": "PREUSMJERI", "sh": "PREUSMJERI|PREUSMERI",
    "is": "TILVÍSUN", "mk": "ПРЕНАСОЧУВАЊЕ|пренасочување|ВИДИ", "sq": "RIDREJTO", "br": "ADKAS",
    "mt": "RINDIRIZZA", "oc": "REDIRECCION", "kk": "АЙДАУ", "mr": "पुनर्निर्देशन",
    "ml": "തിരിച്ചുവിടുക", "ta": "வழிமாற்று", "te": "దారిమార్పు", "arz": "تحويل", "yi": "ווייטערפירן|הפניה",
    "ka": "გადამისამართება", "hy": "ՎԵՐԱՀՂՈՒՄ", "be": "ПЕРАНАКІРАВАНЬНЕ",
}  # fmt: skip


class Site(NamedTuple):
    """What the pages of a dump need to know of their wiki."""

    language: str  # code, "de"; "" if the dump does not tell it
    hidden: frozenset[str]  # namespaces whose links show nothing, in lower case
    others: frozenset[str]  # all that hold no articles, as titles write them


ENGLISH = Site("", _ALWAYS_HIDDEN, frozenset(_NAMES) | frozenset(f"{name} talk" for name in _NAMES))


def read_site(head: str) -> Site:
    """Returns what the part of a dump before its first page says; English names hold too."""
    found = _LANGUAGE.search(head) or _DATABASE.search(head)
    language = found.group(1).lower().partition("_")[0] if found else ""
    hidden, others = set(_ALIASES.get(language.partition("-")[0], "").split()), set[str]()
    for count, match in enumerate(_NAMESPACE.finditer(head)):
        if count == MAX_NAMESPACES:
            break
        key, name = int(match.group(1)), html.unescape(match.group(2)).strip()
        others |= {name} if key else set()
        hidden |= {name.lower()} if key in (_MEDIA, _FILE, _CATEGORY) else set()
    return Site(language, ENGLISH.hidden | hidden, ENGLISH.others | others)


def is_redirect(source: str, language: str) -> bool:
    """Returns whether a page's source is a redirect by the words of its wiki's language.

    >>> is_redirect("#WEITERLEITUNG [[Fluss]]", "de"), is_redirect("# first [[Fluss]]", "de")
    (True, False)
    """
    return bool(_redirect(language.partition("-")[0]).match(source))


@cache
def _redirect(language: str) -> re.Pattern[str]:
    words = _REDIRECTS.get(language)
    names = f"REDIRECT|{words}" if words else "REDIRECT"
    return re.compile(rf"\s*+[#＃]\s*+(?:{names})\s*+:?\s*+\[\[", re.I)
