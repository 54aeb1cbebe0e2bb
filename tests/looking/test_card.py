"""``massivetext card``: every figure is the manifest's, or counted again from the export."""

import hashlib
import json
import re
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from massivetext import paper
from massivetext.card.markdown import plain
from tests.looking.test_export_text import opened, survivors
from tests.support.commands import one_line, run

pytestmark = pytest.mark.xdist_group("looking")
NUMBER = re.compile(r"(?<![\w.,-])\d[\d,]*(?:\.\d+)?(?![\w,.]*[\w-])")


def card(build: Path, *words: object) -> str:
    done = run("card", build, *words)
    assert done.code == 0, done.err
    return done.out.decode()


def tables(text: str) -> dict[tuple[str, ...], list[list[str]]]:
    """Returns the rows of the tables of a card, by their heads."""
    found: dict[tuple[str, ...], list[list[str]]] = {}
    rows: list[list[str]] = []
    before = ""
    for line in text.splitlines():
        if line.startswith("| "):
            cells = [cell.strip() for cell in line.strip("|").split(" | ")]
            if not before.startswith("|"):
                rows = found.setdefault(tuple(cells), [])
            else:
                rows.append(cells)
        before = line
    return found


def share(part: float, whole: float) -> str:
    return f"{100 * part / whole:.2f} %"


def opt_outs_of(stages: Any, rows: list[dict[str, Any]]) -> dict[str, list[list[str]]]:
    """Returns the rows of signals on the use of pages, and of hosts that give one; often none."""
    signals = [
        [source, name, f"{count:,}"]
        for source, total in stages["documents"]["sources"].items()
        for name, count in total.get("opt_outs", {}).items()
        if name != "pages"
    ]
    told = ("robots", "tdm_reservation", "content_usage")
    giving = (row for row in rows if any(row.get(name) is not None for name in told))
    hosts = Counter(row["host"] for row in giving)
    tables = {"signal": signals}
    tables["documents"] = [[host or "none", f"{n:,}"] for host, n in hosts.items()]
    return {name: found for name, found in tables.items() if found}


def wanted_rows(build: Path) -> dict[str, list[list[str]]]:
    """Returns the rows of the tables by their last heads, from the manifest and the documents."""
    manifest = json.loads((build / "manifest.json").read_text())
    stages, rows = manifest["stages"], survivors(build)
    theirs = {subset.name: subset for subset in paper.SUBSETS}
    found: dict[str, list[list[str]]] = {n: [] for n in ("sizes", "tokens", "dates", "kept")}
    found |= {"languages": [], "licences": [], "hosts": []} | opt_outs_of(stages, rows)
    every = sum(account["written"] for account in stages["sequences"]["tokens"].values())
    for source, left in stages["overlap"]["sources"].items():
        own = [row for row in rows if row["source"] == source]
        numbers = [len(own), sum(len(row["text"].encode()) for row in own)]
        tokens = stages["tokens"]["sources"][source]
        numbers += [left["train_documents"], tokens["validation_documents"]]
        numbers.append(sum(tokens["left_out"].values()))
        assert numbers[0] == sum(numbers[2:])
        assert numbers[1] == left["train_bytes"] + left["validation_bytes"]
        numbers += [theirs[source].documents, theirs[source].bytes]
        found["sizes"].append([source, *(f"{n:,}" for n in numbers)])
        density = stages["vocabulary"]["tokens_per_byte"][source]
        written = stages["sequences"]["tokens"][source]["written"]
        cells = [f"{density:.4f}", f"{round(left['train_bytes'] * density):,}", f"{written:,}"]
        cells += [share(written, every), f"{stages['tokens']['sources'][source]['epochs']:.3f}"]
        cells += [f"{theirs[source].tokens:,}", share(theirs[source].weight, 1)]
        found["tokens"].append([source, *cells])
        days = sorted(row["timestamp"][:10] for row in own if row["timestamp"])
        years = Counter(day[:4] for day in days)
        said = ", ".join(f"{year}: {n:,}" for year, n in sorted(years.items())) or "–"
        cells = [days[0] if days else "–", days[-1] if days else "–"]
        found["dates"].append([source, *cells, f"{len(own) - len(days):,}", said])
        for name, key in (("languages", "language"), ("licences", "licence")):
            counts = Counter(row[key] or "not named" for row in own)
            if name == "licences" and counts.keys() <= {"not named"}:
                continue  # no code
            found[name] += [[source, v, f"{n:,}", share(n, len(own))] for v, n in counts.items()]
        hosts = Counter(row["host"] for row in own if row["host"])
        sizes = Counter[str]()
        for row in own:
            sizes[row["host"]] += len(row["text"].encode())
        found["hosts"] += [
            [plain(host), f"{n:,}", share(n, len(own)), f"{sizes[host]:,}"]
            for host, n in hosts.items()
        ]
        facts = [stages[name]["sources"][source] for name in ("documents", "duplicates", "overlap")]
        numbers = [facts[0]["records"], facts[0]["errors"]]
        numbers += [sum(fact["dropped"].values()) for fact in facts]
        found["kept"].append([source, *(f"{n:,}" for n in [*numbers, len(own)])])
    return found


