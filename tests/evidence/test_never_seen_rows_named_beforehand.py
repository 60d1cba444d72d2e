"""The rows in no model that an attack compares with are fixed before anything runs; the verifier checks it."""

from typing import Any

import pytest

from evidence.canonical import digest_json
from evidence.faults import MEANINGS, Fault
from tests.evidence import specimen
from tests.evidence.forging import faults, verdict_on
from tests.evidence.test_unlearning_that_no_ledger_proves import PRICED, RULES, Unlearned

HELD = "never-seen rows named beforehand"
STRANGERS = {"object": digest_json("strangers"), "rows": 9}
LOGGED = {"holdout": STRANGERS["object"], "holdout_rows": 9}
OTHERS = digest_json("strangers who were chosen afterwards")


class Named(Unlearned):
    """A network whose plan named the strangers that it would be compared with."""

    given: Any = STRANGERS["object"]
    asked: Any = {"holdout": {"holdout": [0, 1, 2, 3]}}
    logged: dict[str, Any] = LOGGED
    claimed: dict[str, Any] = {"holdout": STRANGERS}
    late = False
    tuned: Any = None

    def documents(self) -> dict[str, Any]:
        self.looked = lambda told: {  # type: ignore[method-assign, assignment]
            "inputs": {**told["inputs"], **self.as_input(self.given)},
            "manifests": {**told["manifests"], **self.asked},
        }
        return super().documents()

    def retrained(self) -> dict[str, Any]:
        """Another job that was given strangers, as a method is that stops by them."""
        found = super().retrained()
        [path] = [path for path in found if path.startswith("specs/")]
        found[path]["inputs"] |= self.as_input(self.tuned)
        return found

    @staticmethod
    def as_input(digest: Any) -> dict[str, Any]:
        return {"holdout": {"path": "inputs/holdout", "digest": digest}} if digest else {}

    def before_release(self, documents: Any) -> list[tuple[str, dict[str, Any]]]:
        found = [
            (event, {**body, **self.logged} if event == "plan:confirmed" else body)
            for event, body in super().before_release(documents)
        ]
        return [*found[:1], *found[2:4], found[1], *found[4:]] if self.late else found


def named(**changes: Any) -> Any:
    policy = {**specimen.POLICY, "prices": {**specimen.POLICY["prices"], **PRICED}}
    policy |= {"verification": RULES | {"never_seen": 4}}
    case = Named(policy=policy, outcome="passed")
    for name, value in changes.items():
        setattr(case, name, value)
    return verdict_on(case.members())


def test_an_honest_one_verifies_and_says_that_this_was_checked() -> None:
    found = named(tuned=STRANGERS["object"])
    assert found.differences == [] and HELD in found.checked
    assert "never-seen" in MEANINGS[Fault(38)]


def test_bundles_from_before_verify_as_they_did_and_are_not_said_to_have_named_any() -> None:
    found = named(logged={}, claimed={})
    assert found.differences == [] and HELD not in found.checked


@pytest.mark.parametrize(
    "changed",
    [
        {"given": OTHERS},
        {"given": None},
        {"tuned": OTHERS},
        {"asked": {"holdout": {"holdout": [0, 1, 2, 8]}}},
        {"asked": {"holdout": {"holdout": [0, 1, 2]}}},
        {"asked": {}},
        {"asked": {"holdout": {"holdout": [0, 1, 2, 3], "dataset": [4]}}},
        {"late": True},
    ],
)
def test_strangers_chosen_afterwards_are_refused(changed: dict[str, Any]) -> None:
    report = named(**changed)
    assert faults(report) == [Fault.NEVER_SEEN] and report.exit_code == 38


@pytest.mark.parametrize(
    "changed",
    [
        {"claimed": {}},
        {"logged": {}},
        {"claimed": {"holdout": {**STRANGERS, "object": OTHERS}}, "given": OTHERS},
        {"logged": {**LOGGED, "holdout_rows": 3}},
        {"logged": {"holdout": STRANGERS["object"]}},
    ],
)
def test_what_the_log_named_and_what_the_certificate_says_are_one(changed: dict[str, Any]) -> None:
    assert faults(named(**changed)) == [Fault.NEVER_SEEN]


def test_all_of_them_are_compared_with_where_there_are_fewer_than_the_policy_asks() -> None:
    few = {"object": STRANGERS["object"], "rows": 3}
    told = {"claimed": {"holdout": few}, "logged": {**LOGGED, "holdout_rows": 3}}
    assert named(**told, asked={"holdout": {"holdout": [0, 1, 2]}}).differences == []
    assert faults(named(**told)) == [Fault.NEVER_SEEN], "rows that are not there"
