"""A model without a ledger: what its certificate may say depends on whose program retrained it."""

from typing import Any

import pytest

from evidence.canonical import digest, digest_json
from evidence.faults import Fault
from tests.evidence import specimen
from tests.evidence.forging import faults, verdict_on
from tests.evidence.specimen import DELETE, FORGOTTEN, Erasure
from tests.evidence.taken import taken

UNKNOWN, ZERO = {"mu": None, "epsilon": None}, {"mu": 0, "epsilon": 0}


class Retrained(Erasure):
    """A plan without a ledger: retrained by this engine, with this number A."""

    engine = "recipe"
    number_a: dict[str, Any] = UNKNOWN
    sizes = (16, 13)
    start: dict[str, Any] | None = None
    named: dict[str, Any] | None = None
    planned: str | None = None
    given: dict[str, Any] = {}
    rows: dict[str, Any] = {"retain": {"features": list(range(13))}}
    taken: dict[str, Any] | None = {}

    def documents(self) -> dict[str, Any]:
        documents = super().documents()
        del documents["ledger.json"]
        documents = {path: document for path, document in documents.items() if not path.startswith("ledgers/")}
        reason = "It has no ledger."
        facts = {"rows": 16, "batch_rows": FORGOTTEN, "engine": self.planned or self.engine}
        choice = {"route": "retrain", "reason": reason}
        documents["plan.json"] = {"format": "obelus/plan-recipe/1", "inputs": facts, "choice": choice}
        documents[f"specs/{DELETE}.json"] |= {"engine": self.engine, "params": {}, "manifests": self.rows}
        given = {"features": taken()["object"], **self.given}
        inputs = {name: {"path": f"inputs/{name}", "digest": found} for name, found in given.items()}
        documents[f"specs/{DELETE}.json"]["inputs"] = inputs
        if self.start:
            documents[f"specs/{DELETE}.json"]["inputs"]["base"] = self.start
        documents[f"results/{DELETE}.json"] |= {"engine": self.engine}
        documents["snapshot.json"]["old"]["size"], documents["snapshot.json"]["new"]["size"] = self.sizes
        nothing = {"adjacency": None, "assumption": None, "delta": None, "ledger": None, "rung": "retrained"}
        numbers = {"a": self.number_a, "b": UNKNOWN, "b_before": UNKNOWN}
        numbers |= {"a_all_models": self.number_a, "b_all_models": UNKNOWN, "other_models": []}
        spec = {"spec": digest_json(documents[f"specs/{DELETE}.json"])}
        documents["certificate.json"] |= {**nothing, **numbers, **spec, **({"base": self.named} if self.named else {})}
        people = {name: documents["approvals.json"][name] for name in ("proposer", "approvers")}
        documents["approvals.json"] = specimen.approvals_document(**specimen._parts(documents), **people)
        return documents

    def before_release(self, documents: Any) -> list[tuple[str, dict[str, Any]]]:
        before = super().before_release(documents)
        if self.taken is None:
            return before
        size = documents["snapshot.json"]["new"]["size"]
        return [*before[:2], ("snapshot:taken", {**taken(), "rows": size, **self.taken}), *before[2:]]


def retrained(engine: str, number_a: dict[str, Any], *, sizes: tuple[int, int] = (16, 13)) -> Any:
    case = Retrained()
    case.engine, case.number_a, case.sizes = engine, number_a, sizes
    case.rows = {"retain": {"features": list(range(sizes[1]))}}
    return verdict_on(case.members())


@pytest.mark.parametrize(
    ("engine", "number_a"),
    [("recipe", UNKNOWN), ("train.plain", UNKNOWN), ("train.plain", ZERO), ("certified.train", ZERO)],
)
def test_our_own_retraining_may_say_zero_and_anybodys_may_say_nothing(engine: str, number_a: dict[str, Any]) -> None:
    assert retrained(engine, number_a).differences == []


def test_a_retraining_that_no_method_stood_beside_names_its_base_too() -> None:
    base = digest_json("a base")
    used, said = {"path": "inputs/base", "digest": base}, {"digest": base, "source": "somebody's"}
    for start, named, found in ((used, said, []), (used, None, [Fault.CERTIFICATE]), (None, said, [Fault.CERTIFICATE])):
        case = Retrained()
        case.engine, case.number_a, case.start, case.named = "language.train", ZERO, start, named
        assert faults(verdict_on(case.members())) == found


def test_a_retraining_was_given_the_rows_that_stay_and_nothing_that_knew_the_others() -> None:
    """Number A is 0 on this rung: that the old rows were left out must not be the house's word."""

    def found(**changes: Any) -> list[Fault]:
        case = Retrained()
        case.engine, case.number_a = "train.plain", ZERO
        for name, value in changes.items():
            setattr(case, name, value)
        return faults(verdict_on(case.members()))

    old = digest(b"dataset")
    assert found() == []
    assert found(given={"features": old}) == [Fault.PLAN], "the object with the rows"
    assert found(given={"model": digest_json("the old weights")}) == [Fault.PLAN]
    for rows in ({}, {"retain": {"features": list(range(16))}}, {"retain": {"features": list(range(12))}}):
        assert found(rows=rows) == [Fault.PLAN], rows
    assert found(rows={**Retrained.rows, "forget": {"features": [0]}}) == [Fault.PLAN, Fault.SNAPSHOT]
    assert found(engine="noop", planned="train.plain", number_a=UNKNOWN) == [Fault.PLAN], "what trains nothing"
    assert found(taken=None) == [Fault.PLAN], "nobody says which object was taken without the rows"
    assert found(taken={"object": old}) == [Fault.PLAN]
    assert found(taken={"object": old, "root": digest_json("the old root")}, given={"features": old}) == [
        Fault.SNAPSHOT
    ], "proofs about one snapshot, rows of another"
    assert found(taken={"object": old}, given={"features": old}) == [], "nobody else was given this object: attested"


def test_of_an_owners_command_nobody_knows_what_else_it_read() -> None:
    report = retrained("recipe", ZERO)
    assert faults(report) == [Fault.CERTIFICATE]
    assert {line.where for line in report.differences} == {"certificate.json $.a"}


def test_no_engine_may_say_more_than_zero_without_a_ledger() -> None:
    assert faults(retrained("train.plain", {"mu": 0.5, "epsilon": 0})) == [Fault.CERTIFICATE]


def test_a_new_snapshot_is_never_larger_than_the_old_one() -> None:
    """Another model's plan may have taken the rows out before, so that fewer went than were asked for."""
    for sizes, larger in (((13, 13), []), ((12, 13), ["snapshot.json $.new.size"])):
        differences = retrained("recipe", UNKNOWN, sizes=sizes).differences
        assert [line.where for line in differences if "presences" not in line.where] == larger


def test_a_plan_with_a_ledger_may_not_lose_it_in_its_certificate() -> None:
    """Else a certificate without numbers could hide what the ledger says of earlier releases."""

    class Lost(Retrained):
        engine = "certified.train"

        def documents(self) -> dict[str, Any]:
            return super().documents() | {"plan.json": specimen.plan()}

    assert Fault.LEDGER in faults(verdict_on(Lost().members()))
