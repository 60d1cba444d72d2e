"""What is fixed before anything is trained: the model, the policy, and its ladder of methods."""

from typing import Any

LADDER = ("npo", "rmu", "retrain")
SEQUENCE = "rmu"  # the method of the ten requests
AUTHORS, STRANGERS, QUESTIONS = 16, 10, 6


def problem() -> dict[str, Any]:
    return {"preset": "ci", "seed": 0}


def policy(*, never_seen: int) -> dict[str, Any]:
    return {
        "format": "obelus/policy/1",
        "claim": {"regime": "per_record", "epsilon": 1.0, "delta": 1e-5},
        "bounds": {"a_epsilon": 1.0, "b_epsilon": 12.0},
        "prices": {
            "row_gradient_s": 0.0,
            "delete_fixed_s": 0.0,
            "retrain_fixed_s": 0.0,
            "delete_verification_s": 0.0,
            "retrain_verification_s": 0.0,
        },
        "verification": {
            "budgets": [0.5],
            "norm": "l2",
            "target": "label_only",
            "margin": 0.25,
            "level": 0.05,
            "references": 2,
            "never_seen": never_seen,
            "utility_floor": 0.5,
            "resamples": 1000,
            "seed": 1,
            "approximate": [{"method": method, "params": {}} for method in LADDER if method != "retrain"],
        },
        "destruction_deadline_days": 7,
    }
