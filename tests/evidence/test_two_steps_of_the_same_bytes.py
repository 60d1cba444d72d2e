"""Two methods of a ladder may leave the same bytes: what was done for the first one says nothing of the second."""

from typing import Any

from evidence.canonical import digest_json
from evidence.faults import Fault
from tests.evidence import specimen
from tests.evidence.forging import faults, verdict_on
from tests.evidence.specimen import DELETE, VERIFY
from tests.evidence.test_a_ladder_of_methods import PRICED, RULES, Climbed
from tests.evidence.test_unlearning_that_no_ledger_proves import REFER

FIRST = {DELETE: "job_" + "a" * 32, REFER: "job_" + "b" * 32, VERIFY: "job_" + "c" * 32}
FOLDERS = ("specs", "results", "measurements")
Logged = list[tuple[str, dict[str, Any]]]


class Twice(Climbed):
    """The first method's attack failed it; the second came to the same weights, and what was asked of it passed."""

    seeds = {"epochs": 30, "seeds": [3, 4]}
    method: dict[str, Any] = {"method": "npo", "epochs": 5, "retain_weight": 1.0}
    first_references = digest_json("references of the first step")
    left_out: tuple[str, ...] = ()
    proposed = False

    def documents(self) -> dict[str, Any]:
        found = super().documents()
        for job, earlier in FIRST.items():
            for path in [f"{folder}/{job}.json" for folder in FOLDERS if f"{folder}/{job}.json" in found]:
                name = path.replace(job, earlier)
                found[name] = {**found[path], **({} if path.startswith("meas") else {"job": earlier})}
        found[f"specs/{FIRST[DELETE]}.json"] |= {"params": self.method}
        found[f"specs/{FIRST[REFER]}.json"] |= {"params": self.seeds}
        attack = found[f"specs/{FIRST[VERIFY]}.json"]
        given = {"path": "inputs/references", "digest": self.first_references}
        attack["inputs"] = {**attack["inputs"], "references": given}
        [line] = found[f"measurements/{FIRST[VERIFY]}.json"]["measurements"]
        found[f"measurements/{FIRST[VERIFY]}.json"] |= {"measurements": [{**line, "successes": 11}]}
        return found

    def before_release(self, documents: Any) -> Logged:
        """The whole of the first step before the second: candidate, references, attack, a verdict that failed."""
        before = super().before_release(documents)
        at = next(place for place, (_, body) in enumerate(before) if body.get("job") == DELETE)
        theirs = [self.as_first(documents, event, body) for event, body in before[at:] if body.get("job") in FIRST]
        own = [(event, body) for event, body in before[at:] if body.get("job") not in self.left_out]
        failed = {"verdict": digest_json("it failed"), "outcome": "failed", "attempts": 4}
        own = [(event, {**body, "attempts": 8} if event == "verdict:reached" else body) for event, body in own]
        asked = ("release:proposed", {"release": documents_digest(documents), "approval_digest": digest_json("first")})
        return [*before[:at], *theirs, ("verdict:reached", failed), *([asked] if self.proposed else []), *own]

    def as_first(self, documents: Any, event: str, body: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        job = FIRST[body["job"]]
        named = {"spec": "specs", "result": "results", "measurements": "measurements"}
        digests = {key: digest_json(documents[f"{folder}/{job}.json"]) for key, folder in named.items() if key in body}
        weights = {"weights": self.first_references} if body["job"] == REFER and "weights" in body else {}
        return event, {**body, "job": job, **digests, **weights}


def documents_digest(documents: Any) -> str:
    return digest_json(documents["release/manifest.json"])


def same_bytes(**changes: Any) -> Any:
    policy = {**specimen.POLICY, "prices": {**specimen.POLICY["prices"], **PRICED}, "verification": RULES}
    case = Twice(policy=policy, outcome="passed")
    for name, value in changes.items():
        setattr(case, name, value)
    return verdict_on(case.members())


def test_an_honest_one_verifies_also_where_the_first_was_put_before_approvers() -> None:
    assert same_bytes().differences == []
    assert same_bytes(proposed=True).differences == []


def test_an_attack_on_the_first_is_none_on_the_second() -> None:
    """Else the milder one of two would do: the same weights, asked before anybody had seen these."""
    assert Fault.GATE in faults(same_bytes(left_out=(VERIFY,)))


def test_references_of_the_first_are_none_of_the_second() -> None:
    found = same_bytes(first_references=digest_json("references"), left_out=(REFER,))
    assert Fault.REFERENCES in faults(found)


def test_references_that_came_to_the_same_bytes_are_told_apart_by_their_jobs() -> None:
    assert same_bytes(first_references=digest_json("references")).differences == []


def test_the_step_that_the_log_climbed_to_is_the_one_that_the_certificate_is_about() -> None:
    assert Fault.PLAN in faults(same_bytes(params=Twice.method)), "the second method was never run"
