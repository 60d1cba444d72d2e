"""The words follow from what came out, whatever that is: no outcome is written into them."""

from typing import Any

import pytest

from demo.language.ladder import Battery, Rate, Step
from demo.language.words import TOY, certificate_words, gate_words, in_the_end, outcome_words, reasons_of, standing_out


def verdict(outcome: str, kind: str = "") -> dict[str, Any]:
    body = {"outcome": outcome, "reasons": ["Too few to tell."], "power": {"words": "Below 31% unseen."}}
    return body | ({"kind": kind} if kind else {})


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (verdict("passed"), "passed: no recovery"),
        (verdict("failed", "residual"), "failed: it still gives away more"),
        (verdict("failed", "over_forgotten"), "failed: it is damaged"),
        (verdict("failed", "some_new_kind"), "failed: some new kind"),
        (verdict("inconclusive"), "inconclusive: nothing was shown"),
    ],
)
def test_each_outcome_has_its_own_words(body: dict[str, Any], said: str):
    assert outcome_words(body).startswith(said)
    assert reasons_of(body) == ["Too few to tell.", "Below 31% unseen."]


def test_what_stands_out_is_what_no_control_gives_and_else_nothing():
    soft = Battery("Soft", [Step("4", Rate(8, 20), Rate(0, 20), Rate(20, 20), (0.0, 0.05)), Step("1", Rate(0, 20))])
    loss = Battery("Loss", [Step("0.1", Rate(6, 20), Rate(2, 20), Rate(20, 20), (0.1, 0.25))])
    assert standing_out([soft, loss]) == ["Soft, at 4: 40%, and of its controls at most 5%."]
    assert standing_out([loss]) == ["No attack got a fifth more out of it than out of its controls."]
    assert standing_out([]) == []


def test_what_a_verdict_says_twice_is_said_once():
    body = {"outcome": "inconclusive", "reasons": ["Few.", "Sealed."], "power": {"words": "Few."}}
    assert reasons_of(body) == ["Few.", "Sealed."]


def test_the_gate_is_called_open_only_where_the_house_opened_it():
    assert "stays shut" in gate_words(status="stopped", route="approximate", outcome="inconclusive")
    assert "attack passed it" in gate_words(status="gate", route="approximate", outcome="passed")
    assert "did not fail" in gate_words(status="gate", route="retrain", outcome="inconclusive")


def test_the_ending_names_what_was_released_and_nothing_where_nothing_was():
    tried = [("npo", "failed", False), ("rmu", "passed", True)]
    said = in_the_end(tried)
    assert "(negative preference optimisation): failed; RMU" in said
    assert said.endswith("passed. What went out came of RMU (representations steered away).")
    assert in_the_end(tried[:1]).endswith("Nothing was released.")


def test_a_certificate_says_its_battery_its_strength_its_limits_and_what_a_toy_cannot_show():
    body = {
        "rung": "unlearned_approximately",
        "method": "npo",
        "battery": {"probes": ["relearning.retain"], "language": {"soft": {"tokens": [1, 2], "steps": 16}}},
        "assumptions": ["It ran."],
        "limits": ["It is no proof."],
    }
    lines = certificate_words(body, voided=True)
    assert ("battery, probes", "relearning.retain") in lines
    assert ("battery, soft", "tokens 1, 2; steps 16") in lines
    assert ("limit", "It is no proof.") in lines
    assert dict(lines)["in force"].startswith("no: voided")
    assert [text for name, text in lines if name == "this toy cannot show"] == list(TOY)
    assert {"Paraphrase", "Jailbreak", "int4"} <= {text.split(":")[0] for text in TOY}
    assert dict(certificate_words({"rung": "retrained"}, voided=False))["in force"] == "yes"
