"""The arms of one comparison of language models: the same rows, asked of the candidate and of its controls.

A    candidate on the deleted rows            B:k  reference k on the deleted rows (never held them)
C    candidate on rows nobody held            D:k  reference k on rows nobody held
P    original on the deleted rows (positive control: must succeed, or the test is blind)

There is no arm E: an answer is not aimed at a label that an unrelated row could give by chance; never-seen rows (C, D)
say how often an answer comes without having been learned.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # transformers takes seconds to import, and arms are named without it
    from unlearning.language.encoding import Encoded
    from unlearning.language.models import LanguageModel
    from unlearning.texts import TextRow


@dataclass(frozen=True)
class LanguageModels:
    """The candidate, the model before the deletion, and models that never held the deleted rows, all in eval mode.

    All of one tokenizer: a row is encoded once and means the same to each of them.
    """

    candidate: LanguageModel
    original: LanguageModel
    references: tuple[LanguageModel, ...]

    def named(self) -> list[tuple[str, str, LanguageModel]]:
        """(arm on deleted rows, arm on never-seen rows, model); the original has no arm on never-seen rows: ""."""
        controls = [(f"B:{k}", f"D:{k}", model) for k, model in enumerate(self.references)]
        return [("A", "C", self.candidate), *controls, ("P", "", self.original)]


@dataclass(frozen=True)
class TextProbe:
    """Rows, and each as the models take it, in the same order: `encode(tokenizer, rows, ...)`."""

    rows: tuple[TextRow, ...]
    encoded: tuple[Encoded, ...]

    def __len__(self) -> int:
        return len(self.rows)

    def at(self, places: Sequence[int]) -> TextProbe:
        """The rows with these indexes."""
        return TextProbe(tuple(self.rows[at] for at in places), tuple(self.encoded[at] for at in places))


@dataclass(frozen=True)
class TextComparison:
    """Rows of one comparison, and how a prompt was written around them when the models were trained.

    deleted: the forgotten rows, or the canaries. unseen: never-seen rows like them. retained: rows that stay, for the
    retain-only steps; empty where none were named. template, most_tokens: as `encode` takes them.
    """

    deleted: TextProbe
    unseen: TextProbe
    retained: TextProbe
    template: str = "plain"
    most_tokens: int = 512


@dataclass(frozen=True)
class TextGroup:
    """Rows, and the models to be asked about them, by the arm's name."""

    probe: TextProbe
    asked: dict[str, LanguageModel]


def groups_of(models: LanguageModels, data: TextComparison) -> list[TextGroup]:
    """All arms of one comparison, those on deleted rows first; an empty probe is no group."""
    on_deleted = {arm: model for arm, _, model in models.named()}
    on_unseen = {arm: model for _, arm, model in models.named() if arm}
    groups = [TextGroup(data.deleted, on_deleted), TextGroup(data.unseen, on_unseen)]
    return [group for group in groups if len(group.probe)]
