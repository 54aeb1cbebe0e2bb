"""The keys that a recipe names of a source's rows."""

from massivetext.config.sources import SourceFiles
from massivetext.readers.rows.rows import PLAIN, Fields

_TEXT = {"github": "content"}  # of rows of BigQuery's shape


def fields_of(named: SourceFiles, like: str = "web") -> Fields | None:
    """Returns the keys of a source's rows; None where the recipe names none of them.

    `like` is the one of the paper's sources whose shape the rows have where no key is named. A key
    that the recipe names for the id or the URL must be in every row: a row without it cannot be
    read.
    """
    if not (named.text_key or named.id_key or named.url_key or named.keep):
        return None
    return PLAIN._replace(
        text=named.text_key or _TEXT.get(like, PLAIN.text),
        url=(named.url_key,) if named.url_key else PLAIN.url,
        source_id=(named.id_key,) if named.id_key else PLAIN.source_id,
        keep=named.keep,
        required=tuple(key for key in (named.id_key, named.url_key) if key),
    )
