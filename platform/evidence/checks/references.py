"""Do the retrained references belong to this candidate: trained for it, on the rows that stay, as the model itself?

A verdict compares a candidate with models that never saw the rows. Another plan's references, of other rows or another
recipe, would make it compare with whatever looks alike.
"""

from __future__ import annotations

from evidence.canonical import Json
from evidence.case import Case, Logged
from evidence.checks.retraining import taken_without
from evidence.faults import Fault
from evidence.recipes import recipe_digest
from evidence.unproved_families import UnprovedFamily

_INPUT = "references"


def check_references(case: Case, family: UnprovedFamily, attack: Json) -> None:
    """The references that one attack on the released weights was given, where nothing but this attack speaks."""
    taken_without(case)
    spec = check_whose(case, family, attack)
    if spec is not None:
        _check_recipe(case, family, spec)
        _check_seeds(case, family, spec)


def check_whose(case: Case, family: UnprovedFamily, attack: Json) -> Json | None:
    """They were trained for this candidate, on the rows that stay; gives what that training was told."""
    where = f"specs/{attack['job']}.json $.inputs.{_INPUT}"
    given = _digest(attack, _INPUT)
    made = _made(case, family, given, attack)
    if made is None:
        found = f"{given}, which none of its jobs of {family.references} recorded"
        case.fault(Fault.REFERENCES, where, "weights that a job of this thread trained as references", found)
        return None
    spec: Json = case.documents.get(f"specs/{made.body['job']}.json")
    if spec is not None:
        _check_order(case, made, attack)
        _check_rows(case, family, spec)
    return spec


def _made(case: Case, family: UnprovedFamily, weights: Json, attack: Json) -> Logged | None:
    """The record of the job that trained these weights as references: the last before the attack, or else any."""
    found = [
        entry
        for entry in case.logged("job:recorded")
        if weights is not None
        and entry.body.get("weights") == weights
        and case.documents.get(f"specs/{entry.body['job']}.json", {}).get("engine") == family.references
    ]
    attacked = case.begun(attack["job"])
    before = [entry for entry in found if attacked is not None and entry.seq < attacked.seq]
    return next(reversed(before or found), None)


def _check_order(case: Case, made: Logged, attack: Json) -> None:
    """They were begun after the candidate was recorded, so for no earlier one, and recorded before the attack began."""
    candidate, where = case.candidate, f"references of {made.body['job']}"
    begun = case.begun(made.body["job"])
    attacked = case.begun(attack["job"])
    if candidate is not None and begun is not None and begun.seq < candidate.seq:
        case.fault(Fault.REFERENCES, where, "begun after the candidate was recorded", "begun before it")
    if attacked is not None and attacked.seq < made.seq:
        case.fault(Fault.REFERENCES, where, "recorded before the attack began", "recorded after that")


def _check_rows(case: Case, family: UnprovedFamily, spec: Json) -> None:
    """All rows of the snapshot that was taken without the erased ones, and no others."""
    where, taken = f"specs/{spec['job']}.json", case.last("snapshot:taken")
    if taken is None:
        case.fault(Fault.REFERENCES, where, "an entry snapshot:taken that names their rows", "none")
        return
    case.expect(Fault.REFERENCES, f"{where} $.inputs, its rows", taken.body.get("object"), _digest(spec, family.rows))
    rows = taken.body.get("rows")
    named = spec["manifests"].get("retain", {}).get(family.rows, [])
    # Counted first: a number alone must not make the verifier write out a list of that length.
    wanted = {"retain": {family.rows: list(range(len(named)))}} if rows == len(named) else None
    if spec["manifests"] != wanted:
        case.fault(Fault.REFERENCES, f"{where} $.manifests", f"all {rows} rows of that snapshot", "other rows")


def _check_recipe(case: Case, family: UnprovedFamily, spec: Json) -> None:
    """As the certificate says that the model is trained; certificates from before it said so name no recipe."""
    where = f"specs/{spec['job']}.json $.params"
    planned = case.documents.get("plan.json", {}).get("inputs", {}).get("epochs")
    if "epochs" in spec["params"]:  # where they are the engine's default, the recipe says so
        case.expect(Fault.REFERENCES, f"{where}.epochs (plan.json)", planned, spec["params"]["epochs"])
    recipe = case.documents.get("certificate.json", {}).get("recipe")
    if recipe is not None:
        inputs = {name: _digest(spec, name) for name in spec["inputs"]}
        found = recipe_digest(engine=family.trains, params=spec["params"], inputs=inputs, rows=family.rows)
        case.expect(Fault.REFERENCES, f"{where}, the recipe (certificate.json)", recipe, found)


def _check_seeds(case: Case, family: UnprovedFamily, spec: Json) -> None:
    """As many as the policy asks, each once, and none that an earlier candidate of the plan was compared with."""
    where, seeds = f"specs/{spec['job']}.json $.params.seeds", spec["params"].get("seeds")
    rules = case.documents.get("policy.json", {}).get("verification")
    wanted = rules.get("references") if isinstance(rules, dict) else None
    own = seeds if isinstance(seeds, list) else []
    case.expect(Fault.REFERENCES, f"{where}, how many (policy.json)", wanted, len({repr(seed) for seed in own}))
    case.expect(Fault.REFERENCES, f"{where}, each once", len({repr(seed) for seed in own}), len(own))
    for path, other in case.documents.items():
        if path.startswith("specs/") and other["engine"] == family.references and other["job"] != spec["job"]:
            theirs = other["params"].get("seeds")
            if isinstance(theirs, list) and any(seed in own for seed in theirs):
                case.fault(Fault.REFERENCES, where, "seeds of their own", f"some of {other['job']}")


def _digest(spec: Json, name: str) -> Json:
    entry = spec["inputs"].get(name)
    return entry.get("digest") if isinstance(entry, dict) else None
