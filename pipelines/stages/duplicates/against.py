"""The folders of old builds that a recipe names: each once, and never the build's own."""

import os

from massivetext.config.recipe import Recipe
from massivetext.errors import ConfigError
from massivetext.storage.paths import is_local


def old_folders(recipe: Recipe) -> list[str]:
    """Returns the folders of the old builds of a recipe, in its order.

    Raises:
      ConfigError: one is named twice, be it by another path.
    """
    folders = [recipe.resolve(path).rstrip("/") for path in recipe.duplicates.against]
    places = [place_of(folder) for folder in folders]
    for folder, place in zip(folders, places, strict=True):
        if places.count(place) > 1:
            raise ConfigError(f"duplicates.against: {folder} is named twice; name it once")
    return folders


def check_not_own(recipe: Recipe, output: str) -> None:
    """Checks that a build is not compared with what stands in its own folder, which it replaces.

    Raises:
      ConfigError: it is.
    """
    for folder in old_folders(recipe):
        if place_of(folder) == place_of(output):
            raise ConfigError(
                f"duplicates.against: {folder} is the --output itself; name another --output, and"
                " the old build stays as it is"
            )


def place_of(folder: str) -> str:
    """Returns by what two paths of one folder are known to be the same."""
    return os.path.realpath(folder) if is_local(folder) else folder.rstrip("/")
