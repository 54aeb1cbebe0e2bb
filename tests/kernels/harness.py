"""What the compiled harnesses are given, and how they are run."""

import struct
import subprocess
from collections.abc import Iterable
from pathlib import Path

from massivetext.dedup.signature import Shingles
from massivetext.tokenizer.sentencepiece_file import BYTE, NORMAL, USER_DEFINED, Model

SANITIZE = ("-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")
GUIDE = ("-O1", "-fsanitize-coverage=trace-pc")  # what coverage.hpp needs
LIBRARY = ("-shared", "-fPIC")
RULES = (  # those of rules.hpp
    Shingles(),
    Shingles(punctuation="delete"),
    Shingles(8, fold_case=True),
    Shingles(5, "delete", fold_case=True),
)
ESCAPED_SPACE = "\u2581".encode()


def join_fields(fields: Iterable[bytes]) -> bytes:
    """Returns what fields.hpp splits: each field after its length."""
    return b"".join(struct.pack("<I", len(field)) + field for field in fields)


def save_fields(path: Path, fields: Iterable[bytes]) -> Path:
    path.write_bytes(join_fields(fields))
    return path


def split_fields(data: bytes) -> list[bytes]:
    fields = []
    while data:
        size = int.from_bytes(data[:4], "little")
        fields.append(data[4 : 4 + size])
        data = data[4 + size :]
    return fields


def encoder_fields(model: Model) -> bytes:
    """Returns what tokenizer/native.py hands to the kernel, as encoder.hpp reads it."""
    byte_ids = [number for number, piece in enumerate(model.pieces) if piece.kind == BYTE]
    pieces = [
        struct.pack("<If", number, piece.score) + piece.text.replace(ESCAPED_SPACE, b" ")
        for number, piece in enumerate(model.pieces)
        if piece.kind in (NORMAL, USER_DEFINED)
    ]
    collapse = bytes([model.remove_extra_whitespaces])
    ids = struct.pack(f"<{len(byte_ids)}H", *byte_ids)
    return join_fields([collapse, ids, model.rules, *pieces])


def run_harness(harness: Path, *arguments: str | Path) -> memoryview:
    """Returns what a harness writes; fails where a sanitizer finds something."""
    done = subprocess.run([harness, *arguments], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode("utf-8", "replace")[-5000:]
    return memoryview(done.stdout)
