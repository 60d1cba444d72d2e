"""The comparisons of one verification of texts: deleted people beside never-seen ones, canaries beside the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from unlearning.runner.job import Job
from unlearning.runner.refusals import Refused
from unlearning.verification.language.arms import TextComparison, TextProbe
from unlearning.verification.language.inputs import listed
from unlearning.verification.measurements import Tier

MOST_RETAINED = 4096  # rows that stay, drawn by the seed: forty retain-only steps take fewer


@dataclass(frozen=True)
class TextBattery:
    """One comparison, and whose lines may be read."""

    prefix: str
    tier: Tier
    data: TextComparison

    @property
    def whom(self) -> str:
        """For progress."""
        return "canaries" if self.prefix else "people"


def batteries_of(job: Job, tokenizer: Any) -> list[TextBattery]:
    """People first, then canaries, whichever the manifests name. Every comparison needs never-seen and retained rows.

    Raises: Refused with NOTHING_TO_TEST, RETAINED_MISSING or a code of the texts or of the encoding.
    """
    holdout, retained = listed(job, "holdout", tokenizer), listed(job, "retain", tokenizer, most=MOST_RETAINED)
    people, canaries = (listed(job, name, tokenizer) for name in ("forget", "canaries"))
    if not len(holdout) or not (len(people) or len(canaries)):
        raise Refused(
            "NOTHING_TO_TEST",
            "expected a holdout manifest and a forget or canaries manifest, got fewer.",
            "Name never-seen rows, and deleted people or canaries.",
        )
    if not len(retained):
        raise Refused(
            "RETAINED_MISSING",
            "expected rows that stay: only their answers say whether the model is still useful; got none.",
            "Name them in the manifest retain.",
        )
    found = []
    if len(people):
        found.append(TextBattery("", "sealed", _comparison(job, people, holdout, retained)))
    if len(canaries):
        found.append(TextBattery("canary.", "open", _comparison(job, canaries, holdout, retained)))
    return found


def _comparison(job: Job, deleted: TextProbe, unseen: TextProbe, retained: TextProbe) -> TextComparison:
    return TextComparison(deleted, unseen, retained, job.params["template"], job.params["most_tokens"])
