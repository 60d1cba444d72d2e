"""Adapters that were trained anew: on which rows, of which object, and by the recipe that the references had too?"""

from __future__ import annotations

from bisect import bisect_left

from evidence.canonical import Json
from evidence.case import Case
from evidence.checks.retraining import taken_without
from evidence.faults import Fault
from evidence.unproved_families import LANGUAGE

# The object without the rows, under the name by which such a job gets it.
KEPT = "kept"
# Not of the recipe of one adapter: which draw, on how many cores, and what is said of the old file.
_APART = ("seed", "seeds", "cores", "parts", "adapters", "origins")


def renumbered(rows: list[int], gone: list[int]) -> list[int]:
    """Rows of an object by their numbers in the object without `gone`, in their order; those that are gone left out."""
    left_out, ordered = set(gone), sorted(set(gone))
    return [row - bisect_left(ordered, row) for row in sorted(rows) if row not in left_out]


def retrained(spec: Json) -> Json:
    """What a specification of training adapters anew leads to; where it is not exact, nothing that a plan could say."""
    params, told = spec["params"], spec["params"]["origins"]
    [forget] = spec["manifests"]["forget"].values()
    going, parts = sorted(params["adapters"]), told["adapters"]
    left = {name: renumbered(parts[name], forget) for name in going}
    left = {name: rows for name, rows in left.items() if rows}
    staying = sorted(set(parts) - set(going))
    elsewhere: set[int] = set(told["base"]).union(*(parts[name] for name in staying))
    gone: set[int] = set().union(*(parts[name] for name in going))
    exact = bool(forget) and not set(forget) & elsewhere and not set(forget) - gone
    learned = sorted(row for rows in left.values() for row in rows)
    as_told = params["parts"] == left and sorted(spec["manifests"].get("retain", {}).get(KEPT, [])) == learned
    return {
        "adapters": sorted(left),
        "emptied": [name for name in going if name not in left],
        "staying": staying,
        "left_rows": len(learned) if exact and as_told else "not exact: they learned other rows than those left",
    }


def check_training(case: Case, spec: Json) -> None:
    """On the object that was taken without the rows, and as the references of the case were trained."""
    where, taken = f"specs/{spec['job']}.json", taken_without(case)
    if taken is None:
        case.fault(Fault.PLAN, where, "an entry snapshot:taken that names the rows that are left", "none")
    else:
        given = spec["inputs"].get(KEPT)
        digest = given.get("digest") if isinstance(given, dict) else None
        case.expect(Fault.PLAN, f"{where} $.inputs.{KEPT}", taken.body.get("object"), digest)
    for path, other in sorted(case.documents.items()):
        if path.startswith("specs/") and other["engine"] == LANGUAGE.references:
            case.expect(
                Fault.PLAN, f"{where} $.params, the recipe ({path})", _recipe(other["params"]), _recipe(spec["params"])
            )
            _check_parts(case, where, spec["params"]["parts"], other["params"].get("parts"))


def _recipe(params: Json) -> Json:
    return {name: value for name, value in params.items() if name not in _APART}


def _check_parts(case: Case, where: str, own: Json, theirs: Json) -> None:
    """References spread the rows that are left over adapters as the model does."""
    found = {name: rows for name, rows in theirs.items() if name in own} if isinstance(theirs, dict) else theirs
    case.expect(Fault.PLAN, f"{where} $.params.parts (of the references)", found, own)
