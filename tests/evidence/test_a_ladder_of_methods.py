"""A plan that names several methods: the choice is recomputed, and the step that ran is the one the log climbed to."""

import copy
from typing import Any

import pytest

from evidence import ladders
from evidence.canonical import digest_json
from evidence.faults import Fault
from evidence.unproved_families import FAMILIES
from evidence.unproved_plans import PRICES, UnreadablePlanError, choose, differences
from tests.evidence import specimen
from tests.evidence.forging import faults, verdict_on
from tests.evidence.specimen import DELETE, FORGOTTEN, VERIFY
from tests.evidence.test_unlearning_that_no_ledger_proves import Unlearned

PRICED = dict.fromkeys(PRICES, 1.0) | {"row_epoch_s": 0.01, "unlearn_row_epoch_s": 0.001}
BATTERY = {"text": ["text.extraction"], "membership": ["loss"]}
WISHES = [{"method": "npo", "params": {"epochs": 5}}, {"method": "rmu"}]
RULES = {"references": 2, "seed": 1, "approximate": WISHES, "language": BATTERY}
STEPS: list[dict[str, Any]] = [
    {"method": "npo", "params": {"epochs": 5, "retain_weight": 1.0}, "row_passes": 10 * FORGOTTEN},
    {"method": "rmu", "params": {"epochs": 7, "retain_weight": 0.0}, "row_passes": 7 * FORGOTTEN},
]
INPUTS: dict[str, Any] = {
    **{"rows": 16, "batch_rows": FORGOTTEN, "engine": "language.train", "epochs": 30, "ladder": STEPS},
    **{"references": 2, "references_by": "fresh", "prices": PRICED, "shadows": 0, "never_seen": 10},
}


def test_the_whole_ladder_is_priced_and_its_end_is_retraining() -> None:
    chosen = choose(INPUTS)
    training = 1.0 + 30 * 13 * 0.01
    costs = [1.0 + passes * FORGOTTEN * 0.001 + 2 * training + 1.0 for passes in (10, 7)]
    assert (chosen["route"], chosen["ladder"]) == ("approximate", [0, 1])
    assert chosen["steps_costs_s"] == pytest.approx(costs) and chosen["approximate_cost_s"] == pytest.approx(costs[0])
    assert chosen["if_not_passed_s"] == pytest.approx(sum(costs) + chosen["retrain_cost_s"])
    assert "npo, then rmu" in chosen["reason"]


def test_a_method_that_costs_no_less_than_retraining_is_left_out() -> None:
    dear = copy.deepcopy(STEPS)
    dear[0]["row_passes"] = 100_000
    chosen = choose(INPUTS | {"ladder": dear})
    assert (chosen["route"], chosen["ladder"]) == ("approximate", [1])
    assert chosen["if_not_passed_s"] == pytest.approx(chosen["approximate_cost_s"] + chosen["retrain_cost_s"])
    chosen = choose(INPUTS | {"ladder": dear[:1]})
    assert (chosen["route"], chosen["ladder"]) == ("retrain", [])


def test_without_prices_all_of_it_is_tried_and_a_batch_of_everybody_is_withdrawn() -> None:
    chosen = choose(INPUTS | {"prices": None})
    assert (chosen["route"], chosen["ladder"], chosen["retrain_cost_s"]) == ("approximate", [0, 1], None)
    assert choose(INPUTS | {"rows": FORGOTTEN})["route"] == "withdraw"


@pytest.mark.parametrize(
    "ladder", [[], "npo", [{"method": "npo", "params": {}}], [{"method": 1, "params": {}, "row_passes": 1}], [3]]
)
def test_a_ladder_that_is_none_is_refused(ladder: Any) -> None:
    with pytest.raises(UnreadablePlanError, match="ladder"):
        choose(INPUTS | {"ladder": ladder})


def test_a_changed_choice_is_seen() -> None:
    plan = {"inputs": INPUTS, "choice": choose(INPUTS)}
    assert differences(plan) == []
    plan["choice"] = {**plan["choice"], "ladder": [1]}
    assert differences(plan) == ["ladder"]


