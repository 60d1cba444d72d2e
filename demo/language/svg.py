"""Charts as inline SVG: no script, no address, nothing fetched; colours come from the page's own sheet."""

from collections.abc import Mapping, Sequence
from html import escape

from demo.language.charts import Chart, Series, share_across, share_up, ticks_across, ticks_up
from demo.language.ladder import Battery, Rate, Step

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 620, 300, 58, 18, 14, 46
MOST_MARKS = 24


def chart_svg(chart: Chart) -> str:
    """One figure: the drawing, its key and its note."""
    parts = [*rules(chart), *levels(chart), *(line(chart, series) for series in reversed(chart.series))]
    spoken = f"{chart.title}. {'; '.join(ending(series) for series in chart.series)}."
    note = f"<p class='note'>{escape(chart.note)}</p>" if chart.note else ""
    return (
        f"<figure><figcaption>{escape(chart.title)}</figcaption>"
        f"<svg viewBox='0 0 {WIDTH} {HEIGHT}' role='img' aria-label='{escape(spoken, quote=True)}'>"
        f"{''.join(parts)}</svg>"
        f"{key(chart)}{note}</figure>"
    )


def ending(series: Series) -> str:
    return f"{series.words} ends at {series.points[-1][1]:.3g}" if series.points else f"{series.words}: none"


def across(share: float) -> float:
    return LEFT + share * (WIDTH - LEFT - RIGHT)


def down(share: float) -> float:
    return TOP + (1.0 - share) * (HEIGHT - TOP - BOTTOM)


def rules(chart: Chart) -> list[str]:
    foot, middle = down(0.0), (TOP + down(0.0)) / 2
    upright = [
        f"<path class='rule' d='M{LEFT} {down(share):.1f} H{WIDTH - RIGHT}'/>"
        f"<text class='tick' x='{LEFT - 8}' y='{down(share) + 4:.1f}' text-anchor='end'>{words}</text>"
        for share, words in ticks_up(chart)
    ]
    along = [
        f"<text class='tick' x='{across(share):.1f}' y='{foot + 18:.1f}' text-anchor='middle'>{words}</text>"
        for share, words in ticks_across(chart)
    ]
    names = [
        f"<text class='tick' x='{across(0.5):.1f}' y='{HEIGHT - 8}' text-anchor='middle'>{escape(chart.across)}</text>",
        f"<text class='tick' transform='translate(13 {middle:.0f}) rotate(-90)' text-anchor='middle'>"
        f"{escape(chart.up)}</text>",
    ]
    return [*upright, *along, *names]


def levels(chart: Chart) -> list[str]:
    lines = [
        f"<path class='level' d='M{LEFT} {down(share_up(chart, level.value)):.1f} H{WIDTH - RIGHT}'/>"
        for level in chart.levels
    ]
    if chart.divide:
        place = across(share_across(chart, chart.divide.place))
        lines.append(f"<path class='divide' d='M{place:.1f} {TOP} V{down(0.0):.1f}'/>")
    return lines


