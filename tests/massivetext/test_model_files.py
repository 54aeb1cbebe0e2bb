"""The language model is found from any folder."""

from pathlib import Path

import pytest

from massivetext import model_files
from massivetext.errors import ConfigError
from massivetext.model_files import LANGUAGE_MODEL, find_language_model, models_folder


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in ("MASSIVETEXT_MODELS", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(model_files, "__file__", str(tmp_path / "site" / "massivetext" / "x.py"))


@pytest.mark.parametrize(
    ("environment", "folder"),
    [
        ({}, "{tmp}/home/.cache/massivetext"),
        ({"XDG_CACHE_HOME": "/caches"}, "/caches/massivetext"),
        ({"XDG_CACHE_HOME": "relative"}, "{tmp}/home/.cache/massivetext"),
        ({"XDG_CACHE_HOME": "/caches", "MASSIVETEXT_MODELS": "~/m"}, "{tmp}/home/m"),
        ({"MASSIVETEXT_MODELS": ""}, "{tmp}/home/.cache/massivetext"),
    ],
)
def test_folders(
    environment: dict[str, str], folder: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert str(models_folder()) == folder.format(tmp=tmp_path)


def test_a_missing_model_says_how_to_fetch_it(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / LANGUAGE_MODEL).write_bytes(b"of the working folder")
    with pytest.raises(ConfigError, match=r"home/\.cache/massivetext; `massivetext models`"):
        find_language_model()


def test_the_users_folder_comes_before_a_checkouts(tmp_path: Path) -> None:
    checkout, cache = tmp_path / "site" / "models", tmp_path / "home" / ".cache" / "massivetext"
    for folder in (checkout, cache):
        folder.mkdir(parents=True)
        (folder / LANGUAGE_MODEL).write_bytes(b"model")
    assert find_language_model() == str(cache / LANGUAGE_MODEL)
    (cache / LANGUAGE_MODEL).unlink()
    with pytest.raises(ConfigError):
        find_language_model()  # what lies beside an installed package is not ours
    (tmp_path / "site" / "pyproject.toml").touch()
    assert find_language_model() == str(checkout / LANGUAGE_MODEL)
