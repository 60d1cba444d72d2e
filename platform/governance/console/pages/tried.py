"""Each battery that a verdict counted: on how many records, beside what, how strong. All of it is open."""

from typing import Any

from governance.verification.measurement_words import PLANTED, measurement_words
from governance.verification.strength_words import strength_words


def tried_lines(body: dict[str, Any]) -> list[dict[str, Any]]:
    """From a verdict's body; those on planted records first."""
    planted = (body.get("canaries") or {}).get("batteries", [])
    tried = [(PLANTED, each) for each in planted] + [("", each) for each in body.get("batteries", [])]
    return [
        {
            **each,
            "words": measurement_words(prefix + each["name"]),
            "strengths": strength_words(prefix + each["name"], each["budgets"]),
        }
        for prefix, each in tried
    ]
