"""The runs of unlearning as the reading room shows them: two charts, why each ended, and every number as a table."""

from collections.abc import Sequence
from dataclasses import dataclass

from evidence.unproved_families import LANGUAGE
from governance.console.pages.run_chart import LineChart, probability_chart, share_words, utility_chart
from governance.jobs.models import Job, Plan
from governance.jobs.running import unlearnings
from governance.verification.method_words import method_words
from governance.verification.reading_room import OVER
from governance.verification.sealed_runs import Look, Run, runs_to_read

SEALED_HERE = (
    "How each run of unlearning went, step by step, with its curves and why it stopped, depends on the erased rows. It "
    "is sealed with what the attack measures: an auditor reads it in the reading room until the case is over, nobody "
    "else at any time."
)
GONE = (
    "How each run of unlearning went, step by step, depended on the erased rows. It was sealed while the case was "
    "open, and destroyed with it."
)


@dataclass(frozen=True)
class Where:
    """Where the curves are and who may look; open: whether there is anything to read now."""

    words: str
    plan: str
    open: bool


@dataclass(frozen=True)
class Row:
    step: str
    forget: str
    never_seen: str
    utility: str
    pushed: int
    kept: bool


@dataclass(frozen=True)
class RunView:
    title: str
    job: str
    ending: str
    probability: LineChart | None
    utility: LineChart | None
    rows: list[Row]


def where_of(plan: Plan) -> Where | None:
    """None for a plan whose runs tell nothing of themselves, or whose first one has not ended."""
    if plan.status not in OVER and runs_to_read(plan):
        return Where(SEALED_HERE, plan.ref, open=True)
    ended = [job for job in unlearnings(plan) if job.status == Job.Status.SUCCEEDED]
    if plan.status in OVER and any(job.engine == LANGUAGE.unlearns for job in ended):
        return Where(GONE, plan.ref, open=False)
    return None


def run_views(runs: Sequence[Run]) -> list[RunView]:
    """In the order of the ladder."""
    return [view_of(run, number, len(runs)) for number, run in enumerate(runs, start=1)]


def view_of(run: Run, number: int, count: int) -> RunView:
    place = f"Step {number}: " if count > 1 else ""
    return RunView(
        title=f"{place}{method_words(run.method)}",
        job=run.job,
        ending=ending(run),
        probability=probability_chart(run) if run.looks else None,
        utility=utility_chart(run) if run.looks else None,
        rows=[row_of(look, run) for look in run.looks],
    )


def ending(run: Run) -> str:
    """Where it stopped, why, and which weights were taken."""
    if not run.looks:
        return f"It did not come to an end. {run.why}"
    taken = (
        "Its weights were taken."
        if run.kept == run.ended
        else f"The weights of step {run.kept:,} were taken, the best that were still useful enough."
    )
    return f"It stopped after step {run.ended:,} of at most {run.planned:,}: {run.why}. {taken}"


def row_of(look: Look, run: Run) -> Row:
    return Row(
        step=f"{look.step:,}",
        forget=precise(look.forget),
        never_seen=precise(look.never_seen),
        utility=f"{look.utility:.1%}",
        pushed=look.pushed,
        kept=look.step == run.kept,
    )


def precise(share: float) -> str:
    """Two digits that count: '97%', '0.043%'."""
    if share >= 0.1:
        return share_words(share)
    percent = 100 * share
    return f"{percent:.2g}%" if percent >= 1e-4 else "under 0.0001%"
