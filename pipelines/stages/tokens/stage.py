"""Stage 5, tokens: crops, encodes and packs; what the build has to know of it."""

from typing import TYPE_CHECKING, Any

from massivetext.corpus.origins import Origins
from massivetext.pipelines.engine.stage_spec import Inputs, StageSpec
from massivetext.pipelines.folder.file_names import FileNames

if TYPE_CHECKING:
    from massivetext.pipelines.engine.build_plan import Build

_OF_SHARDS = ("shards", "layout")  # of `sequences`: the last stage alone reads them


def _reads(inputs: Inputs) -> dict[str, Any]:
    sequences = inputs.values["sequences"]
    return {"sequences": {k: v for k, v in sequences.items() if k not in _OF_SHARDS}}


def _of_held(build: "Build") -> Origins:
    from massivetext.pipelines.stages.tokens.origin import held_origins

    return held_origins(build)


def _of_found(build: "Build") -> Origins:
    from massivetext.pipelines.stages.tokens.origin import found_origins

    return found_origins(build)


def _origins(build: "Build") -> Origins:
    from massivetext.pipelines.stages.tokens.origin import token_origins

    return token_origins(build)


def _run(build: "Build") -> dict[str, Any]:
    from massivetext.pipelines.stages.tokens.run import run_tokens

    return run_tokens(build)


STAGE = StageSpec(
    name="tokens",
    help="crop, encode, pack",
    format=3,
    reads=_reads,
    origins=_origins,
    halves=(("held", _of_held), ("found", _of_found)),
    run=_run,
    names=FileNames(
        of_part=("{}.tokens", "validation-{}.tokens", "left-out-{}.parquet"),
        halves=(
            ("held", FileNames(of_part=("{}.parquet",), others=(r"table-keys\.(npy|json)",))),
            ("found", FileNames(of_part=("{}.npy",), others=(r"table-found\.(npy|json)",))),
        ),
        others=(r"rounds\.json",),
        record="rounds.json",
    ),
)
