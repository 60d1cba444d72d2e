"""Rows of nobody that join an upload: sentinels, which are to be met as people from the first version on.

Verification keeps them and stands on lineage, so it is asked here by name, as jobs.outcomes asks.
"""

from collections.abc import Callable
from importlib import import_module
from typing import TypeVar

from governance.lineage.admission import Incoming
from governance.lineage.models import Dataset

PLACE = "governance.verification.sentinel_joining:joining"
Sent = TypeVar("Sent", bound=Incoming)


def with_guests(dataset: Dataset, upload: Sent) -> Sent:
    """The upload, at its end the rows of those planted in this dataset who were not erased since."""
    module, name = PLACE.split(":")
    join: Callable[[Dataset, Sent], Sent] = getattr(import_module(module), name)
    return join(dataset, upload)
