"""Rungs and rounds on the screen, as they come."""

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from demo.language.rounds import Round, at_the_end, called, resurrected
from demo.language.terminal import areas_lines, drawn, ladder_lines
from demo.language.told import Rung, Untried
from demo.language.words import (
    OUTCOMES,
    certificate_words,
    gate_words,
    method_words,
    outcome_words,
    reasons_of,
    rounds_words,
    standing_out,
    way_words,
)
from demo.screen import chapter, console, say

STYLES = {"good": "green", "bad": "red", "unsure": "yellow"}


def rung(one: Rung, earlier: Sequence[Rung]) -> None:
    """Curves, what the attacks got back, the verdict with its reasons, the gate, and the certificate's words."""
    for chart in one.charts:
        console.print(drawn(chart))
    if one.batteries:
        console.print(ladder_lines(one.batteries, title="What the attacks got back, by strength (an auditor's look)"))
    for line in standing_out(one.batteries):
        console.print(Text(f"  {line}", style="bold"))
    if one.areas:
        console.print(areas_lines(one.areas))
    outcome = str(one.verdict["outcome"])
    style = STYLES[OUTCOMES[outcome][1]]
    say(f"the verdict: [{style}]{outcome_words(one.verdict)}[/{style}]")
    for reason in reasons_of(one.verdict):
        console.print(Text(f"    {reason}", style="dim"))
    say(gate_words(status=one.status, route=one.route, outcome=outcome))
    same = [before for before in earlier if words_but_method(before) == words_but_method(one)]
    if same:
        say(f"its certificate has the words of the one above for {method_words(same[-1].method)}, but for the method")
    else:
        certificate(one)


def words_but_method(one: Rung) -> list[tuple[str, str]]:
    lines = certificate_words(one.certificate, voided=one.status != "gate", toy=one.route != "retrain")
    named = f"The method {one.method} "
    return [(name, text.replace(named, "The method ")) for name, text in lines if name != "method"]


def untried(one: Untried) -> None:
    chapter(f"Not needed, and so not judged: {method_words(one.method)}, on the engine beside the house")
    for chart in one.charts:
        console.print(drawn(chart))
    say(f"it stopped because {one.because}")


def certificate(one: Rung) -> None:
    table = Table(title="The words of its certificate", title_justify="left", show_header=False, show_edge=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column()
    toy = one.route != "retrain"
    for name, value in certificate_words(one.certificate, voided=one.status != "gate", toy=toy):
        table.add_row(name, Text(value))
    console.print(table)


MARKS = {
    "clean": ("·", "green"),
    "overdone": ("↓", "yellow"),
    "residual": ("✗", "red"),
    "resurrected": ("↑", "bold red"),
}


def rounds_table(rounds: Sequence[Round]) -> Table:
    """One line for each attempt, one column for each request: texts known as the model is / after retain-only steps."""
    table = Table(
        title="Requests in sequence", title_justify="left", title_style="bold", box=None, padding=(0, 1, 0, 0)
    )
    for name in ("round", "how", *(str(one.number) for one in rounds), "kept", "s"):
        table.add_column(name, no_wrap=True, justify="left" if name == "how" else "right")
    for place, one in enumerate(rounds):
        for attempt, tried in enumerate(one.attempts):
            cells = [cell(rounds, place, attempt, other.number) for other in rounds]
            first = str(one.number) if not attempt else ""
            table.add_row(
                first,
                way_words(tried.way).removeprefix("unlearned "),
                *cells,
                f"{tried.kept:.2f}",
                f"{tried.seconds:.1f}",
            )
    return table


def cell(rounds: Sequence[Round], place: int, attempt: int, request: int) -> Text:
    found = [retest for retest in rounds[place].attempts[attempt].retests if retest.request == request]
    if not found:
        return Text("")
    mark, style = MARKS[called(rounds, place, attempt, request)]
    return Text(f"{found[0].at_rest.known}/{found[0].after_steps.known}{mark}", style=style)


def rounds_told(rounds: Sequence[Round]) -> None:
    console.print(rounds_table(rounds))
    console.print(
        Text("  texts standing out among never-seen ones: as the model is / after 40 retain-only steps.", style="dim")
    )
    console.print(
        Text("  · clean   ↓ further away than never-seen texts   ✗ not gone yet   ↑ resurrected", style="dim")
    )
    for line in rounds_words(rounds):
        say(line)


def round_words(rounds: Sequence[Round]) -> str:
    """The newest round in one line."""
    place, newest = len(rounds) - 1, rounds[-1]
    told = []
    for attempt, tried in enumerate(newest.attempts):
        names = [f"{request} {called(rounds, place, attempt, request)}" for request in tried.found]
        told.append(f"{way_words(tried.way)}: {', '.join(names) or 'nobody found'}")
    return f"request {newest.number}: {'; '.join(told)}"


def ending_words(rounds: Sequence[Round]) -> str:
    back, left = resurrected(rounds), at_the_end(rounds)
    still = f"still found: {', '.join(map(str, left))}" if left else "none found at the end"
    return f"{len(rounds)} rounds, {len(back)} resurrections seen, {still}"
