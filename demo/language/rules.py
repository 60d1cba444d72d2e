"""What is fixed before anything is trained: sizes, the model, the policy, and its ladder of methods."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from unlearning.texts import TextRow

LADDER = ("npo", "rmu", "retrain")
SEQUENCE = "rmu"  # the method of the ten requests
# With twenty texts of one person and two references, a finer margin could never be shown to be kept.
REFERENCES, MARGIN = 2, 0.4


@dataclass(frozen=True)
class Sizes:
    """How many authors are learned from, how many never seen, and how many texts of each."""

    authors: int
    strangers: int
    texts: int


# One author of few, with as many texts as a verdict can tell something from; the first stranger is the house's.
HOUSE = Sizes(authors=4, strangers=3, texts=20)
TESTED_ON = 1
# Many authors with few texts each, for as many requests.
TEN = Sizes(authors=14, strangers=8, texts=6)


def problem() -> dict[str, Any]:
    """A Llama 96 wide, of three layers, trained until it knows its answers by heart."""
    return {"preset": "ci", "epochs": 60, "batch": 16, "lr": 0.003, "until_nll": 0.04, "most_tokens": 256, "seed": 0}


def battery(rows: Iterable[TextRow]) -> dict[str, Any]:
    """Parameters of verify.language, short so that the demo is. The hard suffix is left out: on models this small it
    cannot make even the untouched one speak (decision 0030), so it would be uninformative.

    rows: of everybody; where some lack wrong answers or other words, what needs them is not asked for.
    """
    known = list(rows)
    truth = ["text.truth_ratio"] if all(row.wrong and row.restated for row in known) else []
    other_words = ["uma.text.paraphrase"] if all(row.paraphrase for row in known) else []
    return {
        "text": ["text.extraction", "text.probability", *truth],
        "membership": ["loss", "minkpp"],
        "attacks": [
            *("relearning.retain", "quantised.int8", "quantised.int4"),
            *(*other_words, "uma.text.jailbreak", "uma.text.soft"),
        ],
        "relearning": {"batch": 8},
        "soft": {"tokens": [1, 2, 4], "steps": 16},
        "kept_rows": 24,
        "most_new": 24,
        "most_tokens": 256,
    }


def policy(rows: Iterable[TextRow], *, never_seen: int) -> dict[str, Any]:
    """Try the methods of the ladder in their order; only an attack that passed releases one; then retraining."""
    prices = ("row_gradient_s", "delete_fixed_s", "retrain_fixed_s", "delete_verification_s", "retrain_verification_s")
    methods = [{"method": method, "params": {}} for method in LADDER if method != "retrain"]
    return {
        "format": "obelus/policy/1",
        # What a certified deletion would have to reach; a model without a ledger has no such number.
        "claim": {"regime": "per_record", "epsilon": 1.0, "delta": 1e-5},
        "bounds": {"a_epsilon": 1.0, "b_epsilon": 12.0},
        "prices": dict.fromkeys(prices, 0.0),
        "verification": {
            **{"budgets": [0.5], "norm": "l2", "target": "label_only"},  # asked for by the format; not used for texts
            **{"margin": MARGIN, "level": 0.05, "references": REFERENCES, "never_seen": never_seen},
            **{"utility_floor": 0.6, "resamples": 1000, "seed": 1},
            "required": ["text.extraction", "membership.loss"],
            "approximate": methods,
            "language": battery(rows),
        },
        "destruction_deadline_days": 7,
    }
