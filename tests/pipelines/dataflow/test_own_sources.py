"""Own sources, rules and transforms as a job: the rule's file is on no worker."""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from massivetext.cli.main import main
from massivetext.pipelines.stage_list import STAGES
from massivetext.storage.files import list_files, open_file, read_bytes
from massivetext.storage.json_files import read_json
from tests.pipelines.dataflow.conftest import BUCKET, Cloud
from tests.pipelines.dataflow.service.execute import JobServer
from tests.support import joins
from tests.support.commands import model_path, run
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


@pytest.mark.heavy
def test_a_second_crawl_and_papers_join_back_to_their_inputs(
    cloud: Cloud, job_server: JobServer, tmp_path: Path
) -> None:
    folder = tmp_path / "inputs"
    joins.write_inputs(folder)
    cloud.upload(folder, "joins")
    (tmp_path / "my_rules.py").write_text(joins.RULES)
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(joins.RECIPE.format(root=f"gs://{BUCKET}/joins", model=model_path()))
    cloud.service.execute = job_server.execute
    there, here = f"gs://{BUCKET}/joins/out", tmp_path / "out"
    assert main(["build", str(recipe), "--output", there, *cloud.flags]) == 0
    names = {str(job["name"]).split("-")[1] for job in cloud.service.jobs.values()}
    assert names == {stage.name for stage in STAGES}  # tokens in rounds, as it takes all there is
    rows = []
    for info in list_files(f"{there}/documents/*part-*.parquet"):
        with open_file(info.path) as file:
            rows += pq.read_table(file).to_pylist()
    assert joins.check_joins(rows, folder) == joins.EXPECTED
    finished = run("build", recipe, "--output", here, "--set", f'root="{folder}"')
    assert finished.code == 0, finished.err
    shards = sorted((here / "sequences").glob("*.tfrecord-*"))
    assert shards
    for shard in shards:
        assert read_bytes(f"{there}/sequences/{shard.name}") == shard.read_bytes()
