"""``vocabulary.path``: any SentencePiece model that encodes every text, instead of training one."""

import io
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sentencepiece

from massivetext.shards.folder import read_sequences
from massivetext.tokenizer.encode import Encoder
from tests.support.commands import one_line, prose, run, stage

pytestmark = pytest.mark.xdist_group("looking")


def trained(**options: Any) -> bytes:
    """Returns a model of SentencePiece's own defaults but for the options."""
    file = io.BytesIO()
    lines = iter([line for n in range(60) for line in prose(n).splitlines()])
    chosen = {"vocab_size": 500, "byte_fallback": True, "minloglevel": 2} | options
    sentencepiece.SentencePieceTrainer.train(sentence_iterator=lines, model_writer=file, **chosen)
    return file.getvalue()


def with_more_ids(model: bytes, ids: int) -> bytes:
    """Returns a model with pieces added up to a number of ids, as its protobuf allows."""
    processor = sentencepiece.SentencePieceProcessor(model_proto=model)
    for number in range(processor.vocab_size(), ids):
        piece = f"\u2581more{number}".encode()
        inner = b"\x0a" + bytes([len(piece)]) + piece + b"\x15\0\0\0\0"
        model += b"\x0a" + bytes([len(inner)]) + inner
    return model


def build(small: Path, output: Path, *words: object) -> Any:
    given = [word for value in words for word in ("--set", value)]
    return run("build", small.parent / "small.toml", "--output", output, "--replace", *given)


@pytest.fixture
def copy(small: Path, tmp_path: Path) -> Path:
    """Returns a copy of the small build, whose stages before the vocabulary are up to date."""
    shutil.copytree(small, tmp_path / "out")
    return tmp_path / "out"


def test_the_vocabulary_of_another_build_gives_its_tokens(small: Path, copy: Path) -> None:
    done = build(small, copy, f'vocabulary.path="{small}"', "vocabulary.size=32_000")
    assert done.code == 0, done.err
    old, new = stage(small, "vocabulary"), stage(copy, "vocabulary")
    assert (new["sha256"], new["size"]) == (old["sha256"], old["size"])
    assert new["tokens_per_byte"] == old["tokens_per_byte"]
    assert stage(copy, "overlap") == stage(small, "overlap")
    for path in (small / "sequences").glob("*.tfrecord-*"):
        assert (copy / "sequences" / path.name).read_bytes() == path.read_bytes()


def test_the_key_is_of_the_content(small: Path, copy: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "first.model", tmp_path / "second.model"
    first.write_bytes(trained())
    assert build(small, copy, f'vocabulary.path="{first}"').code == 0
    shutil.copy(first, second)
    assert build(small, copy, f'vocabulary.path="{second}"', "vocabulary.size=999").code == 0
    words = ("build", small.parent / "small.toml", "--output", copy, "--explain", "--set")
    told = run(*words, f'vocabulary.path="{second}"')
    assert told.out.count(b"up to date") == 6
    second.write_bytes(trained(vocab_size=501))
    told = run(*words, f'vocabulary.path="{second}"')
    assert told.out.count(b"up to date") == 3


@pytest.mark.parametrize("kind", ["unigram", "bpe"])
def test_a_model_of_sentencepiece_itself(
    small: Path, copy: Path, tmp_path: Path, kind: str
) -> None:
    model = trained(model_type=kind, normalization_rule_name="identity")
    (tmp_path / "own.model").write_bytes(model)
    done = build(small, copy, f'vocabulary.path="{tmp_path}/own.model"')
    assert done.code == 0, done.err
    assert (copy / "vocabulary" / "vocabulary.model").read_bytes() == model
    assert stage(copy, "sequences")["vocabulary"]["size"] == 500
    reference = sentencepiece.SentencePieceProcessor(model_proto=model)
    for text in (prose(1), "if x:\n\treturn 1\0\n", "\u65e5\u672c \U0001f600"):
        ids = Encoder(model).encode(text).tolist()
        assert ids == reference.encode(text)
        assert 0 not in ids
        assert Encoder(model).decode(ids) == text


@pytest.mark.parametrize("name", [pytest.param("gpt2", marks=pytest.mark.heavy), "llama"])
def test_a_tokenizer_json(small: Path, copy: Path, tmp_path: Path, name: str) -> None:
    pytest.importorskip("tokenizers", reason="tokenizers is an extra")
    from tests.support.tokenizer_files import FILES

    (tmp_path / "tokenizer.json").write_bytes(FILES[name])
    done = build(small, copy, f'vocabulary.path="{tmp_path}"')
    assert done.code == 0, done.err
    assert (copy / "vocabulary" / "vocabulary.model").read_bytes() == FILES[name]
    encoder = Encoder(FILES[name])
    assert stage(copy, "sequences")["vocabulary"]["size"] == encoder.size
    tokens = np.concatenate([found.tokens for found in read_sequences(copy, "train")])
    assert {encoder.bos, encoder.eos} < set(tokens.tolist())
    assert "The " in encoder.decode(tokens)
    verified = run("verify", copy, "--rederive", "40")
    assert verified.code == 0, verified.err
    exported = tmp_path / "npy"
    done = run("export-sequences", copy, "-o", exported, "--format", "npy")
    assert done.code == 0, done.err
    assert (exported / "tokenizer.json").read_bytes() == FILES[name]
    assert not (exported / "vocabulary.model").exists()
    (tmp_path / "a.jsonl").write_text(json.dumps({"text": prose(1)}))
    (line,) = run("tokenize", tmp_path / "a.jsonl", "--vocabulary", tmp_path).lines()
    assert line["tokens"] == [encoder.bos, *encoder.encode(prose(1)).tolist(), encoder.eos]


def test_what_cannot_encode_every_text_is_refused(small: Path, tmp_path: Path) -> None:
    files = {
        "bytes.model": (trained(byte_fallback=False, vocab_size=200), "has no byte fallback"),
        "large.model": (with_more_ids(trained(), 65_537), "65,537 ids; at most 65,536"),
        "other.model": (
            trained(unk_id=2, bos_id=0, eos_id=1),
            "ids of unknown, begin and end are (2, 0, 1), must be 0, 1, 2",
        ),
        "none.model": (b"no model", "not a SentencePiece model"),
        "tokenizer.json": (b"{}", "tokenizer"),
    }
    for name, (model, said) in files.items():
        (tmp_path / name).write_bytes(model)
        done = build(small, tmp_path / "out", f'vocabulary.path="{tmp_path / name}"')
        assert (done.code, done.out) == (2, b""), name
        line = one_line(done)
        assert f"vocabulary.path: {tmp_path / name}: " in line
        assert said in line
    assert Encoder(with_more_ids(trained(), 65_536)).size == 65_536
    done = build(small, tmp_path / "out", f'vocabulary.path="{tmp_path}/gone"')
    assert (done.code, f"no vocabulary {tmp_path}/gone" in one_line(done)) == (2, True)
    assert not (tmp_path / "out").exists()


def test_a_build_ends_with_where_everything_is(small: Path) -> None:
    done = run("build", small.parent / "small.toml", "--output", small)
    *_, shards, text, report = done.out.decode().splitlines()
    assert shards == f"shards  {small}/sequences"
    assert text.startswith(f"text    {small}/documents; massivetext export-text {small} -o TEXT ")
    assert report == f"report  {small}/report/index.html"
    for line in (shards, text.partition(";")[0], report):
        assert Path(line.split()[1]).exists()
    assert run("report", small).out.decode().splitlines()[-1] == report
