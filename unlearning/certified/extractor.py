"""Where frozen embeddings come from: whoever trained the extractor on a person has moved every row of everybody."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable
from dataclasses import dataclass

from unlearning.certified.requests import RequestRefused


@dataclass(frozen=True, kw_only=True)
class Extractor:
    """A frozen network whose outputs are the features. digest: of its weights, "sha256:<hex>".

    trained_on_subjects: everybody it was trained on, in the words of `subjects`; empty for a public one that provably
    held none of them; None when nobody knows, and then there is no certificate (guarantees H7d: mu times n).
    """

    digest: str
    trained_on_subjects: Collection[Hashable] | None = None

    def __post_init__(self) -> None:
        if not self.digest.startswith("sha256:") or len(self.digest) != 71:
            raise RequestRefused(
                "EXTRACTOR_UNNAMED", "expected digest as sha256:<64 hex>.", "Take the digest of the frozen weights."
            )
        if self.trained_on_subjects is not None:
            object.__setattr__(self, "trained_on_subjects", frozenset(self.trained_on_subjects))

    @property
    def provenance_known(self) -> bool:
        """Whether it can be told who is in it."""
        return self.trained_on_subjects is not None


def refuse_shared_subject(extractor: Extractor | None, subjects: Iterable[Hashable] | None) -> None:
    """A person in both would be in every row.

    Raises: RequestRefused with EXTRACTOR_SHARES_SUBJECT or SUBJECTS_MISSING.
    """
    if extractor is None or not extractor.trained_on_subjects:
        return
    if subjects is None:
        raise RequestRefused(
            "SUBJECTS_MISSING",
            "expected the subject of every row, to compare with the people the extractor was trained on; got none.",
            "Pass subjects=.",
        )
    if not frozenset(extractor.trained_on_subjects).isdisjoint(subjects):
        raise RequestRefused(
            "EXTRACTOR_SHARES_SUBJECT",
            "the extractor was trained on some person who also has rows here; it cannot forget them.",
            "Use an extractor trained on other people, or leave these people's rows out.",
        )
