"""What the estimator claims, with both numbers, the assumptions they stand on and what they do not cover."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from unlearning.accounting import Ledger, Price, Stay, price, price_next_release
from unlearning.accounting.pricing import bound_json

FORMAT = "obelus/classifier-certificate/1"

ASSUMPTIONS = (
    "Arithmetic is verified by the accountant; that the steps ran and the noise was fresh is attested by this program.",
    "The noise is taken as Gaussian on the real numbers; float64 rounding is charged in every step as rho.",
    "Every row was shrunk by itself to the public norm_bound, its intercept's constant included.",
    "epsilon, delta, l2, norm_bound, capacity, batch and step counts were fixed without looking at the data.",
    "How many calls change the model was fixed beforehand, or never brings B above a cap that was; otherwise B is what "
    "was spent so far, and no guarantee against requests that depend on models.",
)
LIMITS = (
    "Per subject with all their rows, up to contribution_cap; another model on the same rows adds its own mu squared, "
    "and each call of fit is another model.",
    "A and B of the last deletion are for subjects none of whose rows is left; whoever has one still has the B of "
    "subjects in the model.",
    "B of subjects in the model holds also for one who left and came again. That of the last deletion is for one stay: "
    "in mini-batches a second may be in another slot, and accounting.price(stays=...) prices both.",
    "Two copies of one model that both go on are two draws, and neither ledger knows the other: their mu squared add.",
    "Zero-out compares a person's rows present with absent; two values of the rows cost twice the mu.",
    "That somebody asked, when, and how many rows came and went is public.",
    "It speaks of the model only: the caller's own copies of the rows, files and backups are not reached.",
)
GAPS = {
    "CLASSES_FROM_DATA": "The list of classes was taken from the labels, and the certificate does not cover it: "
    "pass classes= to cover it.",
    "EXTRACTOR_UNKNOWN": "Nobody knows on whom the extractor was trained, so there is no certificate: "
    "one person in it moves every row.",
}


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """Two numbers for one subject, all rows together. `price` is None when nothing can be certified.

    b: all releases of this model, and requests that may depend on them (the headline). a: later releases only, for a
    subject who left in the last deletion; None while nobody was deleted. b_present: b of a subject who is still here.
    """

    price: Price | None
    present: Price | None
    delta: float
    deleted: bool
    gaps: tuple[str, ...]
    rung: str

    @property
    def a_epsilon(self) -> float | None:
        """A at `delta`; None while nobody was deleted, infinite without a certificate."""
        if self.price is None:
            return float("inf")
        return self.price.a.epsilon(self.delta) if self.deleted else None

    @property
    def b_epsilon(self) -> float:
        """B at `delta`, of a subject of the last deletion, or of those present while nobody was deleted."""
        return float("inf") if self.price is None else self.price.b.epsilon(self.delta)

    @property
    def b_epsilon_present(self) -> float:
        """B at `delta`, of a subject who is in the model now, also of one who had left in between."""
        return float("inf") if self.present is None else self.present.b.epsilon(self.delta)

    def to_json(self) -> dict[str, Any]:
        """The certificate as plain JSON."""
        facts: dict[str, Any] = {"format": FORMAT, "rung": self.rung, "delta": self.delta, "unit": "subject"}
        if self.price is not None and self.present is not None:
            bound = bound_json(self.present.b, self.delta, self.present.adjacency)
            facts |= {"price": self.price.to_json(), "b_present": bound}
        gaps = [GAPS[gap] for gap in self.gaps]
        return facts | {"gaps": gaps, "assumptions": list(ASSUMPTIONS), "limits": list(LIMITS)}

    def __str__(self) -> str:
        return "\n".join([*self._numbers(), *(f"- {line}" for line in (*self._gaps(), *ASSUMPTIONS, *LIMITS))])

    def _numbers(self) -> list[str]:
        if self.price is None or self.present is None:
            return ["No certificate: A and B are infinite."]
        who = "a subject of the last deletion" if self.deleted else "a subject in the model"
        lines = [
            f"B, all releases (headline): epsilon {self.b_epsilon:.4g} at delta {self.delta:g} for {who}, "
            f"all their rows; advantage {self.price.b.advantage:.3f}."
        ]
        if self.deleted:
            lines += [
                f"B one moment before the deletion: epsilon {self.price.b_before.epsilon(self.delta):.4g}. Deletion "
                "stopped B from growing; it cannot lower it.",
                f"A, later releases only: epsilon {self.a_epsilon:.4g}, advantage {self.price.a.advantage:.3f}, for "
                "whoever saw no earlier release and if no request depended on one.",
                f"B of a subject still in the model: epsilon {self.b_epsilon_present:.4g}.",
            ]
        return lines

    def _gaps(self) -> list[str]:
        return [f"NOT COVERED: {GAPS[gap]}" for gap in self.gaps]


def certificate_of(ledger: Ledger, *, delta: float, gaps: tuple[str, ...]) -> Certificate:
    """Price a ledger for one subject. Raises: AccountingError."""
    deletions = [event.event for event in ledger.events if event.event == "deleted"]
    last = [event.event for event in ledger.events if event.event in ("steps", "retrained", "trained")][-1]
    void = "EXTRACTOR_UNKNOWN" in gaps
    return Certificate(
        price=None if void else price(ledger, delta=delta),
        present=None if void else _present(ledger, delta),
        delta=delta,
        deleted=bool(deletions),
        gaps=gaps,
        rung="none" if void else "unlearned_certified" if deletions and last == "steps" else "retrained",
    )


def _present(ledger: Ledger, delta: float) -> Price:
    """B of whoever is in the model: each of its runs ended in a release, and the next release counts them all."""
    here = price(ledger, delta=delta, stays=(Stay(rows=ledger.problem.contribution_cap),))
    return replace(here, b=price_next_release(ledger).after)
