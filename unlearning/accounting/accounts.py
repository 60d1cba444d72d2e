"""One of the two accounts, A or B, as it grows along the ledger."""

from dataclasses import dataclass, field, replace

from unlearning.accounting.kept import KeptStates
from unlearning.accounting.stretches import Segment, Stretch


@dataclass
class Account:
    """`parts`: the model's own stretches, the last one still open; `beside`: trainings kept beside it.

    `spared`: how many of the parts a new line cannot leave behind, because state at their end was kept or seen. `open`:
    no finite price. `touched`: some rows were in this line.
    """

    kept: KeptStates
    parts: list[Stretch] = field(default_factory=lambda: [Stretch()])
    beside: list[Stretch] = field(default_factory=list)
    spared: int = 0
    open: bool = False
    touched: bool = False

    def add(self, at: int, run: Segment) -> None:
        """The run at this place of the ledger, cut where an iterate of it was kept."""
        self.touched = self.touched or any(run.rows)
        self.open = self.open or (at in self.kept.seeds and self.touched)
        done = 0
        for step in sorted(self.kept.points.get(at, ())):
            self._append(run, done, step)
            self.mark_seen()
            done = step
        self._append(run, done, run.steps)
        if run.draws > 1:  # every draw counts as seen at its end: both worlds go on from a known point (H4)
            self.mark_known()

    def mark_known(self) -> None:
        """From here both worlds go on from the same, known model."""
        self.parts.append(Stretch())

    def new_line(self) -> None:
        """Retraining, in B: the abandoned stretch stays, as if it had been seen; charging it is never wrong."""
        self.mark_known()
        self.touched = False

    def mark_seen(self) -> None:
        """Known for good: a new line cannot leave behind what was seen here."""
        self.mark_known()
        self.spare()

    def spare(self) -> None:
        """What is known so far stays known, whatever line comes next."""
        self.spared = len(self.parts) - 1

    def abandon_line(self) -> None:
        """Retraining, in A: later releases say nothing about the old line, kept state of it still does."""
        self.parts = [*self.parts[: self.spared], Stretch()]
        self.touched = False

    def _append(self, run: Segment, start: int, end: int) -> None:
        if end > start:
            self.parts[-1].segments.append(replace(run, start=start, steps=end - start))
