"""Times, numbers and references as a reader of paper wants them."""

import math
from datetime import date, datetime
from decimal import ROUND_UP, Decimal

from django.utils.dateparse import parse_datetime

UNKNOWN = "not bounded"
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def moment(at: datetime | str | None) -> str:
    """`20 Nov 2026, 23:04:05 UTC`."""
    found = parse_datetime(at) if isinstance(at, str) else at
    return f"{found.day} {found:%b %Y, %H:%M:%S} UTC" if found else "—"


def day(of: date) -> str:
    return f"{of.day} {of:%b %Y}"


def number(value: float | str | None) -> str:
    """Three digits that matter; a power of ten only where one cannot do without."""
    return UNKNOWN if value is None or isinstance(value, str) else written(float(f"{value:.3g}"))


def at_most(value: float | str | None) -> str:
    """An upper bound, always with three digits and never rounded down: the page must not claim more than was proved."""
    if value is None or isinstance(value, str):
        return UNKNOWN
    if value == 0:
        return "0"
    place = Decimal(1).scaleb(Decimal(value).adjusted() - 2)
    rounded = Decimal(value).quantize(place, rounding=ROUND_UP)
    return f"{rounded:f}" if 1e-4 <= value < 1e6 else written(float(rounded))


def written(value: float) -> str:
    if value != 0 and not 1e-4 <= abs(value) < 1e6:
        mantissa, _, power = f"{value:.2e}".partition("e")
        return f"{mantissa.rstrip('0').rstrip('.')} × 10{str(int(power)).translate(RAISED)}"
    return f"{value:,.0f}" if value == int(value) else f"{value:g}"


def seconds(value: float | None) -> str:
    return "—" if value is None else f"{number(value)} s"


def guess(mu: float | None) -> str:
    """How often the best guess between the two worlds is right at most: Phi(mu / 2), rounded up."""
    if mu is None:
        return UNKNOWN
    right = 0.5 * math.erfc(-mu / (2 * math.sqrt(2)))
    return f"{math.ceil(1000 * right - 1e-9) / 10:.1f} %"


def short(ref: str) -> str:
    """A reference or digest short enough for a line of a table; the bundle has the whole of it."""
    prefix, mark, rest = ref.partition("_") if "_" in ref else ref.partition(":")
    return f"{prefix}{mark}{rest[:10]}…" if len(rest) > 14 else ref


def plural(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"
