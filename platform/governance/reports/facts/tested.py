"""What was tried and found, for charts: open batteries of planted records, open curves, sentinels over releases."""

from typing import Any

from governance.jobs.models import Plan
from governance.reports.facts.wording import moment
from governance.verification import showing
from governance.verification.measurement_words import PLANTED, measurement_words
from governance.verification.models import SentinelRetest, SentinelSet
from governance.verification.showing import Battery, Count, Curve
from governance.verification.strength_words import strength_of, strength_words

Facts = dict[str, Any]
Lines = list[dict[str, Any]]


def tried(verdict: Facts) -> list[Facts]:
    """Each battery that the verdict counted: on how many records, beside what, how strong."""
    planted = (verdict.get("canaries") or {}).get("batteries", [])
    found = [("", each) for each in verdict.get("batteries", [])] + [(PLANTED, each) for each in planted]
    return [
        {
            "name": measurement_words(prefix + each["name"]),
            "records": each.get("records", "sealed"),
            "references": each["references"],
            "never_seen": each["never_seen"],
            "strengths": strength_words(prefix + each["name"], each["budgets"]),
        }
        for prefix, each in found
    ]


def charts(lines: Lines) -> list[Facts]:
    """Success against budget where the candidate's own success is open."""
    shown = [each for each in showing.batteries(lines) if any(step.candidate for step in each.steps)]
    return [chart(each) for each in shown]


def chart(battery: Battery) -> Facts:
    series = [
        line("candidate", "candidate", [step.candidate for step in battery.steps]),
        line("candidate on never-seen rows", "never", [step.never_seen for step in battery.steps]),
    ]
    strength = strength_of(battery.name)
    labels = [strength.value(step.budget) for step in battery.steps]
    return drawn(battery.words, strength.across, labels, series)


def line(words: str, tone: str, counts: list[Count | None]) -> Facts:
    points = [[count.rate, count.low, count.high] if count and count.trials else None for count in counts]
    return {"words": words, "tone": tone, "points": points}


def drawn(title: str, across: str, labels: list[str], series: list[Facts]) -> Facts:
    """Only lines that have a point, and the whole of it in words for who cannot see it."""
    there = [each for each in series if any(each["points"])]
    spoken = "; ".join(f"{each['words']}: {heard(labels, each['points'])}" for each in there)
    return {"title": title, "across": across, "labels": labels, "series": there, "spoken": spoken}


def heard(labels: list[str], points: list[list[float] | None]) -> str:
    return ", ".join(f"{point[0]:.0%} at {label}" for label, point in zip(labels, points, strict=True) if point)


def curves(lines: Lines) -> list[Facts]:
    return [curve(each) for each in showing.curves(lines)]


def curve(found: Curve) -> Facts:
    area = f"{found.area:.2f}" if found.area is not None else "not measured"
    return {"title": found.words, "points": [list(point) for point in found.points], "area": area}


def sentinels(plan: Plan) -> list[Facts]:
    """Each set in this model's data over its releases so far: nobody's data, so all of it is open."""
    sets = SentinelSet.objects.filter(dataset=plan.model.dataset).order_by("id") if plan.model.dataset else []
    return [of_set(plan, row) for row in sets]


def of_set(plan: Plan, row: SentinelSet) -> Facts:
    found = row.retests.filter(checkpoint__model=plan.model).exclude(outcome="").order_by("id")
    retests = list(found.select_related("checkpoint"))
    ask = [rung(each) for each in retests]
    days = [f"{each.checkpoint.created_at:%-d %b}" for each in retests]
    groups = (("erased", "candidate"), ("kept", "original"), ("never_planted", "never"))
    series = [
        {"words": WORDS[name], "tone": tone, "points": [share(each, name) for each in ask]} for name, tone in groups
    ]
    return {
        "ref": row.ref,
        "kind": row.get_kind_display().lower(),
        "count": row.count,
        "planted_at": moment(row.created_at),
        "chart": drawn("Sentinels over releases", "releases, by the day they were made", days, series),
        "tests": [
            {
                "at": day,
                "outcome": each.get_outcome_display(),
                **{name: counted(asked, name) for name, _ in groups},
                "alarm": each.outcome in (SentinelRetest.Outcome.RESIDUAL, SentinelRetest.Outcome.RESURRECTED),
            }
            for day, each, asked in zip(days, retests, ask, strict=True)
        ],
        "words": (retests[-1].body or {}).get("words", "") if retests else "No release has been asked about them yet.",
    }


WORDS = {"erased": "erased", "kept": "still held", "never_planted": "never planted"}


def rung(retest: SentinelRetest) -> Facts:
    """What was recognised without any change."""
    rungs = (retest.body or {}).get("rungs") or [{}]
    first: Facts = rungs[0]
    return first


def share(asked: Facts, name: str) -> list[float] | None:
    group = asked.get(name)
    return [group["successes"] / group["trials"], group["low"], group["high"]] if group and group["trials"] else None


def counted(asked: Facts, name: str) -> str:
    group = asked.get(name)
    if not group or not group["trials"]:
        return "—"
    low, high = 100 * group["low"], 100 * group["high"]
    return f"{group['successes']} of {group['trials']} ({low:.0f} to {high:.0f} %)"
