"""What a job brought back, apart: what everybody may read, and what was measured on deleted rows."""

from typing import Any

from evidence.unproved_families import BY_UNLEARNING

# Of an engine that unlearns without a proof these outputs are known before it looks at a row to forget. All others are
# sealed, whatever they are called: where such a run stopped, and why, says how well the model knew those rows.
PUBLIC = frozenset(
    {
        *("method", "params", "seed", "global_batch", "data_order", "planned_steps", "search_grid"),
        *("forgotten", "rows", "holdout", "requests"),
    }
)
Document = dict[str, Any]


def apart(
    result: Document, measurements: Document | None, *, engine: str
) -> tuple[Document, Document | None, Document | None]:
    """(result, open measurements, sealed ones): nothing measured on deleted rows stays in the first two."""
    opened, sealed = by_tier(measurements)
    outputs = result.get("outputs") or {}
    told = {name: value for name, value in outputs.items() if engine in BY_UNLEARNING and name not in PUBLIC}
    if not told:
        return result, opened, sealed
    kept = {name: value for name, value in outputs.items() if name not in told}
    hidden = sealed or {"format": "obelus/measurements/1", "measurements": []}
    return {**result, "outputs": kept}, opened, {**told, **hidden}


def by_tier(measurements: Document | None) -> tuple[Document | None, Document | None]:
    """Measurements on deleted rows are outside the certificate: they are sealed, never published."""
    if measurements is None:
        return None, None
    rows = measurements["measurements"]
    opened = {"format": measurements["format"], "measurements": [m for m in rows if m["tier"] == "open"]}
    hidden = [m for m in rows if m["tier"] != "open"]
    return opened, {"format": measurements["format"], "measurements": hidden} if hidden else None
