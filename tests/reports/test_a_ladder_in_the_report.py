"""The report says of each method of a ladder what its own verdicts were, also where one has none or two."""

from typing import Any

from governance.reports.facts.work import climbed

LADDER = [{"method": "npo"}, {"method": "simnpo"}, {"method": "rmu"}]


def told(*bodies: dict[str, Any]) -> str:
    plan = {"inputs": {"ladder": LADDER}, "choice": {"ladder": [0, 1, 2]}}
    [words] = climbed({"plan.json": plan, "log/entries.json": [{"entry": {"body": body}} for body in bodies]})
    return words


def reached(outcome: str) -> dict[str, Any]:
    return {"verdict": "sha256:0", "outcome": outcome, "attempts": 1}


def test_each_method_has_its_own_verdict() -> None:
    words = told(reached("failed"), {"climb": "unlearn"}, reached("passed"))
    assert words == "Tried, in this order: NPO (failed), SimNPO (passed)."


def test_a_method_that_did_not_end_is_not_given_the_second_verdict_of_the_one_before() -> None:
    words = told(reached("inconclusive"), reached("failed"), {"climb": "unlearn"}, {"code": "UNLEARNING_UNFINISHED"})
    assert words == "Tried, in this order: NPO (inconclusive, then failed), SimNPO."
    words = told(reached("failed"), {"climb": "unlearn"}, {"climb": "retrain"}, reached("inconclusive"))
    assert words == "Tried, in this order: NPO (failed), SimNPO, retraining (inconclusive)."
