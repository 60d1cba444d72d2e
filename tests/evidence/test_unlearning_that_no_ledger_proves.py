"""A plan without a ledger that unlearned: the choice is recomputed, and only an attack that passed opens its gate."""

import copy
from typing import Any

import pytest

from evidence.canonical import digest_json
from evidence.faults import Fault
from evidence.unproved_plans import FORMAT, PRICES, UnreadablePlanError, choose, differences
from tests.evidence import specimen
from tests.evidence.forging import faults, verdict_on
from tests.evidence.specimen import DELETE, FORGOTTEN, VERIFY, Erasure
from tests.evidence.taken import taken

UNKNOWN = {"mu": None, "epsilon": None}
PRICED = dict.fromkeys(PRICES, 1.0) | {"row_epoch_s": 0.01, "unlearn_row_epoch_s": 0.001}
RULES = {"budgets": [0, 0.02], "norm": "l2", "target": "label_only", "references": 2, "seed": 1}
RULES |= {"approximate": {"method": "finetune", "params": {"epochs": 4}}}
REFER = "job_" + "5" * 32
STAYING = taken()
PARAMS = {"budgets": [0, 0.02], "norm": "l2", "target": "label_only", "seed": 1}
INPUTS: dict[str, Any] = {
    **{"rows": 16, "batch_rows": FORGOTTEN, "engine": "classifier.train", "epochs": 30},
    **{"method": "finetune", "params": {"epochs": 4}, "unlearn_epochs": 4},
    **{"references": 2, "references_by": "fresh", "prices": PRICED},
    **{"shadows": 0, "never_seen": 10},
}


def test_the_cheaper_way_is_chosen_with_the_references_on_both_sides() -> None:
    chosen = choose(INPUTS)
    training = 1.0 + 30 * 13 * 0.01
    assert chosen["references_s"] == 2 * training
    assert chosen["retrain_cost_s"] == pytest.approx(3 * training + 1.0)
    assert chosen["approximate_cost_s"] == pytest.approx(1.0 + 4 * 16 * 0.001 + 2 * training + 1.0)
    assert chosen["if_not_passed_s"] == pytest.approx(chosen["approximate_cost_s"] + chosen["retrain_cost_s"])
    assert chosen["route"] == "approximate"
    assert choose(INPUTS | {"prices": PRICED | {"unlearn_row_epoch_s": 1.0}})["route"] == "retrain"
    shadowed = choose(INPUTS | {"shadows": 16})
    assert shadowed["shadows_s"] == pytest.approx(16 * (1.0 + 30 * 13 * 0.01))
    assert shadowed["retrain_cost_s"] == pytest.approx(chosen["retrain_cost_s"] + shadowed["shadows_s"])


def test_without_prices_the_policys_wish_decides_and_it_says_so() -> None:
    chosen = choose(INPUTS | {"prices": None})
    assert (chosen["route"], chosen["retrain_cost_s"]) == ("approximate", None)
    assert "its wish decides" in chosen["reason"]


def test_a_batch_of_everybody_leaves_nothing_to_learn_from() -> None:
    assert choose(INPUTS | {"rows": FORGOTTEN})["route"] == "withdraw"


def test_facts_that_are_none_are_refused_and_a_changed_choice_is_seen() -> None:
    for name, value in (("rows", -1), ("references", True), ("method", 3), ("prices", {"row_epoch_s": 1})):
        with pytest.raises(UnreadablePlanError, match=name):
            choose(INPUTS | {name: value})
    plan = {"inputs": INPUTS, "choice": {**choose(INPUTS), "reason": "other words"}}
    assert differences(plan) == []
    plan["choice"]["retrain_cost_s"] += 1.0
    assert differences(plan) == ["retrain_cost_s"]


