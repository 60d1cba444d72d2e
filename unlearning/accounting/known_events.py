"""Every event there is, by name and version, and how one is read from JSON."""

from dataclasses import fields
from typing import Any

from unlearning.accounting.errors import AccountingError
from unlearning.accounting.events import (
    Deleted,
    Destroyed,
    DrawDiscarded,
    DrawsSeen,
    Effective,
    Event,
    Inserted,
    Released,
    Retrained,
    Steps,
    Trained,
)
from unlearning.accounting.exposures import (
    CheckpointKept,
    ChosenByRows,
    IterateKept,
    MeasurementShown,
    ReferencesKept,
    SeedKept,
    Vetoed,
)
from unlearning.accounting.strict_json import malformed, require_fields

_CLASSES: tuple[type[Event], ...] = (
    Trained,
    Released,
    Deleted,
    Inserted,
    Steps,
    Retrained,
    DrawDiscarded,
    DrawsSeen,
    Destroyed,
    Effective,
    Vetoed,
    IterateKept,
    CheckpointKept,
    SeedKept,
    ReferencesKept,
    ChosenByRows,
    MeasurementShown,
)
EVENTS: dict[tuple[str, int], type[Event]] = {(known.event, known.version): known for known in _CLASSES}


def event_from_json(value: Any) -> Event:
    """The event of one JSON object. Raises: UNKNOWN_EVENT, LEDGER_MALFORMED, NOT_FINITE."""
    if not isinstance(value, dict):
        raise malformed(f"Expected an event object, got {type(value).__name__}.")
    name, version = value.get("event"), value.get("version")
    known = EVENTS.get((name, version)) if isinstance(name, str) and type(version) is int else None
    if known is None:
        raise AccountingError(
            "UNKNOWN_EVENT",
            f"No price is known for event {name!r} version {version!r}.",
            "Use the accountant that wrote this ledger, or a newer one.",
        )
    own = [field.name for field in fields(known)]
    require_fields(value, where=f"event {name}", required=["event", "version", *own])
    return known(**{field: value[field] for field in own})
