"""What the demo shows: chapters, progress bars with rate and time left, a closing table."""

import time
from collections.abc import Callable
from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table

console = Console(highlight=False)
PATIENCE_S = 150
LOOK_EVERY_S = 0.3


class StoryBroken(Exception):
    """A step of the story did not hold; the text says which."""


def chapter(title: str) -> None:
    console.print(f"\n[bold]{title}[/bold]")


def say(line: str) -> None:
    console.print(f"  {line}")


def hold(true: bool, claim: str) -> None:
    """A step that must hold; the demo ends with an error where it does not."""
    if not true:
        raise StoryBroken(claim)
    say(f"[green]✓[/green] {claim}")


def bars() -> Progress:
    return Progress(
        TextColumn("  {task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
    )


def watch(
    look: Callable[[], dict[str, Any]],
    *,
    until: Callable[[dict[str, Any]], bool],
    jobs: str = "",
    patience_s: float = PATIENCE_S,
) -> Any:
    """Look until it is so, with a bar for every job on the way. `jobs` names the field that lists them.

    Raises:
        StoryBroken: it did not come about in time, or a job ended badly.
    """
    end = time.monotonic() + patience_s
    known: dict[str, TaskID] = {}
    with bars() as progress:
        while True:
            seen = look()
            for job in seen.get(jobs, []) if jobs else [seen]:
                show(progress, known, job)
            if until(seen):
                return seen
            if time.monotonic() > end:
                raise StoryBroken(f"waited {patience_s:.0f} s in vain: {seen.get('status')} {seen.get('ref')}")
            time.sleep(LOOK_EVERY_S)


def show(progress: Progress, known: dict[str, TaskID], job: dict[str, Any]) -> None:
    if job.get("status") in {"dead", "refused", "cancelled"}:
        raise StoryBroken(f"{job['engine']} ended as {job['status']}: {job['code']} {job['message']}")
    if "steps" not in job:
        return
    total = job["steps"] or None
    if job["ref"] not in known:
        label = f"{job['purpose'] or 'job'} ({job['engine']})"
        known[job["ref"]] = progress.add_task(f"{label:34}", total=total, rate="")
    done = job["status"] == "succeeded"
    rate = f"{job['rate']:.0f} steps/s" if job["rate"] else ""
    progress.update(known[job["ref"]], total=total, completed=total if done else job["step"], rate=rate)


def closing_table(rows: list[tuple[str, str]]) -> None:
    table = Table(title="\nWhat happened", show_header=False, title_style="bold")
    for name, value in rows:
        table.add_row(name, value)
    console.print(table)