class Climbed(Unlearned):
    """A language model that was unlearned by the second method of its plan."""

    inputs = INPUTS
    engine = "language.unlearn"
    referred, rows = "language.references", "texts"
    params: dict[str, Any] = {"method": "rmu", "epochs": 7, "retain_weight": 0.0}
    climbs = 1
    asked: dict[str, Any] = {**BATTERY, "seed": 1}

    def documents(self) -> dict[str, Any]:
        documents = super().documents()
        documents["plan.json"] = {"format": ladders.FORMAT, "inputs": self.inputs, "choice": choose(self.inputs)}
        documents[f"specs/{VERIFY}.json"] |= {"engine": "verify.language", "params": self.asked}
        documents[f"results/{VERIFY}.json"] |= {"engine": "verify.language"}
        spec = {"spec": digest_json(documents[f"specs/{DELETE}.json"])}
        documents["certificate.json"] |= spec
        people = {name: documents["approvals.json"][name] for name in ("proposer", "approvers")}
        documents["approvals.json"] = specimen.approvals_document(**specimen._parts(documents), **people)
        return documents

    def _release(self, documents: Any, signature: str) -> list[tuple[str, dict[str, Any]]]:
        begun = [("plan:moved", {"climb": "unlearn", "method": "rmu"})] * self.climbs
        return [*begun, *super()._release(documents, signature)]


def climbed(**changes: Any) -> Any:
    policy = {**specimen.POLICY, "prices": {**specimen.POLICY["prices"], **PRICED}, "verification": RULES}
    case = Climbed(policy=policy, outcome="passed")
    for name, value in changes.items():
        setattr(case, name, value)
    return verdict_on(case.members())


def test_an_honest_ladder_verifies() -> None:
    assert climbed().differences == []
    battery = {"language": BATTERY, "references": 2}
    assert climbed(claimed={"method": "rmu", "battery": battery}).differences == []


def test_the_method_that_ran_is_the_one_the_log_climbed_to() -> None:
    assert Fault.PLAN in faults(climbed(climbs=0)), "the first method is npo"
    first = {"method": "npo", "epochs": 5, "retain_weight": 1.0}
    assert climbed(climbs=0, params=first).differences == []
    assert faults(climbed(params=first)) == [Fault.PLAN]


def test_nobody_climbs_further_than_the_ladder_goes() -> None:
    """Trying its last method once more, until an attack passes, was not planned."""
    for climbs in (2, 5):
        assert faults(climbed(climbs=climbs)) == [Fault.PLAN]


def test_the_ladder_is_the_policys_and_its_passes_follow_from_it() -> None:
    assert Fault.PLAN in faults(climbed(inputs=INPUTS | {"ladder": STEPS[::-1]}))
    cheap = copy.deepcopy(STEPS)
    cheap[1]["row_passes"] = 1
    assert faults(climbed(inputs=INPUTS | {"ladder": cheap})) == [Fault.PLAN]


def test_a_step_that_hides_how_long_it_runs_is_no_cheap_one() -> None:
    """Passes that do not follow from the plan would let any method look cheaper than retraining."""
    hidden = copy.deepcopy(STEPS)
    hidden[1] |= {"params": {"retain_weight": 0.0}, "row_passes": 1}
    assert faults(climbed(inputs=INPUTS | {"ladder": hidden})) == [Fault.PLAN]
    cheap = copy.deepcopy(STEPS)
    cheap[1]["row_passes"] = 1
    nobody = {"ladder": cheap, "engine": "nobody.train"}
    assert Fault.PLAN in faults(climbed(inputs=INPUTS | nobody, engine="classifier.unlearn"))


def test_the_attack_asked_all_that_the_policy_wants() -> None:
    assert Fault.VERDICT in faults(climbed(asked={"text": ["text.extraction"], "seed": 1}))


def test_the_verdict_is_judged_as_the_attack_that_the_log_counts() -> None:
    """The k-th attack is judged at level / 2^k: whoever says that it was an earlier one has judged it too mildly."""
    assert climbed(said={"attempt": 1}).differences == []
    for attempt in (0, 2, "1", None):
        assert faults(climbed(said={"attempt": attempt})) == [Fault.VERDICT]


def test_every_family_is_named_by_the_engine_that_trains_it() -> None:
    assert {name: family.trains for name, family in FAMILIES.items()} == {name: name for name in FAMILIES}
