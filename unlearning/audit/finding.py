"""What an audit found: a certified number, a measured lower bound, and what had to hold between them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

Must = Literal["stay below", "exceed"]
Unit = Literal["mu", "epsilon", "advantage"]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One line of the closing table.

    certified: the number under attack (inf: none is claimed). measured: the lower bound. must: "stay below" for a
    certificate that has to stand, "exceed" for a positive control: a claim known to be false for this attack, which
    an audit that sees anything at all has to refute. reach: the share of the certificate below which the audit would
    be too weak to be of use.
    """

    audit: str
    what: str
    unit: Unit
    certified: float
    measured: float
    must: Must = "stay below"
    reach: float = 0.0

    @property
    def held(self) -> bool:
        """Did what had to hold hold? A measured number that is not one did not."""
        if math.isnan(self.measured) or math.isnan(self.certified):
            return False
        if self.must == "exceed":
            return self.measured > self.certified
        enough = not self.reach or self.measured >= self.reach * self.certified  # an infinite claim asks for no share
        return self.measured <= self.certified and enough

    @property
    def requirement(self) -> str:
        """What had to hold, in words."""
        if self.must == "exceed":
            return "exceed (positive control)"
        return f"stay below, reach {self.reach:.0%}" if self.reach else "stay below"

    @property
    def verdict(self) -> str:
        """How it went, in words that name the fault."""
        if self.held:
            return "held"
        if self.must == "exceed":
            return "NOT EXCEEDED"
        return "TOO WEAK" if self.measured <= self.certified else "ABOVE ITS CERTIFICATE"

    def to_json(self) -> dict[str, Any]:
        """The finding as plain JSON; no claim at all is the string "infinite"."""
        return {
            "audit": self.audit,
            "what": self.what,
            "unit": self.unit,
            "certified": self.certified if math.isfinite(self.certified) else "infinite",
            "measured": self.measured,
            "must": self.must,
            "reach": self.reach,
            "held": self.held,
            "verdict": self.verdict,
        }
