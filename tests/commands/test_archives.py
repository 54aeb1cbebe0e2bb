"""Every real archive through the command line: all its records are accounted for."""

from pathlib import Path

import pytest

from tests.support.commands import run, stage, write_recipe

pytestmark = pytest.mark.xdist_group("cli")

# Every real archive: the records that SOURCES.md counts, and pages or texts among them.
ARCHIVES = {
    "archive-org-2008-aut-example.warc.gz": 822,
    "commoncrawl-2016-50-excerpt.warc.wet.gz": 26,
    "commoncrawl-2020-08-resiliparse.warc.gz": 50,
    "commoncrawl-2024-22-whirlwind.warc.gz": 4,
    "commoncrawl-2024-22-whirlwind.warc.wat.gz": 2,
    "commoncrawl-2024-22-whirlwind.warc.wet.gz": 2,
    "dolma-sample-0000.warc.gz": 48,
    "postlight-fixture-pages.warc.gz": 287,
    "robustness-commoncrawl-fragment3.warc.wet.gz": 6,
    "robustness-single-gzip-member-commoncrawl-2016-50.warc.wet.gz": 26,
    "warcdb-frontpages-2022.warc.gz": 10,
}


def test_every_real_archive_gives_all_its_records(real_data: Path, tmp_path: Path) -> None:
    assert {path.name for path in (real_data / "web").iterdir()} == set(ARCHIVES)
    pages: dict[str, int] = {}
    for name, records in ARCHIVES.items():
        finished = run("extract", real_data / "web" / name)
        assert finished.code == 0
        pages[name] = len(finished.lines())
        said = f"{pages[name]:,} documents; 0 records could not be read"
        said += f", {records - pages[name]:,} hold no document"
        assert finished.err.strip() == said
    recipe = write_recipe(tmp_path / "recipe.toml", {"web": f"{real_data.resolve()}/web/*"})
    output = tmp_path / "out"
    assert run("documents", recipe, "--output", output).code == 0
    total = stage(output, "documents")["sources"]["web"]
    assert (total["records"], total["errors"]) == (sum(ARCHIVES.values()), 0)
    assert total["parts"] == len(ARCHIVES)
    read = ("record_type", "http_status", "not_html", "empty")
    no_pages = sum(total["dropped"].get(reason, 0) for reason in read)
    assert total["records"] - no_pages == sum(pages.values())
    assert total["kept"] + sum(total["dropped"].values()) == total["records"]