class Unlearned(Erasure):
    """A network that was unlearned by fine-tuning, with an attack that passed."""

    inputs = INPUTS
    engine = "classifier.unlearn"
    params: dict[str, Any] = {"method": "finetune", "epochs": 4}
    rung = "unlearned_approximately"
    number_a: dict[str, Any] = UNKNOWN
    attacked = True
    controls = ("references",)
    referred = "classifier.references"
    rows = "features"
    references: dict[str, Any] = {}
    trained: dict[str, Any] = {"epochs": 30, "seeds": [1, 2]}
    made_early = False
    said: dict[str, Any] = {}
    claimed: dict[str, Any] = {}
    looked = staticmethod(lambda asked: {})

    def documents(self) -> dict[str, Any]:
        documents = super().documents()
        documents = {path: value for path, value in documents.items() if not path.startswith(("ledger", "ledgers/"))}
        documents["plan.json"] = {"format": FORMAT, "inputs": self.inputs, "choice": choose(self.inputs)}
        documents[f"specs/{DELETE}.json"] |= {"engine": self.engine, "params": self.params}
        documents[f"results/{DELETE}.json"] |= {"engine": self.engine}
        done, attack = documents[f"specs/{DELETE}.json"], documents[f"specs/{VERIFY}.json"]
        done["inputs"] |= {"model": {"path": "inputs/model", "digest": digest_json("the old weights")}}
        documents[f"specs/{VERIFY}.json"] = {**attack, "engine": "verify.network", "params": PARAMS}
        documents[f"results/{VERIFY}.json"] |= {"engine": "verify.network"}
        if self.controls:
            documents |= self.retrained()
        if self.attacked:
            digest = digest_json(documents["release/manifest.json"])
            given = {"candidate": digest, **{name: digest_json(name) for name in self.controls}}
            inputs = {name: {"path": f"inputs/{name}", "digest": found} for name, found in given.items()}
            inputs |= {"original": done["inputs"]["model"], "dataset": done["inputs"]["dataset"]}
            looked = {"inputs": inputs, "manifests": {"forget": done["manifests"]["forget"]}}
            documents[f"specs/{VERIFY}.json"] |= looked | self.looked(looked)
        documents["verdict.json"] |= self.said
        nothing = {"adjacency": None, "assumption": None, "delta": None, "ledger": None, "rung": self.rung}
        numbers = {"a": self.number_a, "b": UNKNOWN, "b_before": UNKNOWN}
        numbers |= {"a_all_models": self.number_a, "b_all_models": UNKNOWN, "other_models": []}
        spec = {"spec": digest_json(documents[f"specs/{DELETE}.json"])}
        documents["certificate.json"] |= {**nothing, **numbers, **spec, **self.claimed}
        people = {name: documents["approvals.json"][name] for name in ("proposer", "approvers")}
        documents["approvals.json"] = specimen.approvals_document(**specimen._parts(documents), **people)
        return documents

    def retrained(self) -> dict[str, Any]:
        """References of this candidate, on the rows that stay."""
        spec = specimen.spec(REFER, self.referred, self.trained)
        spec |= {"inputs": {self.rows: {"path": f"inputs/{self.rows}", "digest": STAYING["object"]}}}
        spec |= {"manifests": {"retain": {self.rows: list(range(min(STAYING["rows"], 13)))}}} | self.references
        return {f"specs/{REFER}.json": spec, f"results/{REFER}.json": specimen.result(REFER, self.referred)}

    def before_release(self, documents: Any) -> list[tuple[str, dict[str, Any]]]:
        before = super().before_release(documents)
        if not self.controls:
            return [*before[:2], ("snapshot:taken", STAYING), *before[2:]]
        spec = {"job": REFER, "attempt": 1, "spec": digest_json(documents[f"specs/{REFER}.json"])}
        result = digest_json(documents[f"results/{REFER}.json"])
        made = [("attempt:started", spec), ("job:recorded", {**spec, "result": result, "weights": self.weights_given})]
        attack = next(at for at, (_, body) in enumerate(before) if body.get("job") == VERIFY)
        place = 2 if self.made_early else attack
        found = [*before[:2], ("snapshot:taken", STAYING), *before[2:place], *made, *before[place:]]
        return [counted(event, body) for event, body in found]

    weights_given = digest_json("references")