def line(chart: Chart, series: Series) -> str:
    spots = [(across(share_across(chart, x)), down(share_up(chart, y))) for x, y in series.points]
    if not spots:
        return ""
    path = " L".join(f"{x:.1f} {y:.1f}" for x, y in spots)
    every = max(1, len(spots) // MOST_MARKS)
    marks = "".join(mark(series.mark, x, y) for x, y in [*spots[::every], spots[-1]])
    return f"<g class='{series.tone}'><path class='line' d='M{path}'/>{marks}</g>"


def mark(kind: str, x: float, y: float) -> str:
    if kind == "square":
        return f"<rect class='mark' x='{x - 3.5:.1f}' y='{y - 3.5:.1f}' width='7' height='7'/>"
    if kind == "diamond":
        return f"<path class='mark' d='M{x:.1f} {y - 5:.1f} l5 5 l-5 5 l-5 -5 Z'/>"
    if kind == "triangle":
        return f"<path class='mark' d='M{x:.1f} {y - 5:.1f} l5 9 h-10 Z'/>"
    return f"<circle class='{'ring' if kind == 'ring' else 'mark'}' cx='{x:.1f}' cy='{y:.1f}' r='3.8'/>"


def key(chart: Chart) -> str:
    items = [
        f"<li class='{series.tone}'><svg viewBox='0 0 26 14' aria-hidden='true'><path class='line' d='M1 7 H25'/>"
        f"{mark(series.mark, 13, 7)}</svg>{escape(series.words)}</li>"
        for series in chart.series
    ]
    items += [
        "<li><svg viewBox='0 0 26 14' aria-hidden='true'><path class='level' d='M1 7 H25'/></svg>"
        f"{escape(level.words)}</li>"
        for level in chart.levels
    ]
    if chart.divide:
        items.append(
            "<li><svg viewBox='0 0 26 14' aria-hidden='true'><path class='divide' d='M13 0 V14'/></svg>"
            f"{escape(chart.divide.words)}</li>"
        )
    return f"<ul class='key'>{''.join(items)}</ul>"


ROW, NAME, BAR, GAP = 22, 170, 540, 10


def ladder_svg(batteries: Sequence[Battery], *, title: str) -> str:
    """Every attack at every strength: the candidate, the retrained, never-seen texts and the model before."""
    parts, y = [], 12
    for battery in batteries:
        parts.append(f"<text class='name' x='0' y='{y + 10}'>{escape(battery.words)}</text>")
        parts += [_ladder_row(step, y + ROW * place) for place, step in enumerate(battery.steps, 1)]
        y += ROW * (len(battery.steps) + 1) + 6
    height = y + 24
    parts += [
        f"<text class='tick' x='{NAME + BAR * share:.0f}' y='{height - 8}' text-anchor='middle'>{share:.0%}</text>"
        for share in (0.0, 0.5, 1.0)
    ]
    spoken = "; ".join(_spoken(battery) for battery in batteries)
    return (
        f"<figure class='wide'><figcaption>{escape(title)}</figcaption><svg viewBox='0 0 {NAME + BAR + 120} {height}' "
        f"role='img' aria-label='{escape(spoken, quote=True)}'>{''.join(parts)}</svg>{LADDER_KEY}</figure>"
    )


LADDER_KEY = (
    "<ul class='key'><li class='forgotten'><svg viewBox='0 0 26 14' aria-hidden='true'><rect class='bar' y='3' "
    "width='26' height='8'/></svg>candidate, on the erased texts</li>"
    "<li class='retrained'><svg viewBox='0 0 26 14' aria-hidden='true'><rect class='band' y='1' width='26' "
    "height='12'/></svg>retrained without them, lowest to highest</li>"
    f"<li class='strangers'><svg viewBox='0 0 26 14' aria-hidden='true'>{mark('square', 13, 7)}</svg>"
    "candidate, on never-seen texts</li>"
    f"<li class='before'><svg viewBox='0 0 26 14' aria-hidden='true'>{mark('diamond', 13, 7)}</svg>"
    "the model before, on the erased texts</li></ul>"
)


def areas_svg(areas: Mapping[str, Mapping[str, float]], *, title: str) -> str:
    """Each membership test on a line from 0 to 1: the candidate and the model before; one half tells nothing."""
    height = 2 * ROW * len(areas) + 34
    middle = NAME + BAR / 2
    parts: list[str] = []
    for place, (name, found) in enumerate(areas.items()):
        y = 34 + 2 * ROW * place
        parts.append(f"<text class='name' x='0' y='{y - 16}'>{escape(name)}</text>")
        parts.append(f"<path class='rule' d='M{NAME} {y} h{BAR}'/><path class='level' d='M{middle:.0f} {y - 8} v16'/>")
        parts += [
            f"<g class='{tone}'>{mark(kind, NAME + found[who] * BAR, y)}</g>"
            for who, tone, kind in (("before", "before", "diamond"), ("candidate", "forgotten", "circle"))
            if who in found
        ]
        parts.append(f"<text class='tick' x='{NAME + BAR + 14}' y='{y + 4}'>{escape(areas_words(found))}</text>")
    parts += [
        f"<text class='tick' x='{NAME + BAR * share:.0f}' y='{height - 8}' text-anchor='middle'>{share:g}</text>"
        for share in (0.0, 0.5, 1.0)
    ]
    spoken = "; ".join(f"{name}: {areas_words(found)}" for name, found in areas.items())
    return (
        f"<figure class='wide'><figcaption>{escape(title)}</figcaption><svg viewBox='0 0 {NAME + BAR + 120} {height}' "
        f"role='img' aria-label='{escape(spoken, quote=True)}'>{''.join(parts)}</svg>{AREAS_KEY}</figure>"
    )


def areas_words(found: Mapping[str, float]) -> str:
    return ", ".join(f"{found[who]:.2f}" for who in ("candidate", "before") if who in found)


AREAS_KEY = (
    f"<ul class='key'><li class='forgotten'><svg viewBox='0 0 26 14' aria-hidden='true'>{mark('circle', 13, 7)}</svg>"
    f"candidate</li><li class='before'><svg viewBox='0 0 26 14' aria-hidden='true'>{mark('diamond', 13, 7)}</svg>"
    "the model before</li><li><svg viewBox='0 0 26 14' aria-hidden='true'><path class='level' d='M13 0 V14'/></svg>"
    "tells nothing</li></ul>"
)


def _ladder_row(step: Step, y: float) -> str:
    middle = y + 7
    parts = [
        f"<text class='tick' x='{NAME - GAP}' y='{middle + 4:.0f}' text-anchor='end'>{escape(step.budget)}</text>",
        f"<path class='rule' d='M{NAME} {middle:.0f} h{BAR}'/>",
    ]
    if step.retrained is not None:
        low, high = step.retrained
        width = max(3.0, (high - low) * BAR)
        parts.append(
            f"<g class='retrained'><rect class='band' x='{NAME + low * BAR:.1f}' y='{y - 1:.0f}' width='{width:.1f}' "
            "height='16'/></g>"
        )
    if step.candidate is not None:
        width = max(1.5, step.candidate.share * BAR)
        counted = f"{step.candidate.successes} of {step.candidate.trials}"
        parts.append(
            f"<g class='forgotten'><rect class='bar' x='{NAME}' y='{y + 3:.0f}' width='{width:.1f}' height='8'/></g>"
            f"<text class='tick' x='{NAME + BAR + 14}' y='{middle + 4:.0f}'>{counted}</text>"
        )
    parts += [
        f"<g class='{tone}'>{mark(kind, NAME + rate.share * BAR, middle)}</g>"
        for tone, kind, rate in (("before", "diamond", step.original), ("strangers", "square", step.never_seen))
        if rate is not None
    ]
    return "".join(parts)


def _spoken(battery: Battery) -> str:
    told = ", ".join(f"{step.budget}: {_share(step.candidate)}" for step in battery.steps)
    return f"{battery.words}: {told}"


def _share(rate: Rate | None) -> str:
    return "not measured" if rate is None else f"{rate.share:.0%}"
