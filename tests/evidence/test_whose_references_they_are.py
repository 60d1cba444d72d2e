"""A verdict beside somebody else's references is refused with a code of its own, also where the log is sound."""

import time
from typing import Any

import pytest

from evidence.canonical import digest, digest_json
from evidence.faults import MEANINGS, Fault
from evidence.recipes import recipe_digest
from tests.evidence import specimen
from tests.evidence.specimen import VERIFY
from tests.evidence.test_a_ladder_of_methods import climbed
from tests.evidence.test_unlearning_that_no_ledger_proves import REFER, STAYING, Unlearned, unlearned

TRAINED: dict[str, Any] = {"epochs": 30, "seeds": [1, 2]}
RECIPE = recipe_digest(engine="classifier.train", params=TRAINED, inputs={}, rows="features")


def refused(**changes: Any) -> bool:
    """Whether it is refused with this one code, and by nothing else that would have caught it anyway."""
    report = unlearned(**changes)
    assert {line.fault for line in report.differences} <= {Fault.REFERENCES}, report.differences
    return report.exit_code == 37


def test_a_candidates_own_references_verify_and_the_code_has_a_meaning() -> None:
    assert unlearned(claimed={"recipe": RECIPE}).differences == []
    assert climbed().differences == [], "a language model's, after it climbed"
    assert "references" in MEANINGS[Fault(37)]


def test_weights_that_no_job_of_this_plan_trained_as_references_are_somebody_elses() -> None:
    assert refused(weights_given=digest_json("another plan's references"))
    assert refused(referred="classifier.shadows"), "models, but none to compare with"


def test_references_of_an_earlier_candidate_are_not_this_ones() -> None:
    assert refused(made_early=True)


@pytest.mark.parametrize(
    "changed",
    [
        {"inputs": {"features": {"path": "inputs/features", "digest": digest_json("the rows before")}}},
        {"manifests": {"retain": {"features": list(range(12))}}},
        {"manifests": {"retain": {"features": list(range(13))}, "holdout": {"features": [2]}}},
        {"manifests": {}},
    ],
)
def test_they_learned_from_all_rows_that_stay_and_from_no_others(changed: dict[str, Any]) -> None:
    assert refused(references=changed)


def test_they_were_trained_as_the_certificate_says_the_model_is() -> None:
    for trained in (TRAINED | {"lr": 0.5}, TRAINED | {"width": 8}):
        assert refused(claimed={"recipe": RECIPE}, trained=trained)
    assert refused(trained=TRAINED | {"epochs": 3}), "the plan says how long, also where no recipe is named"
    base = {"features": {"path": "inputs/features", "digest": STAYING["object"]}}
    base |= {"base": {"path": "inputs/base", "digest": digest_json("another base")}}
    assert refused(claimed={"recipe": RECIPE}, references={"inputs": base})


def test_neither_seed_nor_cores_make_another_recipe_but_all_else_does() -> None:
    asked: dict[str, Any] = {"engine": "classifier.train", "inputs": {"features": "a"}, "rows": "features"}
    same = [{"epochs": 30}, {"epochs": 30, "seed": 4}, {"epochs": 30, "seeds": [1], "cores": 2}]
    assert {recipe_digest(params=params, **asked) for params in same} == {RECIPE}
    assert recipe_digest(params={"epochs": 31}, **asked) != RECIPE
    assert recipe_digest(params={"epochs": 30}, **asked | {"inputs": {"features": "a", "base": "b"}}) != RECIPE
    assert recipe_digest(params={"epochs": 30}, **asked | {"engine": "language.train"}) != RECIPE


@pytest.mark.parametrize("name", ["root", "rows"])
def test_the_object_they_learned_from_is_that_of_the_snapshot_with_the_proofs(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the log could name an object with the erased rows beside proofs about another snapshot."""
    monkeypatch.setitem(STAYING, name, {"root": digest_json("another root"), "rows": 12}[name])
    assert Fault.SNAPSHOT in {line.fault for line in unlearned().differences}


def test_an_object_in_which_the_attack_finds_the_erased_rows_was_not_taken_without_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(STAYING, "object", digest(b"dataset"))
    assert {line.fault for line in unlearned().differences} == {Fault.SNAPSHOT}


@pytest.mark.parametrize("seeds", [[1], [1, 1], [1, 2, 3], 2, None])
def test_there_are_as_many_as_the_policy_asks_each_with_a_seed_of_its_own(seeds: Any) -> None:
    assert refused(trained=TRAINED | {"seeds": seeds})


class Twice(Unlearned):
    """An earlier candidate of the plan was compared with references, too."""

    earlier = [3, 4]
    first = "job_" + "6" * 32

    def retrained(self) -> dict[str, Any]:
        found = super().retrained()
        spec = {**found[f"specs/{REFER}.json"], "job": self.first, "params": {"epochs": 30, "seeds": self.earlier}}
        result = specimen.result(self.first, self.referred)
        return {**found, f"specs/{self.first}.json": spec, f"results/{self.first}.json": result}

    def before_release(self, documents: Any) -> list[tuple[str, dict[str, Any]]]:
        spec = {"job": self.first, "attempt": 1, "spec": digest_json(documents[f"specs/{self.first}.json"])}
        result = {"result": digest_json(documents[f"results/{self.first}.json"]), "weights": digest_json("earlier")}
        begun = [("attempt:started", spec), ("job:recorded", {**spec, **result})]
        before = super().before_release(documents)
        found = [*before[:3], *begun, *before[3:]]
        return [(event, {**body, "attempts": 5} if event == "verdict:reached" else body) for event, body in found]


def test_no_candidate_is_compared_with_the_seeds_of_an_earlier_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.evidence.test_unlearning_that_no_ledger_proves.Unlearned", Twice)
    assert unlearned().differences == []
    assert refused(earlier=[2, 3])


class TwoAttacks(Unlearned):
    """One beside references, and the one that the verdict was reached on beside none."""

    second = "job_" + "7" * 32

    def documents(self) -> dict[str, Any]:
        found = super().documents()
        alone = found[f"specs/{VERIFY}.json"]
        again = {**alone, "job": self.second}
        alone["inputs"] = {name: given for name, given in alone["inputs"].items() if name != "references"}
        return {**found, f"specs/{self.second}.json": again, f"results/{self.second}.json": self.ended()}

    def ended(self) -> dict[str, Any]:
        return specimen.result(self.second, "verify.network")

    def before_release(self, documents: Any) -> list[tuple[str, dict[str, Any]]]:
        spec = {"job": self.second, "attempt": 1, "spec": digest_json(documents[f"specs/{self.second}.json"])}
        begun = [("attempt:started", spec), ("job:recorded", {**spec, "result": digest_json(self.ended())})]
        before = super().before_release(documents)
        place = next(at for at, (event, _) in enumerate(before) if event == "verdict:reached")
        found = [*before[:place], *begun, *before[place:]]
        return [(event, {**body, "attempts": 5} if event == "verdict:reached" else body) for event, body in found]


def test_the_attack_that_the_verdict_was_reached_on_is_the_one_that_had_references(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tests.evidence.test_unlearning_that_no_ledger_proves.Unlearned", TwoAttacks)
    assert [line.fault for line in unlearned().differences] == [Fault.GATE]


def test_a_number_of_rows_alone_does_not_make_the_verifier_write_them_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(STAYING, "rows", 10**8 - 1)
    began = time.process_time()
    report = unlearned(references={"manifests": {"retain": {"features": [0, 1]}}})
    assert {line.fault for line in report.differences} == {Fault.SNAPSHOT, Fault.REFERENCES}
    assert time.process_time() - began < 2
