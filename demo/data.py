"""The patients and the digits that scikit-learn carries, as uploads; and the constants fixed before they are read."""

import io
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from sklearn.datasets import load_breast_cancer, load_digits

from unlearning.accounting.recommend import recommend
from unlearning.catalog import preset

LEARNED_FROM = 455  # the other 114 patients consented to be tested on and are in no model
CANARIES = 24  # planted rows of nobody, whose labels only memory can give; half of them will be erased
DENOMINATOR = 480  # public and fixed: room for everybody above
DELTA = 1e-5
EPSILON_OF_A_RELEASE = 3.0


def patient(number: int) -> str:
    return f"patient-{number:03d}@clinic.example"


def canary(number: int) -> str:
    return f"canary-{number:03d}@clinic.example"


def first_to_ask() -> list[str]:
    """Twelve patients, and twelve canaries through the same door: the mystery shopper's way."""
    return [patient(number) for number in range(40, 52)] + [canary(number) for number in range(12)]


def next_to_ask() -> list[str]:
    return [patient(number) for number in range(200, 212)]


def upload(features: Any, labels: Any, *, who: str, first: int = 0, canaries: int = 0) -> bytes:
    """A Parquet file with one row a person; the last `canaries` rows are planted."""
    people = [f"{who}-{first + number:03d}" for number in range(len(labels) - canaries)]
    names = people + [f"canary-{number:03d}" for number in range(canaries)]
    rows = {
        "record_id": [f"record of {name}" for name in names],
        "subject": [f"{name}@clinic.example" for name in names],
        "planted": pa.array([name not in people for name in names]) if canaries else pa.array([False] * len(names)),
        "label": pa.array([int(label) for label in labels], pa.int64()),
        "features": pa.array([[float(x) for x in row] for row in features], pa.list_(pa.float64())),
    }
    buffer = io.BytesIO()
    pq.write_table(pa.table(rows), buffer)
    return buffer.getvalue()


def patients() -> tuple[bytes, bytes]:
    """(those whom the model learns from, those it never sees)."""
    data = load_breast_cancer()
    planted, coins = planted_rows()
    features = np.vstack([data.data[:LEARNED_FROM], planted])
    labels = np.concatenate([data.target[:LEARNED_FROM], coins])
    return (
        upload(features, labels, who="patient", canaries=CANARIES),
        upload(data.data[LEARNED_FROM:], data.target[LEARNED_FROM:], who="patient", first=LEARNED_FROM),
    )


def planted_rows() -> tuple[Any, Any]:
    """Three scales from the centre in a random direction, with a label by the toss of a coin."""
    draw, constants = np.random.default_rng(7), preset("breast-cancer")
    signs = draw.choice([-1.0, 1.0], size=(CANARIES, len(constants["scales"])))
    features = np.array(constants["centres"]) + 3.0 * signs * np.array(constants["scales"])
    return features, draw.integers(0, 2, size=CANARIES)


def digits() -> bytes:
    data = load_digits()
    return upload(data.data, data.target, who="writer")


def patients_problem() -> dict[str, Any]:
    constants = recommend(n=DENOMINATOR, features=31, classes=2, epsilon=EPSILON_OF_A_RELEASE, delta=DELTA)
    problem = constants.problem
    fixed = {"lam": problem.lam, "eta": problem.eta, "sigma": problem.sigma, "steps": constants.steps_learn}
    return {**preset("breast-cancer"), **fixed, "n_0": DENOMINATOR}


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
            # At one in ten thousand, a demonstration is not stopped by an alarm of chance.
            "witness": {"level": 0.0001, "simulations": 50, "seed": 1},
        },
        "destruction_deadline_days": 7,
    }