HEADS = {
    "sizes": "paper's bytes",
    "tokens": "paper's share",
    "dates": "by year",
    "kept": "kept",
    "hosts": "bytes",
}


def check_every_figure(build: Path) -> None:
    text, wanted = card(build, "--top", 100_000), wanted_rows(build)
    found = tables(text)
    for heads, rows in found.items():
        name = next((n for n, last in HEADS.items() if heads[-1] == last), heads[1])
        assert sorted(rows) == sorted(wanted.pop(name)), heads
    assert not wanted
    manifest = json.loads((build / "manifest.json").read_text())
    rows = survivors(build)
    named = [manifest["version"], manifest["python"], manifest["recipe_sha256"], "2021"]
    outside = [line for line in text.splitlines() if not line.startswith("|")]
    allowed = {len(rows), sum(len(row["text"].encode()) for row in rows), len(manifest["inputs"])}
    allowed |= {len(manifest["stages"]["overlap"]["sources"]), manifest["recipe"]["seed"], 2, 2021}
    allowed |= {manifest["stages"]["vocabulary"]["size"], 256}
    for source in manifest["stages"]["overlap"]["sources"]:
        hosts = [row["host"] for row in rows if row["source"] == source]
        allowed |= {len(set(filter(None, hosts))), hosts.count("")}
    plain_text = "\n".join(outside)
    for name in (*named, manifest["written"], manifest["stages"]["vocabulary"]["sha256"]):
        plain_text = plain_text.replace(name, "")
    numbers = {int(found.replace(",", "")) for found in NUMBER.findall(plain_text)}
    assert numbers <= allowed, numbers - allowed


def test_every_figure_of_a_small_build(small: Path) -> None:
    check_every_figure(small)


def test_every_figure_of_the_sample(sample: Path) -> None:
    check_every_figure(sample)


