"""Data sets that TensorFlow Datasets prepared, by name or folder: it knows their files."""

from collections.abc import Iterator
from os import PathLike
from pathlib import Path
from typing import Any

from massivetext.document import Origin, Record
from massivetext.errors import ConfigError
from massivetext.extras import require
from massivetext.readers.rows.tfds import read_tfds


def read_prepared(
    name: str | PathLike[str],
    split: str = "train",
    *,
    source: str = "c4",
    data_dir: str | PathLike[str] | None = None,
) -> Iterator[Record]:
    """Returns the records of one split of a data set that is prepared on this machine.

    Nothing is downloaded or prepared. Ids are those of a build that reads the same files.

    Args:
      name: as TensorFlow Datasets has it, such as ``c4/en``, or the folder of a version.
      split: such as ``train``.
      source: whose rules hold for its documents.
      data_dir: where data sets are prepared; by default ``~/tensorflow_datasets``.

    Raises:
      ConfigError: TensorFlow Datasets is not installed, the data set or its split is not there,
        or it has no feature ``text``.
    """
    require("tfds", "reading a data set by its name")
    builder = _builder(str(name), data_dir)
    splits = builder.info.splits
    if not splits:
        raise ConfigError(f"{name}: no data set prepared here; TensorFlow Datasets prepares it")
    if split not in splits:
        raise ConfigError(f"{name}: no split {split!r}; there are {', '.join(splits)}")
    features = sorted(builder.info.features or ())
    if "text" not in features:
        raise ConfigError(f"{name}: no feature 'text' but {', '.join(features)}")
    paths = [Path(path) for path in splits[split].filepaths]
    missing = [path for path in paths if not path.is_file()]
    if missing:
        raise ConfigError(f"{name}: {len(missing)} of {len(paths)} shards missing: {missing[0]}")
    return _records(paths, source)


def _builder(name: str, data_dir: str | PathLike[str] | None) -> Any:
    import tensorflow_datasets as tfds

    try:
        if Path(name).is_dir():
            return tfds.builder_from_directory(name)
        folder = None if data_dir is None else str(data_dir)
        return tfds.builder(name, data_dir=folder, try_gcs=False)
    except (
        tfds.core.registered.DatasetNotFoundError,
        AssertionError,
        OSError,
        ValueError,
    ) as error:
        first = str(error).strip().partition("\n")[0]
        raise ConfigError(f"{name}: no data set prepared here: {first}") from error


def _records(paths: list[Path], source: str) -> Iterator[Record]:
    for path in paths:
        with path.open("rb") as file:
            yield from read_tfds(file, Origin(source, path.name))
