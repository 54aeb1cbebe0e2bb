r"""Line ends of any system as "\n"."""

import re

_BEFORE_NEWLINE = re.compile(r"(?<!\r)\r++(?=\n)")  # one start a run: linear in runs of any length


def unix_newlines(text: str) -> str:
    r"""Returns text with "\n" for "\r\n", for "\n" after any number of "\r", and for lone "\r".

    >>> unix_newlines("a\r\nb\rc\r\r\nd")
    'a\nb\nc\nd'
    """
    text = text.replace("\r\n", "\n")
    if "\r" not in text:
        return text
    return _BEFORE_NEWLINE.sub("", text).replace("\r", "\n")
