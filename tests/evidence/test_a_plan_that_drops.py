"""A ladder whose step drops adapters: the choice is recomputed, and so is that nothing that stays saw the rows."""

import copy
from typing import Any

import pytest

from evidence import ladders
from evidence.canonical import digest_json
from evidence.faults import Fault
from evidence.unproved_plans import UnreadablePlanError, choose
from tests.evidence import specimen
from tests.evidence.forging import faults, verdict_on
from tests.evidence.specimen import DELETE, FORGOTTEN
from tests.evidence.taken import taken
from tests.evidence.test_a_ladder_of_methods import INPUTS, PRICED, RULES, STEPS, Climbed

DROP: dict[str, Any] = {
    **{"method": "drop", "params": {"adapters": ["house_0"]}, "row_passes": 0},
    **{"staying": ["house_1"], "lost_rows": 2},
}
NONE = {**DROP, "params": {"adapters": []}, "staying": [], "lost_rows": 0, "why_not": "no adapters"}
ORIGINS = {"base": [], "adapters": {"house_0": list(range(FORGOTTEN + 2)), "house_1": list(range(FORGOTTEN + 2, 16))}}
WISHES = [{"method": "drop"}, *RULES["approximate"]]
SAID = {"adapters": ["house_0"], "staying": ["house_1"], "lost_rows": 2}
ZERO = {"mu": 0.0, "epsilon": 0.0}


def inputs(step: dict[str, Any] = DROP) -> dict[str, Any]:
    return INPUTS | {"ladder": [step, *STEPS]}


def test_dropping_stands_in_the_ladder_where_it_is_possible_and_says_what_goes_with_it() -> None:
    chosen = choose(inputs())
    assert (chosen["route"], chosen["ladder"]) == ("approximate", [0, 1, 2])
    assert "house_0 alone learned the rows; 2 rows of others go with it" in chosen["reason"]
    assert chosen["approximate_cost_s"] == chosen["steps_costs_s"][0] < chosen["steps_costs_s"][1]
    assert choose(inputs() | {"prices": None})["ladder"] == [0, 1, 2]


def test_where_it_is_not_the_next_method_is_the_first_and_with_none_it_is_retrained() -> None:
    for prices in (PRICED, None):
        assert choose(inputs(NONE) | {"prices": prices})["ladder"] == [1, 2]
        chosen = choose(INPUTS | {"ladder": [NONE], "prices": prices})
        assert (chosen["route"], chosen["ladder"]) == ("retrain", [])


@pytest.mark.parametrize("odd", [{"params": {}}, {"staying": None}, {"lost_rows": -1}, {"lost_rows": True}])
def test_a_step_that_does_not_say_what_goes_is_refused(odd: dict[str, Any]) -> None:
    with pytest.raises(UnreadablePlanError, match="adapters"):
        choose(inputs({**DROP, **odd}))


class Dropped(Climbed):
    """A language model that lost an adapter, by the first step of its plan."""

    inputs = inputs()
    engine = "language.drop"
    params: dict[str, Any] = {"adapters": ["house_0"], "origins": ORIGINS}
    rung = "retrained"
    number_a: dict[str, Any] = ZERO
    climbs = 0
    dropped: dict[str, Any] | None = SAID
    base: str | None = None
    beside: dict[str, Any] = {}

    def documents(self) -> dict[str, Any]:
        base = {"base": {"digest": self.base, "source": "somebody's"}} if self.base else {}
        dropped = {"dropped": self.dropped} if self.dropped else {}
        self.claimed = {**dropped, **base, **self.beside}
        documents = super().documents()
        documents["plan.json"]["format"] = ladders.WITH_DROP
        people = {name: documents["approvals.json"][name] for name in ("proposer", "approvers")}
        documents["approvals.json"] = specimen.approvals_document(**specimen._parts(documents), **people)
        return documents

    def retrained(self) -> dict[str, Any]:
        """References start from the base that the certificate names."""
        documents = super().retrained()
        if self.base:
            for path in documents:
                if path.startswith("specs/"):
                    documents[path]["inputs"]["base"] = {"path": "inputs/base", "digest": self.base}
        return documents


def dropped(**changes: Any) -> Any:
    rules = {**RULES, "approximate": WISHES}
    policy = {**specimen.POLICY, "prices": {**specimen.POLICY["prices"], **PRICED}, "verification": rules}
    case = Dropped(policy=policy, outcome="inconclusive")
    for name, value in changes.items():
        setattr(case, name, value)
    return verdict_on(case.members())


def test_an_honest_one_verifies_on_the_rung_of_retraining() -> None:
    assert dropped().differences == []


@pytest.mark.parametrize(
    "origins",
    [
        {"base": [0], "adapters": ORIGINS["adapters"]},
        {"base": [], "adapters": {**ORIGINS["adapters"], "house_1": [1, 15]}},
        {"base": [], "adapters": {**ORIGINS["adapters"], "house_0": [0]}},
        {"base": [], "adapters": {**ORIGINS["adapters"], "house_0": list(range(FORGOTTEN + 1))}},
        {"base": [], "adapters": {**ORIGINS["adapters"], "house_2": [15]}},
        {"base": [], "adapters": {}},
        {},
    ],
)
def test_rows_that_something_which_stays_has_seen_are_found(origins: dict[str, Any]) -> None:
    assert Fault.PLAN in faults(dropped(params={"adapters": ["house_0"], "origins": origins}))


