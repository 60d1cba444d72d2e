"""The privacy ledger on the pages: a model's B over its releases against the cap, a person's over all models."""

import math
from dataclasses import dataclass, replace
from datetime import datetime

from governance.console.pages.drawing import Drawing, drawing_of
from governance.console.wording import delta_words, listed, plain_number
from governance.intake.models import ErasureRequest
from governance.jobs.models import BudgetCap
from governance.jobs.persons_privacy import PersonsHistory, history_of_person
from governance.jobs.privacy import History, history_of
from governance.lineage.models import TrainedModel
from unlearning.accounting import AccountingError, GdpBound

WHAT = {
    "trained": "trained",
    "retrained": "retrained",
    "released": "published",
    "deleted": "people deleted",
    "steps": "more steps",
    "ended": "withdrawn or replaced for good",
}
NOT_YET = "Nothing was trained yet, so nothing was given away."
NO_LEDGER = "It has no ledger: no number bounds what its releases give away about a person."
UNREADABLE = "Its ledger cannot be priced; manage.py doctor and the accountant say why."


@dataclass(frozen=True)
class Line:
    at: datetime | None
    what: str
    b: str
    a: str


@dataclass(frozen=True)
class Page:
    """What a chart page needs: the drawing, its numbers as a table, and the whole of it in a sentence."""

    drawing: Drawing | None
    lines: list[Line]
    spoken: str
    delta: str
    sentences: list[str]
    cap: str = ""


def of_model(model: TrainedModel) -> Page:
    try:
        history = history_of(model)
    except AccountingError:
        return nothing(UNREADABLE)
    if history:
        return priced(model, history)
    return nothing(NO_LEDGER) if model.checkpoints.exists() else replace(nothing(NOT_YET), cap=cap_words(model))


def nothing(why: str) -> Page:
    return Page(drawing=None, lines=[], spoken=why, delta="", sentences=[why])


def cap_of(model: TrainedModel) -> float | None:
    """The cap on B as an epsilon, at its own delta."""
    row = BudgetCap.objects.filter(model=model).first()
    return GdpBound(row.mu).epsilon(row.delta) if row else None


def cap_words(model: TrainedModel) -> str:
    cap = cap_of(model)
    return plain_number(cap) if cap is not None else ""


def priced(model: TrainedModel, history: History) -> Page:
    cap = cap_of(model)
    b = [finite(history.epsilon(moment.present)) for moment in history.moments]
    a = [finite(history.epsilon(moment.a)) if moment.a is not None else None for moment in history.moments]
    now = history.epsilon(history.moments[-1].present) if history.moments else 0.0
    lines = [
        Line(moment.at, what_happened(moment.kind, moment.rows), said(history.epsilon(moment.present)), words(value))
        for moment, value in zip(history.moments, a, strict=True)
    ]
    sentences = [spent_words(now, cap), *batch_words(history)]
    return Page(
        drawing=drawing_of([day(moment.at) for moment in history.moments], b=b, a=a, cap=cap),
        lines=lines,
        spoken=spent_words(now, cap),
        delta=delta_words(history.delta),
        sentences=sentences,
        cap=cap_words(model),
    )


def batch_words(history: History) -> list[str]:
    """Of the latest deletion only; the table has the others."""
    last = next((moment for moment in reversed(history.moments) if moment.a is not None), None)
    if last is None or last.a is None or last.b is None:
        return []
    b, a = said(history.epsilon(last.b)), said(history.epsilon(last.a))
    return [
        f"For the {rows_words(last.rows)} of the latest deletion B stopped at epsilon {b}, and A is {a}: "
        "what somebody learns at most who sees later releases only."
    ]


def spent_words(now: float, cap: float | None) -> str:
    spent = f"Somebody still in this model has been charged epsilon {said(now)} by all that was published"
    if cap is None:
        return f"{spent}. No cap is fixed yet: the first proposal of a release fixes it."
    left = max(0.0, cap - now)
    return f"{spent}; the cap is {plain_number(cap)}, so {plain_number(left)} are left."


def of_request(row: ErasureRequest) -> Page | None:
    """None before the scope is confirmed, and where no model learned from the person."""
    if row.subject is None:
        return None
    try:
        history = history_of_person(row.subject)
    except AccountingError:
        return nothing(UNREADABLE)
    return of_person(history) if history.shares else None


def of_person(history: PersonsHistory) -> Page:
    b = [finite(history.epsilon(point.b)) for point in history.points]
    a = [finite(history.epsilon(point.a)) if point.a is not None else None for point in history.points]
    lines = [
        Line(
            point.at,
            f"{point.model.name}: {WHAT.get(point.kind, point.kind)}",
            said(history.epsilon(point.b)),
            said(history.epsilon(point.a)) if point.a is not None else "",
        )
        for point in history.points
    ]
    sentences = person_words(history)
    return Page(
        drawing=drawing_of([day(point.at) for point in history.points], b=b, a=a, cap=None),
        lines=lines,
        spoken=sentences[0],
        delta=delta_words(history.delta),
        sentences=sentences,
    )


def person_words(history: PersonsHistory) -> list[str]:
    shares = history.shares
    count = "1 model" if len(shares) == 1 else f"{len(shares)} models, counted jointly"
    now = history.epsilon(history.b)
    found = [f"All rows of this person in {count}: B, all releases, {bound_words(now)}."]
    without = listed([share.model.name for share in shares if not share.has_ledger])
    if without:
        found.append(f"{without} kept no ledger; that alone leaves B without a bound.")
    # Without a ledger no number of the model's own says what is left: the certificate that ended it does.
    gone = [share for share in shares if share.a is not None and not share.has_ledger]
    if gone:
        found.append(f"Out of {listed([share.model.name for share in gone])} by now; its certificate says what holds.")
    still = listed([share.model.name for share in shares if share.a is None])
    if still:
        found.append(
            f"Still in {still}; A, later releases only, is known when the last of them has forgotten the rows."
        )
    elif history.a is not None:
        found.append(f"A, later releases only, {bound_words(history.epsilon(history.a))}.")
    return found


def what_happened(kind: str, rows: int) -> str:
    return f"{rows_words(rows)} deleted" if kind == "deleted" else WHAT.get(kind, kind)


def rows_words(rows: int) -> str:
    return "1 row" if rows == 1 else f"{rows} rows"


def day(at: datetime | None) -> str:
    return f"{at:%-d %b}" if at else "—"


def finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def bound_words(value: float) -> str:
    return f"is epsilon {plain_number(value)}" if math.isfinite(value) else "has no bound"


def said(value: float) -> str:
    return plain_number(value) if math.isfinite(value) else "without a bound"


def words(value: float | None) -> str:
    return plain_number(value) if value is not None else ""
