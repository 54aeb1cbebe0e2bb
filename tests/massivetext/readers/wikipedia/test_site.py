import pytest

from massivetext.readers.wikipedia.clean import clean_wikitext
from massivetext.readers.wikipedia.site import ENGLISH, MAX_NAMESPACES, is_redirect, read_site

HEAD = (
    '<mediawiki version="0.11" xml:lang="{language}"><siteinfo><dbname>{language}wiki</dbname>'
    '<namespaces>{spaces}</namespaces></siteinfo>'
)  # fmt: skip


def head(language: str, **names: str) -> str:
    keys = {"media": -2, "article": 0, "project": 4, "file": 6, "category": 14}
    spaces = "".join(
        f'<namespace key="{keys[key]}" case="first-letter">{name}</namespace>'
        for key, name in names.items()
    )
    return HEAD.format(language=language, spaces=spaces)


@pytest.mark.parametrize(
    ("language", "file", "category", "older"),
    [
        ("de", "Datei", "Kategorie", "Bild"),
        ("fr", "Fichier", "Catégorie", "Image"),
        ("es", "Archivo", "Categoría", "Imagen"),
        ("it", "File", "Categoria", "Immagine"),
        ("nl", "Bestand", "Categorie", "Afbeelding"),
        ("pl", "Plik", "Kategoria", "Grafika"),
        ("ru", "Файл", "Категория", "Изображение"),
        ("ja", "ファイル", "カテゴリ", "画像"),
        ("tlh", "a&amp;b", "c d", "Image"),
    ],
)
def test_files_and_categories_by_the_dumps_own_names(language, file, category, older):
    site = read_site(head(language, media="Medium", file=file, category=category))
    file = file.replace("&amp;", "&")
    source = (
        f"[[{file}:a.b|x]][[{file.lower()} : a|[[y]]]]Ada[[{category}:A|z]][[{older}:a|w]]"
        f"[[medium:a.ogg|v]] [[{category.replace(' ', '_')}:B]][[File:c|u]]"
    )
    assert site.language == language
    assert clean_wikitext(source, site) == "Ada"
    assert clean_wikitext(f"[[:{category}:A]] [[Other: {file}|b]]", site) == f"{category}:A b"


def test_files_by_their_ending_where_no_name_is_known():
    assert clean_wikitext("[[Datei:a.jpg|mini|x [[y]]]]Ada[[Soubor:b c.SVG]] [[Node: b.js|c]]") == (
        "Ada c"
    )


@pytest.mark.parametrize(
    ("source", "language", "expected"),
    [
        ("#REDIRECT [[A]]", "", True), ("#redirect[[A]]", "de", True), ("# REDIRECT : [[A]]", "",
        True),
        ("#WEITERLEITUNG [[A]]", "de", True), ("#weiterleitung[[A]]", "de", True),
        ("#WEITERLEITUNG [[A]]", "en", False), ("#REDIRECTION [[A]]", "fr", True),
        ("#REDIRECCIÓN [[A]]", "es", True), ("#RINVIA [[A]]", "it", True), ("#PATRZ [[A]]", "pl",
        True),
        ("#перенаправление [[A]]", "ru", True), ("#転送 [[A]]", "ja", True), ("#重定向 [[A]]", "zh",
        True),
        ("#DOORVERWIJZING [[A]]", "nl", True), ("#OMDIRIGERING [[A]]", "sv", True),
        ("#WEITERLEITUNG [[A]]", "als", True), ("#PREUSMJERI [[A]]", "bs", True),
        ("#tilvísun [[A]]", "is", True), ("#ПРЕНАСОЧУВАЊЕ [[A]]", "mk", True),
        ("#види [[A]]", "mk", True), ("#RIDREJTO [[A]]", "sq", True),
        ("#重新导向 [[A]]", "zh", True), ("#重新導向 [[A]]", "zh-classical", True),
        ("#đổi hướng [[A]]", "vi", True), ("#đổi [[A]]", "vi", True),
        ("#đổi thay [[A]]", "vi", False), ("#RIDREJTO [[A]]", "en", False),
        ("\n #REDIRECT [[A]]", "xx", True), ("# Redirecting is hard", "", False),
        ("#REDIRECT A", "", False), ("text #REDIRECT [[A]]", "", False), ("# first [[A]]", "",
        False),
    ],
)  # fmt: skip
def test_words_for_a_redirect(source, language, expected):
    assert is_redirect(source, language) is expected


def test_a_head_that_tells_nothing_or_too_much():
    assert read_site("") == ENGLISH
    assert read_site("<mediawiki><siteinfo><dbname>frwiki</dbname>").language == "fr"
    assert read_site("<dbname>zh_min_nanwiki</dbname>").language == "zh"
    names = '<namespace key="6" case="x">N{}</namespace>'
    many = "".join(names.format(number) for number in range(MAX_NAMESPACES + 5))
    hidden = read_site(many).hidden
    assert f"n{MAX_NAMESPACES - 1}" in hidden
    assert f"n{MAX_NAMESPACES}" not in hidden
