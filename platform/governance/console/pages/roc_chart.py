"""A receiver operating characteristic: how often members are flagged when so many strangers are. Drawn here."""

from collections.abc import Sequence
from dataclasses import dataclass

from governance.verification.showing import Curve

SIDE, LEFT, TOP, BOTTOM, RIGHT = 230, 44, 14, 34, 16
TONES = {"A": ("candidate", "the candidate"), "P": ("original", "the model before"), "B": ("retrained", "retrained")}


@dataclass(frozen=True)
class Path:
    words: str
    tone: str
    path: str


@dataclass(frozen=True)
class RocChart:
    name: str
    paths: list[Path]
    ticks: list[tuple[float, float, str]]
    spoken: str
    areas: list[str]
    key: list[tuple[str, str]]
    width: int = LEFT + SIDE + RIGHT
    height: int = TOP + SIDE + BOTTOM
    left: int = LEFT
    top: int = TOP
    side: int = SIDE
    foot: int = TOP + SIDE


def roc_charts(curves: Sequence[Curve]) -> list[RocChart]:
    """One chart for each test, the retrained ones behind the candidate."""
    tests: dict[str, list[Curve]] = {}
    for curve in curves:
        if curve.arm[0] in TONES:
            tests.setdefault(curve.name, []).append(curve)
    return [chart(here) for here in tests.values()]


def chart(curves: Sequence[Curve]) -> RocChart:
    behind_first = sorted(curves, key=lambda curve: "BPA".index(curve.arm[0]))
    areas = [
        f"{TONES[curve.arm[0]][1]} {curve.area:.2f}"
        for curve in curves
        if curve.area is not None and curve.arm[0] in "AP"
    ]
    return RocChart(
        name=curves[0].words,
        paths=[Path(TONES[curve.arm[0]][1], TONES[curve.arm[0]][0], path_of(curve)) for curve in behind_first],
        ticks=[(LEFT + share * SIDE, TOP + (1 - share) * SIDE, f"{share:g}") for share in (0.0, 0.5, 1.0)],
        spoken=f"{curves[0].words}. Area under the curve: {', '.join(areas) or 'not measured'}; 0.5 tells nothing.",
        areas=areas,
        key=list(dict.fromkeys(TONES[curve.arm[0]] for curve in curves)),
    )


def path_of(curve: Curve) -> str:
    spots = [f"{LEFT + x * SIDE:.1f} {TOP + (1 - y) * SIDE:.1f}" for x, y in curve.points]
    return f"M{' L'.join(spots)}" if spots else ""
