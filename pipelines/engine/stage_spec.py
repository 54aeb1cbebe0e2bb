"""What the build has to know of a stage: one object, which the stage's own folder defines.

These objects are light, so that the command line can list the stages without Beam: `reads` and
`run` import what they need when they are called.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from massivetext.pipelines.folder.file_names import FileNames

if TYPE_CHECKING:
    from massivetext.config.recipe import Recipe
    from massivetext.corpus.origins import Origins
    from massivetext.corpus.parts import InputFile
    from massivetext.pipelines.engine.build_plan import Build
    from massivetext.pipelines.folder.models import ModelPaths


class Inputs(NamedTuple):
    """What a build is made from, as far as it is known before anything runs."""

    recipe: "Recipe"
    values: dict[str, Any]  # the recipe's, as JSON
    files: "list[InputFile]"
    models: "ModelPaths"


@dataclass(frozen=True)
class StageSpec:
    """A stage as the build sees it: facts, and two functions.

    Attributes:
      name: of the stage, its folder and its command.
      help: what it does, in a few words, for the list of commands.
      format: raised by hand when the bytes of the stage may change.
      reads: returns, as JSON values by their keys in the recipe, all that shapes the stage's bytes
        besides its format, the seed and the stages before it; the stage's key digests them.
      run: runs the stage and returns its manifest.
      names: of its files.
      origins: returns what the stage reads of those before it, by part where its parts are made
        one by one; by default all that they wrote.
      halves: of the same, by the suffixes of the folders beside the stage's.
      by_part: whether what the recipe says is among each part's origins, since it differs by
        source; then it is not in the stage's key.
      machine: type of a Dataflow worker, where the usual one has too little memory.
    """

    name: str
    help: str
    format: int
    reads: Callable[[Inputs], dict[str, Any]]
    run: "Callable[[Build], dict[str, Any]]"
    names: FileNames = field(default=FileNames())
    origins: "Callable[[Build], Origins] | None" = None
    halves: "tuple[tuple[str, Callable[[Build], Origins]], ...]" = ()
    by_part: bool = False
    machine: str = ""
