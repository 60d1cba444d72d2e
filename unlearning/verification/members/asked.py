"""What the membership tests of a verification job are asked about: its manifests and its shadows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from unlearning.runner.job import Job
from unlearning.verification.measurements import Measurement, Tier
from unlearning.verification.members.data import Key, Membership, Shadows
from unlearning.verification.members.lines import member_lines
from unlearning.verification.members.scoring import WITH_SHADOWS
from unlearning.verification.members.shadow_file import load_shadows
from unlearning.verification.network_arms import NetworkModels, NetworkProbe


def people_lines(job: Job, models: NetworkModels, deleted: NetworkProbe, unseen: NetworkProbe) -> list[Measurement]:
    """Membership of deleted people beside the holdout, as `member_lines` writes it.

    Raises: Refused as `member_lines`, and with SHADOWS_UNREADABLE or MODEL_UNREADABLE.
    """
    planted = set(_keys(job.spec.manifests.get("canaries", {})))
    people = tuple(key for key in _keys(job.spec.manifests["forget"]) if key not in planted)
    data = Membership(deleted, unseen, people, _keys(job.spec.manifests["holdout"]), _shadows(job))
    return _lines(job, models, data, prefix="", tier="sealed")


def canary_lines(job: Job, models: NetworkModels, planted: NetworkProbe, twins: NetworkProbe) -> list[Measurement]:
    """The same of canaries beside their never-seen twins, which stand in no object. Raises: as `people_lines`."""
    data = Membership(planted, twins, _keys(job.spec.manifests["canaries"]), (), _shadows(job))
    return _lines(job, models, data, prefix="canary.", tier="open")


def _lines(job: Job, models: NetworkModels, data: Membership, *, prefix: str, tier: Tier) -> list[Measurement]:
    asked = {"membership": job.params["membership"]}
    return member_lines(models, data, asked, prefix=prefix, tier=tier)


def _keys(listed: Mapping[str, Sequence[int]]) -> tuple[Key, ...]:
    """In the order in which the engine reads the rows."""
    return tuple((name, row) for name, rows in listed.items() for row in rows)


def _shadows(job: Job) -> Shadows | None:
    wanted = set(job.params["membership"]) & set(WITH_SHADOWS)
    return load_shadows(job.input("shadows")) if wanted and "shadows" in job.spec.inputs else None
