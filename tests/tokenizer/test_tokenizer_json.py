"""A Hugging Face ``tokenizer.json``: the ids are those of `tokenizers`, or it is refused."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from massivetext import Tokenizer, extras
from massivetext.config.recipe import LARGEST_VOCABULARY
from massivetext.errors import ConfigError
from massivetext.tokenizer.encode import Encoder
from tests.support.tokenizer_files import FILES, MADE, tokenizers

MARKS = {"gpt2": (0, 0), "neox": (0, 0), "llama": (1, 2)}
ENCODERS = {name: Encoder(data) for name, data in FILES.items()}

PIECES = st.one_of(
    st.sampled_from(["the river", " ", "    ", "\n\n\t", "<s>", "</s>", "<|endoftext|>", "<0x41>"]),
    st.sampled_from(["é", "e\u0301", "\u65e5\u672c", "\U0001f600", "\u2581", "12", "\x00", "\r"]),
    st.text(max_size=4),
)
WRITTEN = st.lists(PIECES, max_size=12).map("".join)


def theirs(name: str, text: str) -> list[int]:
    """The ids of `tokenizers`, where no text is a special token."""
    found = tokenizers.Tokenizer.from_buffer(FILES[name])
    found.no_truncation()
    found.no_padding()
    found.encode_special_tokens = True
    ids: list[int] = found.encode(text, add_special_tokens=False).ids
    return ids


@pytest.mark.parametrize("name", MADE)
@given(text=WRITTEN)
def test_ids_are_those_of_tokenizers(name: str, text: str) -> None:
    encoder = ENCODERS[name]
    ids = encoder.encode(text)
    assert ids.dtype == np.uint16
    assert ids.tolist() == theirs(name, text)
    assert not set(ids.tolist()) & {encoder.bos, encoder.eos}
    expected = encoder.normalize(text).removeprefix("\u2581").replace("\u2581", " ")
    assert encoder.decode(ids) == (expected if name == "llama" else encoder.normalize(text))


@pytest.mark.parametrize("name", MADE)
@given(text=WRITTEN)
def test_offsets_tile_the_text(name: str, text: str) -> None:
    encoder, data = ENCODERS[name], text.encode()
    ids, spans = encoder.encode(text), encoder.offsets(data)
    assert spans.shape == (len(ids), 2)
    if not len(ids):
        return
    assert spans[0, 0] == 0
    assert spans[-1, 1] == len(data)
    assert (spans[1:, 0] == spans[:-1, 1]).all()
    for start, end in spans:
        data[start:end].decode()  # no character is cut
    sizes = np.array(encoder.byte_sizes())[ids]
    if name == "gpt2":
        assert sizes.sum() == len(data)


def test_each_id_stands_for_its_bytes() -> None:
    encoder = ENCODERS["gpt2"]
    ids = encoder.encode("the\u65e5").tolist()
    sizes = encoder.byte_sizes()
    assert sum(sizes[token] for token in ids) == 6
    assert sizes[encoder.eos] == 0
    llama = ENCODERS["llama"]
    pieces = {llama.piece(token): size for token, size in enumerate(llama.byte_sizes())}
    assert (pieces["<0x41>"], pieces["\u2581"], pieces["</s>"], pieces["\u2581the"]) == (1, 1, 0, 4)


@pytest.mark.parametrize("name", MADE)
def test_marks_and_sizes(name: str, tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_bytes(FILES[name])
    encoder, made = ENCODERS[name], Tokenizer(tmp_path)
    assert (encoder.bos, encoder.eos) == MARKS[name]
    assert len(made) == encoder.size == len(MADE[name]().get_vocab())
    whole = made.encode("the river", ends=True).tolist()
    assert whole == [encoder.bos, *theirs(name, "the river"), encoder.eos]
    assert made.decode(whole).strip() == "the river"
    assert not encoder.is_native
    with pytest.raises(UnicodeEncodeError):
        encoder.encode("\ud800")


def changed(name: str, change: Callable[[dict[str, Any]], object]) -> bytes:
    settings = json.loads(FILES[name])
    change(settings)
    return json.dumps(settings).encode()


def lose_a_byte(settings: dict[str, Any]) -> None:
    model = settings["model"]
    model["merges"] = []
    model["vocab"] = {piece: token for piece, token in model["vocab"].items() if piece != "Ā"}


def test_bytes_that_utf8_never_has_may_be_missing() -> None:
    """As in GPT-NeoX's vocabulary."""
    never = {*range(0xC0, 0xC2), *range(0xF5, 0x100)}
    gone = {chr(byte) for byte in never}

    def lose(settings: dict[str, Any]) -> None:
        model = settings["model"]
        model["vocab"] = {p: n for p, n in model["vocab"].items() if p not in gone}

    encoder = Encoder(changed("gpt2", lose))
    every = "".join(map(chr, [*range(0x900), 0xFFFF, 0x10000, 0x10FFFF]))
    assert encoder.decode(encoder.encode(every)) == every
    assert len(gone & set(map(encoder.piece, range(encoder.size)))) == 0


def widen(settings: dict[str, Any]) -> None:
    vocabulary = settings["model"]["vocab"]
    vocabulary |= {f"more{n}": n for n in range(len(vocabulary), LARGEST_VOCABULARY + 1)}


def lose_spaces(settings: dict[str, Any]) -> None:
    step = settings["pre_tokenizer"]
    settings["pre_tokenizer"] = {
        "type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, step],
    }  # fmt: skip


REFUSED = {
    "no json": (b"{", "not a tokenizer.json that tokenizers "),
    "another": (b'{"a": 1}', "not a tokenizer.json that tokenizers "),
    "deep": (b'{"a":' + b"[" * 100_000, "not a tokenizer.json that tokenizers "),
    "no fallback": (
        changed("llama", lambda s: s["model"].update(byte_fallback=False)),
        "has no byte fallback and is not byte level, so it cannot encode every text",
    ),
    "no bytes": (changed("gpt2", lose_a_byte), "cannot encode every text"),
    "no byte level": (
        changed("gpt2", lambda s: s.update(pre_tokenizer=None)),
        "has no byte fallback and is not byte level",
    ),
    "no spaces": (changed("gpt2", lose_spaces), "loses parts of a text"),
    "large": (changed("gpt2", widen), "65,537 ids; at most 65,536"),
    "no end": (
        changed("gpt2", lambda s: s.update(added_tokens=[])),
        "no special token ends a text; one of </s>, <|endoftext|>",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_used_is_refused(case: str) -> None:
    data, said = REFUSED[case]
    with pytest.raises(ConfigError) as caught:
        Encoder(data)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_without_the_package_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(extras.EXTRAS, "tokenizers", ("Hugging Face's tokenizers", ("gone",)))
    with pytest.raises(ConfigError, match=r"needs Hugging Face's tokenizers: pip install 'massive"):
        Encoder(FILES["gpt2"])
