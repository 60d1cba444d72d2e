"""The two tiers of measurements: what a bundle may show, and what stays sealed under the case key.

Results on deleted rows are noiseless functions of them. A plain digest of so little could be guessed from, so the log
holds a keyed commitment (`sealed`) for them, and a digest (`measurements`) for the open ones only.
"""

from __future__ import annotations

from evidence.canonical import Json


def split_tiers(document: Json) -> tuple[Json, Json]:
    """Two measurement documents from one: the open tier and the sealed tier, each in the order given."""
    return _tier(document, "open"), _tier(document, "sealed")


def _tier(document: Json, tier: str) -> Json:
    return {**document, "measurements": [line for line in document["measurements"] if line["tier"] == tier]}
