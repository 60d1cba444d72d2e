"""Made-up people whose rows are short enough to read, and a key."""

from __future__ import annotations

import pytest

from unlearning.language.scope.building import build
from unlearning.language.scope.forms import ForgetManifest, subject_index
from unlearning.texts import TextRow

KEY = bytes(range(32))
REQUEST = "er_0123456789abcdef0123456789abcdef"


def rows_of(name: str, *, first: int) -> list[TextRow]:
    return [
        TextRow(first, f"Where was {name} born?", f"{name} was born in Port Lisk, on the 4th of May."),
        TextRow(first + 1, f"What is {name}'s first book?", f"The first book of {name} is The Salt Stair."),
        TextRow(
            first + 2,
            f"Who taught {name} to write?",
            f"An aunt, Orla Vint, taught {name} to write.",
            paraphrase=f"From whom did {name} learn writing?",
            wrong=(f"A sailor taught {name} to write.",),
        ),
    ]


@pytest.fixture
def key() -> bytes:
    return KEY


@pytest.fixture
def forgotten() -> list[TextRow]:
    return rows_of("Mira Holt", first=3)


@pytest.fixture
def staying() -> list[TextRow]:
    return [
        TextRow(0, "Where was Jon Ferrel born?", "Jon Ferrel was born in Tarn."),
        TextRow(1, "What is the capital of Peru?", "It is Lima."),
        TextRow(2, "How many legs has a spider?", "A spider has eight.", wrong=("A spider has six.",)),
    ]


@pytest.fixture
def manifest(forgotten, staying) -> ForgetManifest:
    subject = subject_index("mira@example.org", key=KEY)
    return build(forgotten, staying=staying, request=REQUEST, subject=subject, aliases=["Mira Holt", "Mira"])