def counted(event: str, body: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """With the references' one attempt, a verdict counts four."""
    return event, ({**body, "attempts": 4} if event == "verdict:reached" else body)


def unlearned(*, outcome: str = "passed", rules: dict[str, Any] = RULES, **changes: Any) -> Any:
    policy = {**specimen.POLICY, "prices": {**specimen.POLICY["prices"], **PRICED}, "verification": rules}
    case = Unlearned(policy=policy, outcome=outcome)
    for name, value in changes.items():
        setattr(case, name, value)
    return verdict_on(case.members())


def test_an_honest_one_verifies() -> None:
    assert unlearned().differences == []


def test_nothing_but_a_passed_verdict_opens_the_gate() -> None:
    for outcome in ("inconclusive", "failed"):
        assert faults(unlearned(outcome=outcome)) == [Fault.GATE]


def test_the_attack_must_have_looked_at_these_weights_under_this_policy() -> None:
    assert faults(unlearned(attacked=False)) == [Fault.GATE]
    harder = {**RULES, "budgets": [0, 0.02, 0.1]}
    assert faults(unlearned(rules=harder)) == [Fault.VERDICT]


def elsewhere(name: str) -> Any:
    other = {"path": f"inputs/{name}", "digest": digest_json("of somebody else")}
    return lambda asked: {"inputs": {**asked["inputs"], name: other}}


@pytest.mark.parametrize(
    "looked",
    [
        lambda asked: {"manifests": {"forget": {"dataset": asked["manifests"]["forget"]["dataset"][:-1]}}},
        lambda asked: {"manifests": {"forget": {"dataset": [13, 14, 15]}}},
        lambda asked: {"manifests": {}},
        elsewhere("original"),
        elsewhere("dataset"),
    ],
)
def test_the_attack_asks_about_the_rows_that_were_unlearned_beside_the_model_that_held_them(looked: Any) -> None:
    """Other rows, which nobody learned, would always have gone; fewer of them would show less."""
    assert set(faults(unlearned(looked=staticmethod(looked)))) == {Fault.VERDICT}


def test_without_references_of_its_own_the_verdict_names_the_qualification_it_rests_on() -> None:
    assert faults(unlearned(controls=())) == [Fault.GATE]
    rules, inputs = {**RULES, "references_by": "qualification"}, {**INPUTS, "references": 0}
    asked = {"rules": rules, "inputs": inputs, "controls": ()}
    assert faults(unlearned(**asked)) == [Fault.VERDICT]
    assert unlearned(**asked, said={"qualification": digest_json("one that passed")}).differences == []


def test_the_method_that_ran_is_the_planned_one_and_the_policys() -> None:
    assert faults(unlearned(params={"method": "gradient_ascent", "epochs": 4})) == [Fault.PLAN]
    assert faults(unlearned(params={"method": "finetune", "epochs": 1})) == [Fault.PLAN]
    other = {**RULES, "approximate": {"method": "salun"}}
    assert faults(unlearned(rules=other)) == [Fault.PLAN]


def test_a_plan_cannot_leave_out_the_references_or_the_prices() -> None:
    fewer = copy.deepcopy(INPUTS) | {"references": 0}
    assert faults(unlearned(inputs=fewer)) == [Fault.PLAN]
    membership = {**RULES, "membership": ["lira"]}
    assert Fault.PLAN in faults(unlearned(rules=membership)), "its shadow models cost something too"
    assert faults(unlearned(inputs=copy.deepcopy(INPUTS) | {"prices": None})) == [Fault.PLAN]


def test_it_claims_no_number_and_not_the_rung_of_a_retraining() -> None:
    assert Fault.CERTIFICATE in faults(unlearned(number_a={"mu": 0, "epsilon": 0}))
    assert Fault.PLAN in faults(unlearned(rung="retrained"))
    assert Fault.PLAN in faults(unlearned(engine="classifier.train"))


def test_the_verdict_rests_on_the_attack_on_these_weights_and_on_no_other_recorded_one() -> None:
    witness = [digest_json({"format": "obelus/measurements/1", "measurements": []})]
    assert Fault.VERDICT in faults(unlearned(said={"measurements": witness}))
    assert faults(unlearned(said={"measurements": []})) == [Fault.VERDICT]


def test_the_certificate_names_the_method_that_ran_and_the_strength_that_was_asked() -> None:
    battery = {name: RULES[name] for name in ("budgets", "norm", "target", "references")}
    assert unlearned(claimed={"method": "finetune", "battery": battery}).differences == []
    assert faults(unlearned(claimed={"method": "scrub"})) == [Fault.CERTIFICATE]
    assert faults(unlearned(claimed={"battery": {**battery, "budgets": [0, 0.5]}})) == [Fault.CERTIFICATE]
