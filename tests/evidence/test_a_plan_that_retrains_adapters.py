"""A ladder whose step trains adapters anew: its price, and what the verifier recomputes from the specification."""

import copy
from typing import Any

import pytest

from evidence import ladders
from evidence.canonical import digest_json
from evidence.checks.retrained_adapters import renumbered
from evidence.faults import Fault
from evidence.unproved_plans import UnreadablePlanError, choose
from tests.evidence import specimen
from tests.evidence.forging import faults, verdict_on
from tests.evidence.specimen import DELETE, FORGOTTEN
from tests.evidence.test_a_ladder_of_methods import INPUTS, PRICED, RULES, STEPS
from tests.evidence.test_a_plan_that_drops import Dropped
from tests.evidence.test_unlearning_that_no_ledger_proves import STAYING

LEFT = 2
ORIGINS = {
    "base": [],
    "adapters": {"house_0": list(range(FORGOTTEN + LEFT)), "house_1": list(range(FORGOTTEN + LEFT, 16))},
}
ANEW: dict[str, Any] = {
    **{"method": "retrain_adapter", "params": {"adapters": ["house_0"]}, "row_passes": 30 * LEFT},
    **{"emptied": [], "staying": ["house_1"], "left_rows": LEFT},
}
NONE = {**ANEW, "params": {"adapters": []}, "staying": [], "left_rows": 0, "row_passes": 0, "why_not": "no adapters"}
SAID = {"adapters": ["house_0"], "emptied": [], "staying": ["house_1"], "left_rows": LEFT}
PARTS = {"house_0": list(range(LEFT))}
ALL_PARTS = {**PARTS, "house_1": list(range(LEFT, 13))}


def inputs(step: dict[str, Any] = ANEW) -> dict[str, Any]:
    return INPUTS | {"ladder": [step, *STEPS]}


def test_it_costs_what_training_on_the_rows_that_are_left_costs() -> None:
    chosen = choose(inputs())
    beside = chosen["references_s"] + PRICED["delete_verification_s"]
    assert chosen["steps_costs_s"][0] == pytest.approx(1.0 + 30 * LEFT * 0.01 + beside)
    assert chosen["steps_costs_s"][0] < chosen["retrain_cost_s"] and chosen["ladder"] == [0, 1, 2]
    assert "house_0 alone learned the rows; 2 rows of others are learned anew." in chosen["reason"]
    gone = choose(inputs({**ANEW, "emptied": ["house_0"], "left_rows": 0, "row_passes": 0}))
    assert "house_0 goes with nothing left to learn" in gone["reason"]


def test_where_it_costs_no_less_than_retraining_or_cannot_be_done_it_is_left_out() -> None:
    assert choose(inputs({**ANEW, "row_passes": 30 * 13}))["ladder"] == [1, 2]
    assert choose(inputs(NONE))["ladder"] == [1, 2]
    assert choose(INPUTS | {"ladder": [NONE], "prices": None})["route"] == "retrain"


@pytest.mark.parametrize("odd", [{"params": {}}, {"staying": None}, {"emptied": None}, {"left_rows": -1}])
def test_a_step_that_does_not_say_what_becomes_of_adapters_is_refused(odd: dict[str, Any]) -> None:
    with pytest.raises(UnreadablePlanError, match="adapters"):
        choose(inputs({**ANEW, **odd}))


def test_rows_are_renumbered_as_a_snapshot_without_others_numbers_them() -> None:
    assert renumbered([0, 2, 5], [1, 2, 9]) == [0, 3]
    assert renumbered([1, 2], [2, 1]) == []


