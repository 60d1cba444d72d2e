"""What a job brought back, apart: what everybody may read, and what was measured on deleted rows."""

from typing import Any

# Outputs of an engine that follow a run step by step, on the rows to forget among others.
CURVES = "curves"
Document = dict[str, Any]


def apart(result: Document, measurements: Document | None) -> tuple[Document, Document | None, Document | None]:
    """(result, open measurements, sealed ones): nothing measured on deleted rows stays in the first two."""
    opened, sealed = by_tier(measurements)
    outputs = result.get("outputs") or {}
    if CURVES not in outputs:
        return result, opened, sealed
    kept = {name: value for name, value in outputs.items() if name != CURVES}
    hidden = sealed or {"format": "obelus/measurements/1", "measurements": []}
    return {**result, "outputs": kept}, opened, {**hidden, CURVES: outputs[CURVES]}


def by_tier(measurements: Document | None) -> tuple[Document | None, Document | None]:
    """Measurements on deleted rows are outside the certificate: they are sealed, never published."""
    if measurements is None:
        return None, None
    rows = measurements["measurements"]
    opened = {"format": measurements["format"], "measurements": [m for m in rows if m["tier"] == "open"]}
    hidden = [m for m in rows if m["tier"] != "open"]
    return opened, {"format": measurements["format"], "measurements": hidden} if hidden else None
