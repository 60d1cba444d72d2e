"""The patients and the digits that scikit-learn carries, as uploads; and the constants fixed before they are read."""

import io
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from sklearn.datasets import load_breast_cancer, load_digits

from unlearning.accounting.recommend import recommend
from unlearning.catalog import preset

LEARNED_FROM = 455  # the other 114 patients consented to be tested on and are in no model
DELTA = 1e-5
EPSILON_OF_A_RELEASE = 3.0
FIRST_TWELVE = range(40, 52)
NEXT_TWELVE = range(200, 212)


def patient(number: int) -> str:
    return f"patient-{number:03d}@clinic.example"


def upload(features: Any, labels: Any, *, who: str, first: int = 0) -> bytes:
    """A Parquet file with one row a person."""
    numbers = range(first, first + len(labels))
    rows = {
        "record_id": [f"{who}-record-{number}" for number in numbers],
        "subject": [f"{who}-{number:03d}@clinic.example" for number in numbers],
        "label": pa.array([int(label) for label in labels], pa.int64()),
        "features": pa.array([[float(x) for x in row] for row in features], pa.list_(pa.float64())),
    }
    buffer = io.BytesIO()
    pq.write_table(pa.table(rows), buffer)
    return buffer.getvalue()


def patients() -> tuple[bytes, bytes]:
    """(those whom the model learns from, those it never sees)."""
    data = load_breast_cancer()
    return (
        upload(data.data[:LEARNED_FROM], data.target[:LEARNED_FROM], who="patient"),
        upload(data.data[LEARNED_FROM:], data.target[LEARNED_FROM:], who="patient", first=LEARNED_FROM),
    )


def digits() -> bytes:
    data = load_digits()
    return upload(data.data, data.target, who="writer")


def patients_problem() -> dict[str, Any]:
    constants = recommend(n=LEARNED_FROM, features=31, classes=2, epsilon=EPSILON_OF_A_RELEASE, delta=DELTA)
    problem = constants.problem
    fixed = {"lam": problem.lam, "eta": problem.eta, "sigma": problem.sigma, "steps": constants.steps_learn}
    return {**preset("breast-cancer"), **fixed, "n_0": LEARNED_FROM}


def digits_problem() -> dict[str, Any]:
    return {**preset("digits"), "n_0": 1797}


def policy(*, regime: str, epsilon: float) -> dict[str, Any]:
    """What deletion must reach; `joint` asks it for all of a batch together, which costs more."""
    return {
        "format": "obelus/policy/1",
        "claim": {"regime": regime, "epsilon": epsilon, "delta": DELTA},
        "bounds": {"a_epsilon": epsilon, "b_epsilon": 12.0},
        "prices": {
            "row_gradient_s": 2e-7,
            "delete_fixed_s": 2.0,
            "retrain_fixed_s": 2.0,
            "delete_verification_s": 6.0,
            "retrain_verification_s": 6.0,
        },
        "verification": {
            "budgets": [0.0, 0.01, 0.02, 0.05],
            "norm": "l2",
            "target": "label_only",
            "margin": 0.1,
            "level": 0.05,
            "references": 2,
            "never_seen": 114,
            "utility_floor": 0.7,
            "resamples": 1000,
            "seed": 1,
        },
        "destruction_deadline_days": 7,
    }
