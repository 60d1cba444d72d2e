from dataclasses import dataclass
from typing import Any

from unlearning.verification.language.arms import LanguageModels, TextComparison, TextProbe, groups_of


@dataclass(frozen=True)
class Named:
    name: str


MODELS: Any = LanguageModels(Named("candidate"), Named("original"), (Named("one"), Named("other")))  # type: ignore[arg-type]


def probe(*rows: str) -> Any:
    return TextProbe(rows, tuple(f"{row} encoded" for row in rows))  # type: ignore[arg-type]


def test_each_model_is_asked_about_deleted_rows_and_all_but_the_original_about_never_seen_ones():
    deleted, unseen = groups_of(MODELS, TextComparison(probe("a", "b"), probe("c"), probe()))
    assert {arm: model.name for arm, model in deleted.asked.items()} == {
        "A": "candidate",
        "B:0": "one",
        "B:1": "other",
        "P": "original",
    }
    assert {arm: model.name for arm, model in unseen.asked.items()} == {"C": "candidate", "D:0": "one", "D:1": "other"}
    assert deleted.probe.rows == ("a", "b") and unseen.probe.rows == ("c",)


def test_without_rows_there_is_no_group():
    (only,) = groups_of(MODELS, TextComparison(probe("a"), probe(), probe()))
    assert "C" not in only.asked


def test_picked_rows_keep_their_encoding_beside_them():
    picked = probe("a", "b", "c").at([2, 0])
    assert picked.rows == ("c", "a") and picked.encoded == ("c encoded", "a encoded") and len(picked) == 2
