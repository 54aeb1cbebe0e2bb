"""Checks of stages 2 and 3: exact copies, near copies, documents like held-out items."""

from collections.abc import Callable
from itertools import combinations

from massivetext.hashing import rank
from massivetext.sample.check.build import twin_jaccard
from massivetext.sample.check.planted import Entry, Failures, Sample, name_of

MUST_GO, MAY_GO = 0.82, 0.8  # a planted pair so like each other; nothing at or below this one
_EQUAL = 1e-9


def survives_once(sample: Sample) -> Failures:
    """Yields where of exact copies not the first by rank stays, or another does not go."""
    for group in sample.groups("duplicate"):
        if any(sample.pointer(entry) is None for entry in group):
            yield f"{name_of(group[0])}: a copy did not reach stage 2"
            continue
        first, *others = sorted(group, key=lambda entry: rank(sample.outcome.seed, entry["id"]))
        if sample.reasons(first) != ():
            yield f"{name_of(first)}: the first by rank is gone, {sample.reasons(first)}"
        for entry in others:
            if sample.reasons(entry) != ("exact",):
                yield f"{name_of(entry)}: exact expected, found {sample.reasons(entry)}"


def near_pairs(sample: Sample) -> Failures:
    """Yields planted documents that are both kept with a Jaccard of at least 0.82."""
    for group in sample.groups("near"):
        lost = [entry for entry in group if sample.pointer(entry) is None]
        if lost:
            yield f"{name_of(lost[0])}: did not reach stage 2"
            continue
        pairs = [(a, b, _likeness(sample, a, b)) for a, b in combinations(group, 2)]
        for a, b, jaccard in pairs:
            if jaccard >= MUST_GO and not sample.reasons(a) and not sample.reasons(b):
                yield f"{name_of(a)} and {name_of(b)}: both kept at {jaccard:.4f}"
        if max(jaccard for _, _, jaccard in pairs) < MUST_GO:
            yield f"{name_of(group[0])}: no pair of the group is at 0.82, the plant is spoilt"


def planted_jaccard(sample: Sample) -> Failures:
    """Yields pairs whose Jaccard is not what was measured before the run."""
    for outcome in ("near", "kept"):
        for group in sample.groups(outcome):
            if len(group) != 2 or any(sample.pointer(entry) is None for entry in group):
                continue
            found = _likeness(sample, *group)
            if abs(found - group[0]["jaccard"]) > 1e-6:
                yield f"{name_of(group[0])}: planted {group[0]['jaccard']:.6f}, found {found:.6f}"


def _likeness(sample: Sample, a: Entry, b: Entry) -> float:
    return twin_jaccard(sample.document(a).text, sample.document(b).text)


def justified(reason: str) -> Callable[[Sample], Failures]:
    """Returns the check that all drops for a reason have a twin of smaller rank, like enough."""
    return lambda sample: _unjustified(sample, reason)


def _unjustified(sample: Sample, reason: str) -> Failures:
    for document, removal in sample.removals(reason):
        pointer = sample.pointers.get(removal.twin)
        if pointer is None:
            yield f"{document.id}: twin {removal.twin} is no document"
            continue
        twin = sample.outcome.kept[pointer]
        found = twin_jaccard(document.text, twin.text)
        if reason == "exact" and document.text != twin.text:
            yield f"{document.id}: exact, but its twin {twin.id} has another text"
        if reason == "near" and (found <= MAY_GO or abs(found - removal.jaccard) > _EQUAL):
            yield f"{document.id}: Jaccard {found:.6f}, recorded {removal.jaccard:.6f}"
        if rank(sample.outcome.seed, twin.id) >= rank(sample.outcome.seed, document.id):
            yield f"{document.id}: its twin {twin.id} does not come first by rank"


def overlaps(sample: Sample) -> Failures:
    """Yields drops for a held-out item that is not above 0.8, or not as recorded."""
    for document, removal in sample.removals("overlap"):
        item = removal.twin.rpartition("/")[2]
        found = twin_jaccard(document.text, sample.items.get(item, ""))
        if found <= MAY_GO or abs(found - removal.jaccard) > _EQUAL:
            yield f"{document.id}: Jaccard with {item} {found:.6f}, recorded {removal.jaccard:.6f}"