def test_what_went_is_what_plan_and_certificate_say() -> None:
    assert faults(dropped(dropped={**SAID, "lost_rows": 0})) == [Fault.CERTIFICATE]
    assert faults(dropped(dropped=None)) == [Fault.CERTIFICATE]
    fewer = copy.deepcopy(DROP) | {"lost_rows": 0}
    assert faults(dropped(inputs=inputs(fewer))) == [Fault.PLAN]
    slow = copy.deepcopy(DROP) | {"row_passes": 1}
    assert faults(dropped(inputs=inputs(slow))) == [Fault.PLAN]


def test_another_rung_or_another_engine_is_seen() -> None:
    assert Fault.PLAN in faults(dropped(rung="unlearned_approximately"))
    assert Fault.PLAN in faults(dropped(engine="language.unlearn"))
    assert Fault.PLAN in faults(dropped(engine="language.train"))
    assert Fault.PLAN in faults(dropped(climbs=1)), "the log says that dropping was given up"


def test_its_alarm_could_sound_references_without_the_rows_and_the_rows_themselves_were_asked() -> None:
    """On this rung a verdict may only raise an alarm; references that learned the rows would keep it silent."""
    old = {"texts": {"path": "inputs/texts", "digest": digest_json("the old rows")}}
    for odd in ({"references": {"inputs": old}}, {"made_early": True}, {"weights_given": digest_json("others")}):
        assert faults(dropped(**odd)) == [Fault.REFERENCES], odd
    others = {"manifests": {"forget": {"dataset": list(range(5, 5 + FORGOTTEN))}}}
    assert faults(dropped(looked=staticmethod(lambda asked: others))) == [Fault.VERDICT]


class Topped(Dropped):
    """Dropping was given up for retraining, which nothing but its data speaks for."""

    engine, params, dropped = "language.train", {"epochs": 30}, None
    other: str | None = None
    elsewhere: str | None = None

    def documents(self) -> dict[str, Any]:
        documents = super().documents()
        spec = documents[f"specs/{DELETE}.json"]
        spec |= {"manifests": {"retain": {"texts": list(range(13))}}}
        spec["inputs"] = {"texts": {"path": "inputs/texts", "digest": self.other or taken()["object"]}}
        documents["certificate.json"] |= {"spec": digest_json(spec)}
        people = {name: documents["approvals.json"][name] for name in ("proposer", "approvers")}
        documents["approvals.json"] = specimen.approvals_document(**specimen._parts(documents), **people)
        return documents

    def looked(self, asked: dict[str, Any]) -> dict[str, Any]:  # type: ignore[override]
        given = {"candidate": {"path": "inputs/candidate", "digest": self.elsewhere}} if self.elsewhere else {}
        forget = {"forget": {"dataset": list(range(FORGOTTEN))}}
        return {"manifests": forget, "inputs": {**asked["inputs"], **given}}

    def _release(self, documents: Any, signature: str) -> list[tuple[str, dict[str, Any]]]:
        return [("plan:moved", {"climb": "retrain"}), *super()._release(documents, signature)]


def test_at_the_top_of_the_ladder_the_rows_of_training_and_references_are_held_to_the_snapshot() -> None:
    def found(**changes: Any) -> list[Fault]:
        rules = {**RULES, "approximate": WISHES}
        policy = {**specimen.POLICY, "prices": {**specimen.POLICY["prices"], **PRICED}, "verification": rules}
        case = Topped(policy=policy, outcome="inconclusive")
        for name, value in changes.items():
            setattr(case, name, value)
        return faults(verdict_on(case.members()))

    old = digest_json("the old rows")
    assert found() == []
    assert found(other=old) == [Fault.PLAN]
    given = {"texts": {"path": "inputs/texts", "digest": old}}
    assert found(references={"inputs": given}) == [Fault.REFERENCES]
    assert found(asked={**Topped.asked, "text": []}) == [Fault.VERDICT], "an attack that asks less than the policy"
    assert found(elsewhere=digest_json("others")) == [Fault.VERDICT], "an attack on weights that nobody released"
    assert Fault.PLAN in found(inputs=inputs() | {"engine": "language.trainx"}, engine="language.trainx")


def test_with_nothing_left_the_release_is_the_base_to_the_byte() -> None:
    alone = {"adapters": ["house_0"], "origins": {"base": [], "adapters": {"house_0": list(range(16))}}}
    last = {**DROP, "staying": [], "lost_rows": 16 - FORGOTTEN}
    said = {"adapters": ["house_0"], "staying": [], "lost_rows": 16 - FORGOTTEN}
    asked = {"params": alone, "inputs": inputs(last), "dropped": said}
    released = digest_json(Dropped().documents()["release/manifest.json"])
    assert dropped(**asked, base=released).differences == []
    assert faults(dropped(**asked, base=digest_json("another"))) == [Fault.CERTIFICATE]
    assert faults(dropped(**asked)) == [Fault.CERTIFICATE]


def test_the_spec_of_the_specimen_is_one_of_dropping() -> None:
    assert Dropped().documents()[f"specs/{DELETE}.json"]["engine"] == "language.drop"
