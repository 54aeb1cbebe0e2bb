import importlib
import sys

import pytest

from massivetext.errors import ConfigError
from massivetext.sample.material import packages
from massivetext.sample.material.packages import PACKAGES, Module, installed_versions, read_modules


@pytest.fixture
def lamps(tmp_path, monkeypatch):
    """A package `lamps` in a folder that only the search path names, and nothing but it."""
    monkeypatch.setattr(packages, "PACKAGES", {"lamps": "lamps-of-the-stair"})
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])
    for name in ("__init__.py", "b/wick.pyx", "b.py", "distutils/old.py", "__config__.py",
                 "tests/test_b.py", "notes.txt", "include/lamp.h"):  # fmt: skip
        (tmp_path / "lamps" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "lamps" / name).write_text(name)
    importlib.invalidate_caches()
    return tmp_path


def test_a_package_is_read_from_where_python_finds_it(lamps):
    assert [module.path for module in read_modules()] == [
        "lamps/__init__.py",
        "lamps/b/wick.pyx",
        "lamps/b.py",
        "lamps/include/lamp.h",
        "lamps/tests/test_b.py",
    ]
    assert [module.text for module in read_modules() if module.is_test] == ["tests/test_b.py"]
    assert "lamps" not in sys.modules
    assert installed_versions() == {"lamps-of-the-stair": ""}


@pytest.mark.parametrize("name", ["nowhere_at_all", "nowhere.at_all"])
def test_a_package_that_is_missing_is_named(monkeypatch, name):
    monkeypatch.setattr(packages, "PACKAGES", {name: "the-lamp"})
    with pytest.raises(ConfigError, match="pip install the-lamp"):
        read_modules()


def test_every_package_is_there_and_gives_prose_or_code():
    found = {module.path.split("/")[0] for module in read_modules()}
    assert found == {name.split(".")[0] for name in PACKAGES}
    assert all(installed_versions().values())


def test_modules_are_in_one_order_and_none_differs_with_the_python():
    modules = read_modules()
    paths = [module.path for module in modules]
    order = [name.replace(".", "/") for name in PACKAGES]
    assert paths == sorted(
        paths,
        key=lambda p: (next(i for i, o in enumerate(order) if p.startswith(o)), p.split("/")),
    )
    assert not any(
        "distutils" in path.split("/") or path.endswith("__config__.py") for path in paths
    )


def test_a_test_is_known_by_its_folder():
    assert Module("a/tests/b.py", "").is_test
    assert not Module("a/testing/tests.py", "").is_test
