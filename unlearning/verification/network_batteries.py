"""The comparisons of one verification: deleted people beside never-seen ones, canaries beside their twins."""

from __future__ import annotations

from dataclasses import dataclass

from unlearning.runner.job import Job
from unlearning.runner.refusals import Refused
from unlearning.verification.measurements import Tier
from unlearning.verification.network_arms import NetworkProbe
from unlearning.verification.network_inputs import Key, Listed, Networks, listed
from unlearning.verification.network_twins import twins_of


@dataclass(frozen=True)
class Battery:
    """One comparison. fitting: never-seen rows with true labels; for people these are `unseen` itself.

    deleted_keys, unseen_keys: where the rows stand, as (input, row); () for twins, which stand nowhere.
    """

    prefix: str
    tier: Tier
    deleted: NetworkProbe
    unseen: NetworkProbe
    fitting: NetworkProbe
    deleted_keys: tuple[Key, ...]
    unseen_keys: tuple[Key, ...]

    @property
    def whom(self) -> str:
        """For progress."""
        return "canaries" if self.prefix else "people"


def batteries_of(job: Job, networks: Networks) -> list[Battery]:
    """People first, then canaries, whichever the manifests name.

    Raises: Refused with NOTHING_TO_TEST or a code of the dataset.
    """
    holdout = listed(job, "holdout", networks.candidate)
    people, canaries = (listed(job, name, networks.candidate) for name in ("forget", "canaries"))
    if holdout is None or (people is None and canaries is None):
        raise Refused(
            "NOTHING_TO_TEST",
            "expected a holdout manifest and a forget or canaries manifest, got fewer.",
            "Name never-seen rows, and deleted people or canaries.",
        )
    found = []
    if people is not None:
        rows, keys = holdout.rows, (people.keys, holdout.keys)
        found.append(Battery("", "sealed", people.rows, rows, rows, *keys))
    if canaries is not None:
        twins = _twins(job, networks, canaries, holdout)
        found.append(Battery("canary.", "open", canaries.rows, twins, holdout.rows, canaries.keys, ()))
    return found


def _twins(job: Job, networks: Networks, canaries: Listed, holdout: Listed) -> NetworkProbe:
    made = networks.candidate.architecture
    kind = job.params.get("twins", "redrawn" if made.family == "mlp" else "holdout")
    return twins_of(canaries.rows, holdout.rows, kind=kind, classes=len(made.classes), seed=job.params["seed"])
