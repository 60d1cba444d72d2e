"""Success against strength, as an auditor reads it in the console's reading room. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import unescape
from html.parser import HTMLParser


@dataclass(frozen=True)
class Rate:
    """How many gave the texts away, of how many."""

    successes: int
    trials: int

    @property
    def share(self) -> float:
        return self.successes / self.trials if self.trials else 0.0


@dataclass(frozen=True)
class Step:
    """One strength. `retrained`: the lowest and the highest share among the references."""

    budget: str
    candidate: Rate | None = None
    never_seen: Rate | None = None
    original: Rate | None = None
    retrained: tuple[float, float] | None = None


@dataclass(frozen=True)
class Battery:
    words: str
    steps: Sequence[Step]


def spread_words(step: Step) -> str:
    if step.retrained is None:
        return "—"
    low, high = step.retrained
    return f"{low:.0%}" if low == high else f"{low:.0%} to {high:.0%}"


class _Tables(HTMLParser):
    """The tables of the reading room: a heading, then cells that name their column."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, list[dict[str, str]]]] = []
        self._heading = False
        self._cell = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "section" and given.get("class") == "ob-battery":
            self.found.append((given.get("aria-label") or "", []))
        elif tag == "tr" and self.found:
            self.found[-1][1].append({})
        elif tag == "td" and self.found:
            self._cell = given.get("data-label") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "td":
            self._cell = ""

    def handle_data(self, data: str) -> None:
        if self._cell and self.found and self.found[-1][1]:
            row = self.found[-1][1][-1]
            row[self._cell] = row.get(self._cell, "") + data


AREAS = re.compile(r"<figcaption><b>(.*?)</b>.*?Area under the curve: (.*?);", re.S)
AREA = re.compile(r"(the candidate|the model before) ([01]\.\d+)")
WHO = {"the candidate": "candidate", "the model before": "before"}


def read_areas(page: str) -> dict[str, dict[str, float]]:
    """By membership test the area under the curve, of the candidate and of the model before."""
    return {
        unescape(name): {WHO[who]: float(area) for who, area in AREA.findall(told)}
        for name, told in AREAS.findall(page)
    }


COUNT = re.compile(r"(\d+) of (\d+)")
SHARES = re.compile(r"(\d+)%")


def read_room(page: str) -> list[Battery]:
    """The batteries of the console's reading room; what is not there reads as None."""
    tables = _Tables()
    tables.feed(page)
    return [
        Battery(words, [_step(row) for row in rows if row.get("Strength")])
        for words, rows in tables.found
        if any(row.get("Strength") for row in rows)
    ]


def _step(row: dict[str, str]) -> Step:
    shares = [int(share) / 100 for share in SHARES.findall(row.get("Retrained", ""))]
    return Step(
        row["Strength"].strip(),
        candidate=_count(row.get("Candidate", "")),
        never_seen=_count(row.get("Never seen", "")),
        original=_count(row.get("Model before", "")),
        retrained=(shares[0], shares[-1]) if shares else None,
    )


def _count(words: str) -> Rate | None:
    found = COUNT.search(words)
    return Rate(int(found[1]), int(found[2])) if found else None
