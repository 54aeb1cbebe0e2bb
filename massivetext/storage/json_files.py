"""JSON objects in files, those of a build with a checksum of their own as the last member.

The checksum is the CRC-32C of the whole file with eight zeros in its place, so that a change of any
byte shows. Whoever reads an object does not see it.
"""

import json
import re
from typing import Any

from massivetext.errors import ConfigError, DamagedFile
from massivetext.storage.checksums import crc32c
from massivetext.storage.files import read_bytes, write_bytes

CHECKSUM = "crc32c"
_ZEROS = b"0" * 8
_END = f'"{CHECKSUM}": "'.encode(), b'"\n}\n'
_TAIL = re.compile(re.escape(_END[0]) + rb"([0-9a-f]{8})" + re.escape(_END[1]))
_TAIL_BYTES = len(_END[0]) + len(_ZEROS) + len(_END[1])
_ALIKE = 0.7  # of the bytes around a checksum: more, and it was one


def write_json(path: str, value: object) -> None:
    """Writes `value` as JSON, keys in the order given, one trailing newline."""
    write_bytes(path, _text(value))


def write_summed_json(path: str, value: dict[str, Any]) -> None:
    """Writes `value` as `write_json` does, with a checksum as its last member."""
    write_bytes(path, summed_json(value))


def _text(value: object) -> bytes:
    return (json.dumps(value, indent=1, ensure_ascii=False) + "\n").encode()


def summed_json(value: dict[str, Any]) -> bytes:
    r"""Returns the content of a file that `write_summed_json` writes.

    >>> summed_json({"a": 1}).decode()
    '{\n "a": 1,\n "crc32c": "7cc1b21b"\n}\n'
    """
    data = _text(value | {CHECKSUM: _ZEROS.decode()})
    return _with_sum(data, f"{crc32c(data):08x}".encode())


def _with_sum(data: bytes, digits: bytes) -> bytes:
    end = len(data) - len(_END[1])
    return data[: end - len(digits)] + digits + data[end:]


def parse_json(data: bytes, path: str, summed: bool = False) -> dict[str, Any]:
    """Returns the JSON object in the content of a file, checked if it has a checksum.

    Args:
      data: the content.
      path: of the file, for messages.
      summed: whether it must have one.

    Raises:
      DamagedFile: it has one, which is not its own, or has none and must.
      ConfigError: it is no JSON object.
    """
    found_sum = _TAIL.fullmatch(data[-_TAIL_BYTES:])
    if not found_sum and (summed or _was_summed(data[-2 * _TAIL_BYTES :])):
        raise DamagedFile(path, "checksum")
    if found_sum and f"{crc32c(_with_sum(data, _ZEROS)):08x}".encode() != found_sum.group(1):
        raise DamagedFile(path, "checksum")
    try:
        found = json.loads(data.decode())
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{path}: not JSON: {error}") from error
    if not isinstance(found, dict):
        raise ConfigError(f"{path}: not a JSON object")
    found.pop(CHECKSUM, None)
    return found


def is_summed(data: bytes) -> bool:
    """Returns whether the content of a file ends with a checksum, be it its own or not."""
    return _TAIL.fullmatch(data[-_TAIL_BYTES:]) is not None


def _was_summed(tail: bytes) -> bool:
    """Returns whether the end of a file is that of a checksum, but for some damage."""
    if _END[0] in tail:
        return True  # and it is cut
    last = tail[-_TAIL_BYTES:]
    pairs = [*zip(_END[0], last, strict=False), *zip(_END[1][::-1], last[::-1], strict=False)]
    alike = sum(a == b for a, b in pairs)
    return alike >= _ALIKE * (len(_END[0]) + len(_END[1]))


def read_json(path: str, summed: bool = False) -> dict[str, Any] | None:
    """Returns the JSON object at `path`, or None if there is no such file.

    Raises:
      DamagedFile: it is not what `write_summed_json` wrote, which `summed` says that it must be.
      ConfigError: something else is in it.
    """
    try:
        data = read_bytes(path)
    except FileNotFoundError:
        return None
    return parse_json(data, path, summed)


def require_json(path: str) -> dict[str, Any]:
    """Returns the JSON object at `path`.

    Raises:
      DamagedFile: it is not what `write_summed_json` wrote.
      ConfigError: there is no such file, or something else in it.
    """
    found = read_json(path)
    if found is None:
        raise ConfigError(f"{path}: missing")
    return found
