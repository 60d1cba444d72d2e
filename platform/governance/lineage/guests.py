"""Rows of nobody that join an upload: sentinels, which are to be met as people from the first version on.

Verification keeps them and stands on lineage, so it is asked here by name, as jobs.outcomes asks.
"""

from collections.abc import Callable
from importlib import import_module

from governance.lineage.models import Dataset
from governance.lineage.uploads import Upload

PLACE = "governance.verification.sentinel_joining:joining"


def with_guests(dataset: Dataset, upload: Upload) -> Upload:
    """The upload, at its end the rows of those planted in this dataset who were not erased since."""
    module, name = PLACE.split(":")
    join: Callable[[Dataset, Upload], Upload] = getattr(import_module(module), name)
    return join(dataset, upload)
