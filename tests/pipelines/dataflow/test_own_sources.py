"""Own sources, rules and transforms as a job: the rule's file is on no worker."""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from massivetext.cli.main import main
from massivetext.storage.files import list_files, open_file
from massivetext.storage.json_files import read_json
from tests.pipelines.dataflow.conftest import BUCKET, Cloud
from tests.pipelines.dataflow.service.execute import JobServer
from tests.support.commands import model_path
from tests.support.own_sources import RECIPE, RULES, write_inputs

pytestmark = [pytest.mark.xdist_group("sample"), pytest.mark.timeout(900)]


def test_a_rule_travels_with_its_job(cloud: Cloud, job_server: JobServer, tmp_path: Path) -> None:
    write_inputs(tmp_path)
    for name in ("web", "forum", "papers"):
        cloud.upload(tmp_path / name, f"own/{name}")
    recipe = tmp_path / "recipe" / "recipe.toml"
    recipe.parent.mkdir()
    text = RECIPE.format(root=f"gs://{BUCKET}/own", model=model_path())
    recipe.write_text(text.replace("~/papers", "papers"))
    rules = recipe.parent / "my_rules.py"
    rules.write_text(RULES)

    def execute(*arguments: object) -> object:
        rules.unlink(missing_ok=True)
        return job_server.execute(*arguments)  # type: ignore[arg-type]

    cloud.service.execute = execute  # type: ignore[assignment]
    output = f"gs://{BUCKET}/own/out"
    assert main(["documents", str(recipe), "--output", output, *cloud.flags]) == 0
    sources = (read_json(f"{output}/documents/manifest.json") or {})["sources"]
    counted = {name: (s["records"], s["kept"], s["errors"]) for name, s in sources.items()}
    assert counted == {"web": (40, 40, 0), "forum": (100, 86, 4), "papers": (60, 60, 0)}
    assert sources["forum"]["dropped"] == {"too_many_braces": 10}
    places = set()
    for info in list_files(f"{output}/documents/*part-*.parquet"):
        with open_file(info.path) as file:
            rows = pq.read_table(file).to_pylist()
        places |= {(row["source"], row["file"], row["position"]) for row in rows}
        if rows and rows[0]["source"] == "forum":
            assert all(json.loads(row["extra"])["metadata"]["url"] == row["url"] for row in rows)
    assert len(places) == 196
    assert not rules.exists()
