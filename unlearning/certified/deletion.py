"""What a deletion did, in words for whoever asked for it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Deletion:
    """What `delete` did, and what both routes would have taken. route: "certified.delete" or "retrain".

    steps_to_delete: the fewest that reach deletion_epsilon by the accountant's inverse; None when no number does.
    """

    route: str
    records: int
    steps: int
    steps_to_delete: int | None
    steps_to_retrain: int

    def __str__(self) -> str:
        what = "retrained with the same noise" if self.route == "retrain" else "took noisy steps on the rows that stay"
        fewest = "no number of steps would do" if self.steps_to_delete is None else f"{self.steps_to_delete} would do"
        return (
            f"Deleted {self.records} record(s): {what}, {self.steps} steps "
            f"(deletion: {fewest}; retraining: {self.steps_to_retrain})."
        )
