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
    def unnamed(self) -> Extractor:
        """The same network without the names of its people."""
        return Extractor(digest=self.digest)

    @property
    def provenance_known(self) -> bool:
        """Whether it can be told who is in it."""
        return self.trained_on_subjects is not None


def same_extractor(first: Extractor | None, again: Extractor | None, *, uncovered: bool) -> Extractor | None:
    """The extractor of rows that come later: that of the first fit, with the people whom that fit named.

    `again` None stands for the first while it is known who is in it. A loaded model knows the digest only, so there the
    people must be named anew, unless the certificate never covered them (`uncovered`). Naming nobody forgets nobody.
    Raises: RequestRefused with EXTRACTOR_DIFFERS.
    """
    if first is not None and again is not None and again.digest == first.digest:
        if not first.provenance_known and (again.provenance_known or uncovered):
            return again
        if first.provenance_known and again.trained_on_subjects in (None, first.trained_on_subjects):
            return first
    elif again is None and (first is None or first.provenance_known or uncovered):
        return first
    raise RequestRefused(
        "EXTRACTOR_DIFFERS",
        "expected the frozen extractor of the first fit and the people it was trained on, got others or none.",
        "Pass the extractor= of the first fit.",
    )


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
