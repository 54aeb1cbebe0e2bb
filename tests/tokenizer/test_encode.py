import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from massivetext.errors import ConfigError
from massivetext.tokenizer.encode import Encoder


def test_a_text_longer_than_any_document_is_refused(
    encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("massivetext.tokenizer.encode.MAX_DOCUMENT_BYTES", 10)
    assert len(encoder.encode("a" * 10))
    with pytest.raises(ValueError, match="more than 10 characters"):
        encoder.encode("a" * 11)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "if x:\n\treturn  1\n\n\n        # eight\n",
        "\t \t  x \n",
        " leading and trailing ",
        "caf\u00e9 na\u00efve \u65e5\u672c\u8a9e \U0001f600",
        "\0\x01\x7f\r\n\u2028\u0085\ue000\U0010ffff",
        "<s></s><unk><0x41> \u2047",
    ],
)
def test_text_survives(encoder: Encoder, text: str) -> None:
    assert encoder.decode(encoder.encode(text)) == encoder.normalize(text)


def test_plain_text_is_its_own_normal_form(encoder: Encoder) -> None:
    text = "if x:\n\treturn  1\r\n        # eight\0 \n"
    assert encoder.normalize(text) == text


def test_the_normal_form_is_nfkc_with_plain_spaces(encoder: Encoder) -> None:
    assert encoder.normalize("e\u0301 \ufb01 \u2460\u00a0\u2581x") == "\u00e9 fi 1  x"


@given(st.text())
def test_any_text_survives(encoder: Encoder, text: str) -> None:
    assert encoder.decode(encoder.encode(text)) == encoder.normalize(text)


def test_no_text_makes_a_control_id(encoder: Encoder) -> None:
    assert encoder.encode("<unk><s></s>\u2047").min() > 2


def test_ids_are_uint16(encoder: Encoder) -> None:
    ids = encoder.encode("a word")
    assert ids.dtype == np.uint16
    assert ids.ndim == 1


@pytest.mark.parametrize("token", [-1, 4_096])
def test_ids_out_of_range_are_refused(encoder: Encoder, token: int) -> None:
    with pytest.raises(ValueError, match="below 4096"):
        encoder.decode([token])


def test_the_last_id_is_accepted(encoder: Encoder) -> None:
    assert encoder.decode([4_095])


@pytest.mark.parametrize("model", [b"", b"not a model", b"\n\x03abc"])
def test_a_file_that_is_no_model_is_refused(model: bytes) -> None:
    with pytest.raises(ConfigError):
        Encoder(model)


@given(st.data())
def test_a_damaged_model_is_refused_or_works(model: bytes, data: st.DataObject) -> None:
    damaged = bytearray(model)
    for place in data.draw(st.lists(st.integers(0, 60_000), min_size=1, max_size=30)):
        damaged[place] ^= 0x80  # bytes of pieces are then no UTF-8
    try:
        encoder = Encoder(bytes(damaged))
    except ConfigError:
        return
    assert encoder.encode("the caf\u00e9").ndim == 1
