r"""Lone surrogates: halves of characters in a `str` that no UTF-8 can hold.

JSON may hold them (``\ud83d``), and Python puts them for bytes of a name that are not UTF-8.
"""

import re
from typing import Final

LONE_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def encodable(text: str) -> str:
    r"""Returns a text with question marks for lone surrogates.

    >>> encodable("a\ud800b")
    'a?b'
    """
    return text.encode("utf-8", "replace").decode()
