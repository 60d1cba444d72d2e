"""What the small charts of the console have in common: their size, their margins and the words around them."""

from dataclasses import dataclass

WIDTH, HEIGHT, RIGHT, TOP, BOTTOM = 400, 230, 16, 14, 30


@dataclass(frozen=True, kw_only=True)
class Frame:
    """Ticks stand up the left side and labels along the bottom, each at its place; `spoken` is the chart in words."""

    ticks: list[tuple[float, str]]
    labels: list[tuple[float, str]]
    spoken: str
    left: int
    width: int = WIDTH
    height: int = HEIGHT
    right: int = WIDTH - RIGHT
    top: int = TOP
    bottom: int = HEIGHT - BOTTOM


def down(share: float) -> float:
    """How far from the top a share stands, from 0 at the bottom to 1."""
    return TOP + (HEIGHT - TOP - BOTTOM) * (1 - share)
