"""What a certificate costs. Standard library only: what happened (`Ledger`) apart from what it costs (`price`)."""

from unlearning.accounting.batch_forms import BatchForm, batch_forms, forms_text
from unlearning.accounting.cyclic import deletion_bound_cyclic
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
from unlearning.accounting.reduction import AdaptiveReduction, adaptive_reduction
from unlearning.accounting.schedules import PublishingSchedule, publishing_schedules, schedules_after, schedules_text
from unlearning.accounting.sequences import Phase, SequenceBound, deletion_sequence
from unlearning.accounting.stays import Stay
from unlearning.accounting.subjects import Holding, SubjectPrice, subject_price, together

__all__ = [
    "FLOAT64_RHO",
    "AccountingError",
    "AdaptiveReduction",
    "BatchForm",
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
    "Holding",
    "Inserted",
    "IterateKept",
    "Ledger",
    "MeasurementShown",
    "NextRelease",
    "NoiseScale",
    "Phase",
    "Plan",
    "PlanChoice",
    "PlanInputs",
    "Price",
    "PriceList",
    "Problem",
    "PublishingSchedule",
    "Recommendation",
    "ReferencesKept",
    "Released",
    "Retrained",
    "SeedKept",
    "SequenceBound",
    "Stay",
    "Steps",
    "SubjectPrice",
    "Trained",
    "Vetoed",
    "adaptive_reduction",
    "batch_forms",
    "choose",
    "deletion_bound",
    "deletion_bound_cyclic",
    "deletion_sequence",
    "forms_text",
    "learning_privacy",
    "price",
    "price_next_release",
    "publishing_schedules",
    "recommend",
    "require_release_within",
    "schedules_after",
    "schedules_text",
    "smallest_deletion_steps",
    "smallest_noise",
    "subject_price",
    "together",
]
