"""The law's clock: calendar months in the regime's zone, never thirty days."""

from calendar import monthrange
from datetime import date, datetime
from zoneinfo import ZoneInfo

from governance.errors import Invalid
from governance.intake.models import RegimePack


def due_on(received_at: datetime, pack: RegimePack) -> date:
    """The last day to answer: the day of receipt in the law's zone, so many calendar months later.

    Where that month has no such day, its last day (Regulation 1182/71, Article 3(2)(c)). Weekends and holidays do not
    move it: earlier is always lawful.

    Raises:
        Invalid: naive_time: a moment without a zone has no date.
    """
    return months_after(day_in_zone(received_at, pack.zone), pack.months)


def extended_due_on(received_at: datetime, pack: RegimePack) -> date:
    """The last day when the answer was extended: counted from receipt, not from the first due date.

    Raises:
        Invalid: naive_time.
    """
    return months_after(day_in_zone(received_at, pack.zone), pack.months + pack.extension_months)


def day_in_zone(moment: datetime, zone: str) -> date:
    if moment.tzinfo is None:
        raise Invalid("The time of receipt has no time zone.", code="naive_time", remedy="Send it with an offset or Z.")
    return moment.astimezone(ZoneInfo(zone)).date()


def months_after(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))
