"""Why parts of a stage would run again: what they are made from is not what it was."""

from collections import Counter
from collections.abc import Mapping

from massivetext.config.differences import differences, flat, told
from massivetext.corpus.origins import MadeFrom, Origins
from massivetext.pipelines.changes.contents import Done, done_parts
from massivetext.pipelines.changes.versions import TIGHTENED
from massivetext.pipelines.folder.file_names import MANIFEST
from massivetext.pipelines.folder.stage import UP_TO_DATE, Stage, sound_json, why_it_runs


def why_half(half: Stage, origins: Origins) -> str:
    """Returns why what a stage makes in a folder beside its own would run."""
    reason = why_it_runs(half)
    return reason if reason != UP_TO_DATE else why_parts(half, origins)


def why_parts(stage: Stage, origins: Origins) -> str:
    """Returns one line: why a stage that is complete would run, or that it is up to date."""
    manifest = sound_json(stage.path(MANIFEST)) or {}
    if origins.parts is not None:
        causes = causes_of(stage, origins.parts)
        if causes:
            return f"runs: {sum(causes.values()):,} of {len(origins.parts):,} parts: {said(causes)}"
        gone = done_parts(stage).keys() - origins.parts.keys()
        if gone:
            return f"runs: {len(gone):,} parts have no input any more"
    before = manifest.get("made_from", {})
    changed = [name for name, value in origins.whole.items() if before.get(name) != value]
    return f"runs: other {', '.join(changed)}" if changed else UP_TO_DATE


def causes_of(stage: Stage, wanted: Mapping[str, MadeFrom]) -> Counter[str]:
    """Returns, by cause, how many parts of a finished stage are to be made anew."""
    done = done_parts(stage)
    causes = (_cause(stage, done.get(stem), made) for stem, made in wanted.items())
    return Counter(cause for cause in causes if cause)


def _cause(stage: Stage, done: Done | None, wanted: MadeFrom) -> str:
    if done is None:
        return "new"
    before = done.made_from
    changed = [name for name in wanted if before.get(name) != wanted[name]]
    if "recipe" in changed:
        if before.get("recipe", "").startswith(wanted["recipe"] + TIGHTENED):
            return "documents that `rejudge --only-tighter` left out"
        old = (sound_json(stage.path(MANIFEST)) or {}).get("reads", {})
        return told(differences(flat(old), flat(stage.reads))) or "other recipe"
    return f"other {', '.join(changed)}" if changed else ""


def said(causes: Mapping[str, int]) -> str:
    """Returns causes with their counts, as ``1 new, 2 with other duplicates``.

    >>> said({"new": 1, "other duplicates": 2})
    '1 new, 2 with other duplicates'
    """
    words = [
        f"{count:,} {'with ' if cause.startswith('other ') else ''}{cause}"
        for cause, count in causes.items()
    ]
    return ", ".join(words)
