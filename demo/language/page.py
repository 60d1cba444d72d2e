"""The telling as one HTML page: text, tables and inline SVG; it fetches nothing and runs no script."""

from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

from demo.language.rounds import Round, called
from demo.language.svg import areas_svg, chart_svg, ladder_svg
from demo.language.told import Rung, Told, Untried
from demo.language.words import (
    OUTCOMES,
    certificate_words,
    gate_words,
    in_the_end,
    method_words,
    outcome_words,
    reasons_of,
    rounds_words,
    standing_out,
    way_words,
)

SHEET = Path(__file__).with_name("sheet.css")
ROOM = "What the attacks got back: an auditor's look; the people are made up, of real ones nothing would leave the room"
TITLE = "One author erased from a language model"
CELLS = {
    "clean": ("quiet", ""),
    "overdone": ("mended", "further away than never-seen texts"),
    "residual": ("back", "residual"),
    "resurrected": ("back", "resurrected"),
}


def page(told: Told) -> str:
    parts = [
        f"<h1>{TITLE}</h1>",
        f"<p class='lead'>{escape(introduction(told))}</p>",
        *(rung_section(place, rung) for place, rung in enumerate(told.rungs, 1)),
        *(untried_section(one) for one in told.untried),
        *rounds_section(told),
        papers_section(told),
    ]
    return (
        "<!doctype html><html lang='en'><head><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width, initial-scale=1'>"
        f"<title>{TITLE}</title><style>{SHEET.read_text('utf-8')}</style></head>"
        f"<body><main>{''.join(parts)}</main></body></html>\n"
    )


def introduction(told: Told) -> str:
    ending = in_the_end([(rung.method, str(rung.verdict["outcome"]), rung.released) for rung in told.rungs])
    return (
        f"{told.texts} texts of {told.people} authors ({told.source}), {told.never_seen} never-seen texts. {ending} "
        f"Told in {told.elapsed_s:.0f} s."
    )


def rung_section(place: int, rung: Rung) -> str:
    words, tone = OUTCOMES[str(rung.verdict["outcome"])]
    outcome = str(rung.verdict["outcome"])
    ladder = ladder_svg(rung.batteries, title=ROOM) if rung.batteries else ""
    areas = areas_svg(rung.areas, title="Told from never-seen texts (area under the curve)") if rung.areas else ""
    return (
        f"<h2>{place}. {escape(titled(method_words(rung.method)))} <span class='pill {tone}'>{words}</span></h2>"
        f"<p>{escape(outcome_words(rung.verdict).capitalize())}. "
        f"{escape(gate_words(status=rung.status, route=rung.route, outcome=outcome))}</p>"
        f"{bullets(reasons_of(rung.verdict))}"
        f"<div class='columns'>{''.join(chart_svg(chart) for chart in rung.charts)}</div>{ladder}"
        f"{bullets(standing_out(rung.batteries))}"
        f"{areas}{certificate(rung)}"
    )


def untried_section(one: Untried) -> str:
    return (
        f"<h2>{escape(titled(method_words(one.method)))}: not needed, and so not judged</h2>"
        f"<p>On the engine, beside the house, it stopped because {escape(one.because)}.</p>"
        f"<div class='columns'>{''.join(chart_svg(chart) for chart in one.charts)}</div>"
    )


def titled(words: str) -> str:
    return words[:1].upper() + words[1:]


def certificate(rung: Rung) -> str:
    lines = certificate_words(rung.certificate, voided=not rung.released, toy=rung.route != "retrain")
    items = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in lines)
    return f"<div class='card'><h3>The words of its certificate</h3><dl>{items}</dl></div>"


def bullets(lines: Iterable[str]) -> str:
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return f"<ul>{items}</ul>" if items else ""


def rounds_section(told: Told) -> list[str]:
    if not told.rounds:
        return []
    return [
        "<h2>Ten requests, one after the other</h2>",
        bullets(rounds_words(told.rounds)),
        f"<div class='card scroll'>{rounds_table(told.rounds)}</div>",
        f"<div class='columns'>{''.join(chart_svg(chart) for chart in told.rounds_charts)}</div>",
    ]


def rounds_table(rounds: Sequence[Round]) -> str:
    """One line for each attempt, one column for each request: how many texts are known after retain-only steps."""
    numbers = [one.number for one in rounds]
    heads = "".join(f"<th class='number'>{number}</th>" for number in numbers)
    lines = []
    for place, one in enumerate(rounds):
        for attempt, tried in enumerate(one.attempts):
            cells = "".join(cell(rounds, place, attempt, number) for number in numbers)
            first = f"<td>{one.number}</td>" if not attempt else "<td></td>"
            lines.append(
                f"<tr>{first}<td>{escape(way_words(tried.way))}</td>{cells}"
                f"<td class='number'>{tried.kept:.3f}</td><td class='number'>{tried.seconds:.1f}</td></tr>"
            )
    return (
        "<table><thead><tr><th>round</th><th>how</th>"
        f"{heads}<th class='number'>kept</th><th class='number'>s</th></tr></thead>"
        f"<tbody>{''.join(lines)}</tbody></table>"
        "<p class='note'>A cell: texts of that request that stand out among never-seen ones, as the model is / after "
        "the retain-only steps. Red: found. Amber: further away than "
        "never-seen texts. kept: mean probability of the kept answers.</p>"
    )


def cell(rounds: Sequence[Round], place: int, attempt: int, request: int) -> str:
    found = [retest for retest in rounds[place].attempts[attempt].retests if retest.request == request]
    if not found:
        return "<td class='cell'></td>"
    retest = found[0]
    tone, words = CELLS[called(rounds, place, attempt, request)]
    title = f" title='{words}'" if words else ""
    return f"<td class='cell {tone}'{title}>{retest.at_rest.known}/{retest.after_steps.known}</td>"


def papers_section(told: Told) -> str:
    if not told.papers:
        return ""
    return f"<h2>The papers</h2>{bullets(told.papers)}"
