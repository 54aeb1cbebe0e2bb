"""`massivetext plan`: what it foresees follows from names, sizes, rates and prices, and is told."""

import gzip
from pathlib import Path

import pytest

from massivetext.pipelines.estimate.listing import TYPICAL
from massivetext.pipelines.estimate.measured import load
from massivetext.pipelines.estimate.predict import Amounts, Prediction
from massivetext.pipelines.estimate.prices import DEFAULT, Prices, load_prices
from massivetext.pipelines.estimate.tell import tell
from massivetext.readers.formats import READ
from tests.support.commands import one_line, run, small_corpus, write_recipe


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    """A recipe of two sources of four files each."""
    return small_corpus(tmp_path, 4, tokens=8_000, length=64)


def rows(out: bytes) -> dict[str, list[str]]:
    """Returns the words of each line of a table by its first."""
    return {line.split()[0]: line.split() for line in out.decode().splitlines() if line.strip()}


def test_a_sample_of_everything_foresees_what_is_there(recipe: Path, tmp_path: Path) -> None:
    finished = run("plan", recipe, "--measure", "--sample", "1", "--save", tmp_path / "rates.json")
    assert finished.code == 0, finished.err
    found = rows(finished.out)
    assert found["c4/jsonl"][1] == "4"
    assert found["c4/jsonl"][4:6] == ["40", "40"]  # records, and those kept
    assert found["all"]
    again = run("plan", recipe, "--rates", tmp_path / "rates.json")
    assert (
        again.out.decode().split("Text a byte")[0] == finished.out.decode().split("Text a byte")[0]
    )


def test_every_format_has_a_rate_of_ours() -> None:
    ours = load(str(DEFAULT.with_name("rates.json")))
    assert {ours.group("papers", format).records > 0 for format in READ} == {True}


@pytest.mark.parametrize(
    ("spreads", "said"),
    [
        ((1.0,), "The sample has too few parts to tell how far its amounts are off."),
        ((0.1,), "Text a byte of input, from the spread of the sample's parts: a ±20%."),
        ((0.1, 1.0), "parts: a ±20%; of 1 kinds of input too few parts to tell."),
    ],
)
def test_what_the_sample_cannot_tell_is_said(spreads: tuple[float, ...], said: str) -> None:
    amounts = [
        Amounts(name, 1, 1, 1, 1, 1, spread) for name, spread in zip("ab", spreads, strict=False)
    ]
    assert said in tell(Prediction(amounts, [], 0, {}), load_prices(DEFAULT), 1, measured=True)


def test_twice_the_files_are_twice_the_work(recipe: Path, tmp_path: Path) -> None:
    saved = tmp_path / "rates.json"
    assert run("plan", recipe, "--measure", "--sample", "1", "--save", saved).code == 0
    sizes = sum(path.stat().st_size for path in (tmp_path / "c4").iterdir())
    listing = tmp_path / "c4.txt"
    listing.write_text("".join(f"x/{n}.jsonl {sizes}\n" for n in range(1_000)))
    finished = run("plan", recipe, "--rates", saved, "--listing", f"c4={listing}")
    assert finished.code == 0, finished.err
    assert rows(finished.out)["c4/jsonl"][1:6:3] == ["1,000", "40,000"]


def test_too_few_tokens_are_said_beside_what_there_are(recipe: Path, tmp_path: Path) -> None:
    saved = tmp_path / "rates.json"
    assert run("plan", recipe, "--measure", "--sample", "1", "--save", saved).code == 0
    enough, more = (
        run("plan", recipe, "--rates", saved, "--set", f"sequences.tokens={tokens}")
        for tokens in (8_000, 80_000_000)
    )
    assert (enough.code, more.code) == (0, 0)
    assert b"would stop" not in enough.out
    assert b"By these rates the build would stop" in more.out
    assert b"passes for its 625,000 sequences" in more.out
    most = run("plan", recipe, "--rates", saved, "--set", 'sequences.tokens="max"')
    assert rows(more.out)["tokens"] == rows(most.out)["tokens"]


def test_common_crawls_list_needs_no_sizes(tmp_path: Path) -> None:
    paths = tmp_path / "warc.paths.gz"
    with gzip.open(paths, "wt") as file:
        file.writelines(f"crawl-data/CC/warc/{n}.warc.gz\n" for n in range(90))
    recipe = write_recipe(tmp_path / "recipe.toml", {"web": "web/*.warc.gz"})
    finished = run("plan", recipe, "--listing", f"web={paths}", "--workers", "100")
    assert finished.code == 0, finished.err
    assert f"{90 * TYPICAL['.warc.gz'] / 1e9:.1f} GB" in finished.out.decode()
    assert "Rates are of our own test data" in finished.out.decode()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--prices", "{folder}/none.toml"], "no file"),
        (["--prices", "{folder}/hole.toml"], "has no shuffled_gb"),
        (["--prices", "{folder}/odd.toml"], "vcpu_hour in"),
        (["--prices", "{folder}/more.toml"], "has discount, which is no price"),
        (["--listing", "books=x"], "has no source books"),
        (["--listing", "c4"], "say SOURCE=FILE"),
        (["--listing", "c4={folder}/none"], "no file"),
        (["--listing", "c4={folder}/empty"], "names no file"),
        (["--listing", "c4={folder}/sizeless"], "write its bytes behind it"),
        (["--listing", "c4={folder}/cut.gz"], "cannot read"),
        (["--rates", "{folder}/none.json"], "missing"),
        (["--rates", "{folder}/other.json"], "not what `plan --measure --save` writes"),
        (["--sample", "0", "--measure"], "a share above 0"),
        (["--workers", "0"], "at least 1"),
    ],
)
def test_mistakes_are_one_line(recipe: Path, tmp_path: Path, words: list[str], said: str) -> None:
    whole = DEFAULT.read_text()
    (tmp_path / "hole.toml").write_text(whole.replace("shuffled_gb", "# "))
    (tmp_path / "odd.toml").write_text(whole.replace("vcpu_hour = 0.056", 'vcpu_hour = "cheap"'))
    (tmp_path / "more.toml").write_text(whole + "discount = 0.1\n")
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "sizeless").write_text("a.jsonl\n")
    (tmp_path / "cut.gz").write_bytes(gzip.compress(b"a.jsonl 3\n" * 99)[:20])
    (tmp_path / "other.json").write_text("{}")
    finished = run("plan", recipe, *(word.format(folder=tmp_path) for word in words))
    assert finished.code == 2
    assert said in one_line(finished)


def test_prices_are_those_of_the_table(tmp_path: Path) -> None:
    (tmp_path / "p.toml").write_text(
        "".join(f"{name} = {n}\n" for n, name in enumerate(Prices._fields))
    )
    assert load_prices(tmp_path / "p.toml") == Prices(0, 1, 2, 3, 4)
