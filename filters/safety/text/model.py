"""The model's file: a line of JSON, a weight of one byte for each bucket, and a checksum.

The score is a logistic regression's: `bias + scale * sum / sqrt(count)` of the weights of a text's
buckets, which a sigmoid makes a probability. A fastText classifier of two labels computes the
same, since its sum of vectors, taken along the difference of its labels' vectors, is a sum of
numbers.
"""

import hashlib
import json
import math
import re
from collections import Counter
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from massivetext.errors import ConfigError
from massivetext.filters.safety.text.features import buckets, sample
from massivetext.text.kernels import find_kernels
from massivetext.text.surrogates import encodable

MAGIC: Final = b"massivetext safety model 1\n"
SHIPPED: Final = str(Path(__file__).with_name("model.bin"))
MIN_BITS, MAX_BITS = 10, 24
_WORDS: Final = re.compile(r"[0-9A-Za-z\x80-\U0010ffff]+")
_HASH_BYTES: Final = 32
_MAX_HEADER: Final = 1 << 20
_NUMBERS: Final = ("bias", "scale", "threshold")


class SafetyModel:
    """Weights, and the threshold that was chosen for them; safe for several threads."""

    def __init__(self, header: dict[str, Any], weights: NDArray[np.int8]) -> None:
        self.header, self.weights = header, weights
        self.bits: int = header["bits"]
        self.bias, self.scale, self.threshold = (float(header[name]) for name in _NUMBERS)

    @cached_property
    def _native(self) -> Any | None:
        make = getattr(find_kernels(), "SafetyModel", None)
        return make(self.weights.tobytes(), self.bits) if make is not None else None

    def __getstate__(self) -> tuple[dict[str, Any], NDArray[np.int8]]:
        return self.header, self.weights

    def __setstate__(self, state: tuple[dict[str, Any], NDArray[np.int8]]) -> None:
        self.__init__(*state)  # type: ignore[misc]

    def score(self, text: str) -> float:
        """Returns how probable it is that a text is explicit, 0 to 1; of no words: 0."""
        seen = sample(text)
        if self._native is not None:
            total, count = self._native.sum(seen if seen.isascii() else encodable(seen))
        else:
            found = buckets(seen, self.bits)
            total, count = int(self.weights[found].sum(dtype=np.int64)) if found else 0, len(found)
        return self.probability(total, count)

    def find_weighty(self, text: str, most: int = 8) -> list[tuple[str, int]]:
        """Returns the words and pairs that speak most for explicit, and how often each stands."""
        words = _WORDS.findall(sample(text).lower())
        said = Counter([*words, *(" ".join(pair) for pair in pairwise(words))])
        weights = {item: self._weight(item) * count for item, count in said.items()}
        chosen = sorted((i for i in weights if weights[i] > 0), key=lambda i: (-weights[i], i))
        return [(item, said[item]) for item in chosen[:most]]

    def _weight(self, item: str) -> int:
        return int(self.weights[buckets(item, self.bits)[-1]])

    def probability(self, total: int, count: int) -> float:
        """Returns the probability for a sum of `count` weights."""
        if not count:
            return 0.0
        value = self.bias + self.scale * total / math.sqrt(count)
        return 1 / (1 + math.exp(-max(-500.0, min(500.0, value))))

    def to_bytes(self) -> bytes:
        """Returns the file."""
        header = json.dumps(self.header, sort_keys=True, ensure_ascii=True).encode()
        data = MAGIC + header + b"\n" + self.weights.tobytes()
        return data + hashlib.sha256(data).digest()


def load_safety_model(path: str = SHIPPED) -> SafetyModel:
    """Returns the model of a file of this machine; by default the one that is shipped.

    Raises:
      ConfigError: there is no such file, or it is damaged or none of ours.
    """
    if not Path(path).is_file():
        raise ConfigError(
            f"no safety model {path}; `massivetext safety train` makes one, and without"
            ' a path `classifier = "shipped"` is ours'
        )
    return parse_safety_model(Path(path).read_bytes(), path)


def parse_safety_model(data: bytes, name: str) -> SafetyModel:
    """Returns the model of a file's bytes.

    Raises:
      ConfigError: they are damaged or none of ours; the message says `name`.
    """
    if not data.startswith(MAGIC):
        raise ConfigError(f"{name} is no safety model; make one with `massivetext safety train`")
    body, digest = data[:-_HASH_BYTES], data[-_HASH_BYTES:]
    if hashlib.sha256(body).digest() != digest:
        raise ConfigError(f"{name} is damaged: its checksum is another; copy or train it again")
    end = body.find(b"\n", len(MAGIC), len(MAGIC) + _MAX_HEADER)
    header = _header(body[len(MAGIC) : end], name)
    weights = np.frombuffer(body, np.int8, offset=end + 1)
    if len(weights) != 1 << header["bits"]:
        raise ConfigError(f"{name} is damaged: {len(weights):,} weights; train it again")
    return SafetyModel(header, weights)


def _header(line: bytes, name: str) -> dict[str, Any]:
    try:
        header: dict[str, Any] = json.loads(line)
        fine = all(math.isfinite(float(header[key])) for key in _NUMBERS)
        fine = fine and isinstance(header["bits"], int) and MIN_BITS <= header["bits"] <= MAX_BITS
    except (ValueError, KeyError, TypeError):
        fine = False
    if not fine:
        raise ConfigError(f"{name} is damaged: its header has no numbers; train it again")
    return header