class Retrained(Dropped):
    """A language model one adapter of which was trained anew, by the first step of its plan."""

    inputs = inputs()
    engine = "language.retrain_adapter"
    params: dict[str, Any] = {"adapters": ["house_0"], "origins": ORIGINS, "parts": PARTS, "epochs": 30}
    trained: dict[str, Any] = {"epochs": 30, "seeds": [1, 2], "parts": ALL_PARTS}
    dropped = None
    anew: dict[str, Any] | None = SAID
    kept = STAYING["object"]
    learned: list[int] = PARTS["house_0"]

    def documents(self) -> dict[str, Any]:
        documents = super().documents()
        documents["plan.json"]["format"] = ladders.WITH_RETRAINED_ADAPTERS
        spec = documents[f"specs/{DELETE}.json"]
        spec["inputs"] |= {"kept": {"path": "inputs/kept", "digest": self.kept}}
        spec["inputs"] |= {"base": {"path": "inputs/base", "digest": self.base}} if self.base else {}
        spec["manifests"] |= {"retain": {"kept": self.learned}} if self.learned else {}
        said = {"retrained_adapters": self.anew} if self.anew else {}
        documents["certificate.json"] |= {"spec": digest_json(spec), **said}
        people = {name: documents["approvals.json"][name] for name in ("proposer", "approvers")}
        documents["approvals.json"] = specimen.approvals_document(**specimen._parts(documents), **people)
        return documents


def anew(**changes: Any) -> Any:
    rules = {**RULES, "approximate": [{"method": "retrain_adapter"}, *RULES["approximate"]]}
    policy = {**specimen.POLICY, "prices": {**specimen.POLICY["prices"], **PRICED}, "verification": rules}
    case = Retrained(policy=policy, outcome="inconclusive")
    for name, value in changes.items():
        setattr(case, name, value)
    return verdict_on(case.members())


def asked(**changes: Any) -> dict[str, Any]:
    return {**Retrained.params, **changes}


def test_an_honest_one_verifies_on_the_rung_of_retraining() -> None:
    assert anew().differences == []


@pytest.mark.parametrize(
    "params",
    [
        asked(origins={**ORIGINS, "base": [0]}),
        asked(origins={**ORIGINS, "adapters": {**ORIGINS["adapters"], "house_1": [1, 15]}}),
        asked(origins={**ORIGINS, "adapters": {**ORIGINS["adapters"], "house_0": [0, 3, 4]}}),
        asked(parts={"house_0": [0, 2]}),
        asked(parts={"house_0": [0]}),
        asked(parts={**PARTS, "house_1": [2]}),
        asked(parts={}),
        asked(epochs=29),
        asked(seed=None, origins=None),
    ],
)
def test_rows_that_were_not_left_or_another_recipe_are_found(params: dict[str, Any]) -> None:
    assert Fault.PLAN in faults(anew(params=params))


def test_it_learned_from_the_object_that_was_taken_without_the_rows() -> None:
    assert faults(anew(kept=digest_json("the old rows"))) == [Fault.PLAN]
    assert Fault.PLAN in faults(anew(learned=[0, 1, 2]))
    spread = {**Retrained.trained, "parts": {"house_0": [0, 2], "house_1": [1, *range(3, 13)]}}
    assert Fault.PLAN in faults(anew(trained=spread)), "references spread the rows in another way"


def test_what_was_trained_is_what_plan_and_certificate_say() -> None:
    assert faults(anew(anew={**SAID, "left_rows": 0})) == [Fault.CERTIFICATE]
    assert faults(anew(anew=None)) == [Fault.CERTIFICATE]
    for odd in ({"left_rows": 1, "row_passes": 30}, {"row_passes": 1}, {"staying": []}):
        assert faults(anew(inputs=inputs(copy.deepcopy(ANEW) | odd))) == [Fault.PLAN], odd


def test_another_rung_engine_or_base_is_seen() -> None:
    assert Fault.PLAN in faults(anew(rung="unlearned_approximately"))
    for engine in ("language.drop", "language.unlearn", "language.train"):
        assert Fault.PLAN in faults(anew(engine=engine)), engine
    assert anew(base=digest_json("a base")).differences == []


def test_a_group_of_one_person_leaves_no_adapter() -> None:
    alone = {"base": [], "adapters": {"house_0": list(range(FORGOTTEN)), "house_1": list(range(FORGOTTEN, 16))}}
    step = {**ANEW, "emptied": ["house_0"], "left_rows": 0, "row_passes": 0}
    said = {"adapters": [], "emptied": ["house_0"], "staying": ["house_1"], "left_rows": 0}
    trained = {**Retrained.trained, "parts": {"house_1": list(range(13))}}
    given = {"inputs": inputs(step), "params": asked(origins=alone, parts={}), "trained": trained, "learned": []}
    assert anew(**given, anew=said).differences == []
    assert faults(anew(**given)) == [Fault.CERTIFICATE]
