"""What the telling keeps: one rung of the ladder after the other, as it came out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from demo.language.charts import Chart
from demo.language.ladder import Battery
from demo.language.rounds import Round


@dataclass
class Rung:
    """One candidate: how it was made, what the attack said, and whether it went out."""

    method: str
    route: str
    status: str
    verdict: dict[str, Any]
    certificate: dict[str, Any]
    batteries: Sequence[Battery] = ()
    areas: Mapping[str, Mapping[str, float]] = field(default_factory=dict)  # by membership test, who, area
    charts: Sequence[Chart] = ()
    seconds: float = 0.0
    released: bool = False


@dataclass
class Untried:
    """A method that the ladder did not come to, as it ran on the engine beside the house; no attack judged it."""

    method: str
    because: str
    charts: Sequence[Chart]


@dataclass
class Told:
    """Everything that the page and the closing table show."""

    people: int = 0
    texts: int = 0
    never_seen: int = 0
    source: str = ""
    rungs: list[Rung] = field(default_factory=list)
    untried: list[Untried] = field(default_factory=list)
    rounds: list[Round] = field(default_factory=list)
    rounds_charts: list[Chart] = field(default_factory=list)
    papers: list[str] = field(default_factory=list)
    elapsed_s: float = 0.0
