"""What a certificate costs. Standard library only: what happened (`Ledger`) apart from what it costs (`price`)."""

from unlearning.accounting.descent import FLOAT64_RHO, Descent
from unlearning.accounting.errors import AccountingError
from unlearning.accounting.events import (
    Deleted,
    Destroyed,
    DrawDiscarded,
    DrawsSeen,
    Effective,
    Event,
    Inserted,
    Released,
    Retrained,
    Steps,
    Trained,
)
from unlearning.accounting.exposures import (
    CheckpointKept,
    ChosenByRows,
    IterateKept,
    MeasurementShown,
    ReferencesKept,
    SeedKept,
    Vetoed,
)
from unlearning.accounting.gdp import GdpBound
from unlearning.accounting.inverses import DeletionSteps, NoiseScale, smallest_deletion_steps, smallest_noise
from unlearning.accounting.ledger import Ledger, Problem
from unlearning.accounting.noisy_descent import deletion_bound, learning_privacy
from unlearning.accounting.plan_file import Plan
from unlearning.accounting.planning import PlanChoice, PlanInputs, PriceList, choose
from unlearning.accounting.pricing import NextRelease, Price, price, price_next_release, require_release_within
from unlearning.accounting.recommend import Recommendation, recommend
from unlearning.accounting.stays import Stay

__all__ = [
    "FLOAT64_RHO",
    "AccountingError",
    "CheckpointKept",
    "ChosenByRows",
    "Deleted",
    "DeletionSteps",
    "Descent",
    "Destroyed",
    "DrawDiscarded",
    "DrawsSeen",
    "Effective",
    "Event",
    "GdpBound",
    "Inserted",
    "IterateKept",
    "Ledger",
    "MeasurementShown",
    "NextRelease",
    "NoiseScale",
    "Plan",
    "PlanChoice",
    "PlanInputs",
    "Price",
    "PriceList",
    "Problem",
    "Recommendation",
    "ReferencesKept",
    "Released",
    "Retrained",
    "SeedKept",
    "Stay",
    "Steps",
    "Trained",
    "Vetoed",
    "choose",
    "deletion_bound",
    "learning_privacy",
    "price",
    "price_next_release",
    "recommend",
    "require_release_within",
    "smallest_deletion_steps",
    "smallest_noise",
]
