"""How attacks are set, from an engine's parameters; everything has a default."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from unlearning.verification.language.attacks.quantising import Deployed
from unlearning.verification.language.attacks.relearning import Lesson
from unlearning.verification.language.attacks.soft import Softness
from unlearning.verification.language.attacks.suffix import Hardness
from unlearning.verification.language.attacks.triggers import Aim

_Part = TypeVar("_Part")


@dataclass(frozen=True, kw_only=True)
class Setting:
    """All of it, fixed before anything is looked at."""

    deployed: Deployed
    lesson: Lesson
    aim: Aim
    suffix: Hardness
    soft: Softness
    batch: int
    seed: int


def setting_of(params: Mapping[str, Any]) -> Setting:
    """The parameters that `attacks` documents; others are another's."""
    return Setting(
        deployed=params.get("deployed", "float32"),
        lesson=_part(Lesson, params.get("relearning", {})),
        aim=_part(Aim, params.get("aim", {})),
        suffix=_part(Hardness, params.get("suffix", {})),
        soft=_part(Softness, params.get("soft", {})),
        batch=int(params.get("batch", 64)),
        seed=int(params.get("seed", 0)),
    )


def _part(kind: Callable[..., _Part], given: Mapping[str, Any]) -> _Part:
    return kind(**{name: tuple(value) if isinstance(value, list) else value for name, value in given.items()})