@pytest.mark.heavy
@pytest.mark.timeout(900)
def test_every_figure_of_real_data(
    real_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MASSIVETEXT_REAL_DATA", str(real_data.resolve()))
    monkeypatch.chdir(Path(__file__).parents[2])
    done = run("build", "tests/real.toml", "--output", tmp_path / "out")
    assert done.code == 0, done.err
    check_every_figure(tmp_path / "out")


def test_the_summary_for_the_eu(small: Path) -> None:
    text, rows = card(small, "--eu"), survivors(small)
    stages = json.loads((small / "manifest.json").read_text())["stages"]
    written = sum(a["written"] for a in stages["sequences"]["tokens"].values())
    left = stages["overlap"]["sources"]
    density = stages["vocabulary"]["tokens_per_byte"]
    once = sum(round(left[s]["train_bytes"] * density[s]) for s in left)
    assert f"({once:,} tokens of training text read once; {written:,} in the shards)" in text
    assert "less than 1 billion tokens" in text
    assert "Latest date in the documents: 2024-05-01" in text
    assert f"Linguistic characteristics: en {len(rows):,} documents" in text
    sizes = Counter[str]()
    for row in rows:
        sizes[row["host"]] += len(row["text"].encode())
    listed = tables(text)["host", "bytes of text"]
    ((host, size),) = sizes.most_common(1)
    assert listed == [[host, f"{size:,}"]]
    assert f"1 of {len(sizes)} hosts" in text
    for number in ("1.1", "1.2", "1.3", "2.1", "2.2", "2.3", "2.4", "2.5", "2.6", "3.1", "3.2"):
        assert f"\n### {number} " in text
    assert text.count("**[to be filled in: ") == text.count("]**") >= 18
    dropped = stages["documents"]["sources"]["web"]["dropped"]
    assert f"adult rating: {dropped.get('rating', 0):,}\n" in text


def test_a_source_that_is_not_in_the_mixture_is_no_training_content(
    small: Path, tmp_path: Path
) -> None:
    shutil.copytree(small, tmp_path / "out")
    words = ("--output", tmp_path / "out", "--replace", "--set", "mixture={web = 1.0, c4 = 0.0}")
    assert run("build", small.parent / "small.toml", *words).code == 0
    rows = tables(card(tmp_path / "out"))
    tokens = next(rows[heads] for heads in rows if heads[-1] == "paper's share")
    assert tokens[1] == ["c4", "not in the mixture", *"––––", "182,000,000,000", "10.00 %"]
    web = [row for row in survivors(small) if row["source"] == "web"]
    text = card(tmp_path / "out", "--eu")
    assert "| c4 |" not in text
    assert f"Linguistic characteristics: en {len(web):,} documents" in text


def croissant(build: Path, *words: object) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(card(build, "--croissant", *words))
    return found


def check_files(found: dict[str, Any], folder: Path) -> None:
    for file in found["distribution"]:
        data = (folder / file["contentUrl"]).read_bytes()
        assert file["sha256"] == hashlib.sha256(data).hexdigest()
        assert file["contentSize"] == f"{len(data)} B"


def test_croissant_of_the_shards(small: Path) -> None:
    found = croissant(small)
    assert found["@type"] == "sc:Dataset"
    assert found["conformsTo"] == "http://mlcommons.org/croissant/1.0"
    rows = survivors(small)
    size = sum(len(row["text"].encode()) for row in rows)
    assert found["description"].startswith(f"{len(rows):,} documents, {size:,} bytes of text (")
    names = {path.name for path in (small / "sequences").glob("*.tfrecord-*")}
    assert {file["name"] for file in found["distribution"]} == names
    check_files(found, small)
    written = json.loads((small / "manifest.json").read_text())["written"]
    assert (found["dateCreated"], found["datePublished"]) == (written, written[:10])
    for name in ("license", "url", "creator"):  # the specification requires them
        assert "[to be filled in: " in json.dumps(found[name])


@pytest.mark.parametrize("form", ["parquet", "jsonl"])
def test_croissant_of_an_export(small: Path, tmp_path: Path, form: str) -> None:
    out = tmp_path / "text"
    assert run("export-text", small, "-o", out, "--format", form, "--workers", 1).code == 0
    found = croissant(small, "--text", out)
    *_, files = found["distribution"]
    check_files({"distribution": found["distribution"][:-1]}, out)
    names = {file["name"] for file in found["distribution"][:-1]}
    assert names == {path.name for path in out.glob(files["includes"])} != set()
    (records,) = found["recordSet"]
    columns = set(opened(sorted(out.glob("text-*"))[0])[0])
    assert {field["name"] for field in records["field"]} == columns
    for field in records["field"]:
        assert field["source"] == {
            "fileSet": {"@id": files["@id"]},
            "extract": {"column": field["name"]},
        }
    types = {field["name"]: field["dataType"] for field in records["field"]}
    assert (types["text"], types["status"]) == ("sc:Text", "sc:Integer")
    assert types["language_probability"] == "sc:Float"
    assert records["key"]["@id"] in {field["@id"] for field in records["field"]}


def test_mistakes_cost_one_line(small: Path, tmp_path: Path) -> None:
    done = run("card", small, "--text", tmp_path)
    assert (done.code, "--text says what --croissant describes" in one_line(done)) == (2, True)
    done = run("card", small, "--croissant", "--text", tmp_path)
    assert (done.code, "no whole export; run" in one_line(done)) == (2, True)
    (tmp_path / "export.json").write_text('{"complete": true, "build": "other", "files": {}}')
    done = run("card", small, "--croissant", "--text", tmp_path)
    assert (done.code, "an export of another build" in one_line(done)) == (2, True)
    assert run("card", small, "--eu", "--croissant").code == 2
    assert f"no build in {tmp_path}" in one_line(run("card", tmp_path))


def test_a_card_is_a_file_where_asked(small: Path, tmp_path: Path) -> None:
    assert card(small, "-o", tmp_path / "card.md") == ""
    assert (tmp_path / "card.md").read_text() == card(small)


def test_strangers_write_no_markup() -> None:
    assert plain("a|b\n*c*\x1b[2J") == r"a\|b\n\*c\*\x1b\[2J"
