"""Three sources, two of names of their own: files, a rule, a transform, and the recipe of them."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.support.commands import Finished, model_path, prose, run

RULES = '''
"""Rules of the forum."""


def judge(document, measures):
    if "raise" in document.text:
        raise ValueError("no such thing")
    braces = document.text.count("{")
    return "too_many_braces" if 100 * braces > measures.words else None


def clean(text):
    return text.replace("SIGNATURE", "")
'''

# The rest of a recipe whose corpus is small, and its sequences short.
SMALL = """
[language_model]
path = "{model}"
[vocabulary]
size = 420
sample_bytes = 60_000
[sequences]
tokens = "max"
length = 32
shards = 2
validation_fraction = 0.2
default_max_passes = 100
"""

RECIPE = """
root = "{root}"
max_bad_fraction = 0.2
mixture = {{web = 0.4, forum = 0.4, papers = 0.2}}
[parts]
batch_bytes = 1
[sources.web]
files = ["web/*"]
[sources.forum]
like = "web"
files = ["forum"]
url_key = "metadata.url"
keep = ["metadata", "license"]
[sources.forum.rules]
own = ["my_rules.py:judge"]
transform = ["my_rules.py:clean"]
quality = {{min_words = 20}}
[sources.papers]
like = "books"
files = ["~/papers/**/*.parquet"]
text_key = "content.body"
id_key = "doi"
"""
RECIPE += SMALL


def forum_rows(first: int, count: int) -> list[dict[str, Any]]:
    """Rows of a forum: most are kept, each tenth breaks the own rule, each 25th makes it raise."""
    rows = []
    for number in range(first, first + count):
        text = prose(number) + "SIGNATURE\n"
        if number % 10 == 3:
            text += "x" + "{" * 20 + "\n"
        if number % 25 == 4:
            text += "raise\n"
        url = f"https://forum.example/{number}"
        row = {"text": text, "id": f"post-{number}", "metadata": {"url": url, "n": number}}
        rows.append(row | ({"license": "cc-by"} if number % 2 else {}))
    return rows


def write_inputs(folder: Path) -> None:
    (folder / "web").mkdir(parents=True)
    (folder / "forum" / "deep").mkdir(parents=True)
    (folder / "papers" / "2024").mkdir(parents=True)
    for name, first in (("a.jsonl", 1_000), ("b.jsonl", 1_020)):
        rows = [json.dumps({"text": prose(n)}) for n in range(first, first + 20)]
        (folder / "web" / name).write_text("\n".join(rows))
    for name, first in (("a.jsonl", 0), ("deep/b.jsonl", 50)):
        rows = [json.dumps(row) for row in forum_rows(first, 50)]
        (folder / "forum" / name).write_text("\n\n".join(rows) + "\n")
    (folder / "forum" / "_SUCCESS").touch()
    (folder / "forum" / ".a.jsonl.crc").write_bytes(b"crc")
    (folder / "forum" / "deep" / "notes.md").write_text("of people")
    for name, first in (("x.parquet", 2_000), ("2024/y.parquet", 2_030)):
        rows = [
            {"doi": f"10.1/{n}", "content": {"body": prose(n)}} for n in range(first, first + 30)
        ]
        pq.write_table(pa.Table.from_pylist(rows), folder / "papers" / name, row_group_size=7)


def build_own(folder: Path, recipe: str, rules: str) -> Finished:
    """Builds a recipe with rules of its own beside it, on two workers, into `out` of its folder."""
    (folder / "my_rules.py").write_text(rules)
    (folder / "recipe.toml").write_text(recipe.format(root=folder, model=model_path()))
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("HOME", str(folder))
        return run("build", folder / "recipe.toml", "--output", folder / "out", "--workers", "2")
