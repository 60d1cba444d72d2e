"""Charts and ladders in the terminal, with letters and marks: to be read on a screen without colours too."""

from collections.abc import Mapping, Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from demo.language.charts import Chart, Series, share_across, share_up, ticks_across, ticks_up
from demo.language.ladder import Battery, Rate, spread_words

WIDTH, HEIGHT, MARGIN = 66, 13, 7
MARKS = {"circle": "●", "square": "■", "diamond": "◆", "triangle": "▲", "ring": "○"}
STYLES = {
    "forgotten": "bold red",
    "kept": "green",
    "strangers": "cyan",
    "before": "yellow",
    "retrained": "blue",
    "plain": "magenta",
}
LEVEL, UPRIGHT = "╌", "┊"
BAR = 10


def drawn(chart: Chart) -> RenderableType:
    """A title, the grid with its axes, a key, and a note where there is one."""
    cells = grid(chart)
    left = dict(sorted(((row_of(share), words) for share, words in ticks_up(chart)), reverse=True))
    picture = Text()
    for row, line in enumerate(cells):
        picture.append(f"  {left.get(row, ''):>{MARGIN - 2}} ┤" if row in left else " " * (MARGIN + 1) + "│")
        for mark, style in line:
            picture.append(mark, style=style)
        picture.append("\n")
    picture.append(feet(chart))
    return Group(Text(f"  {chart.title}", style="bold"), picture, key(chart), *noted(chart))


def grid(chart: Chart) -> list[list[tuple[str, str]]]:
    """Rows from the top; the first series is drawn last, so that it stands in front."""
    cells = [[(" ", "")] * WIDTH for _ in range(HEIGHT)]
    for level in chart.levels:
        row = row_of(share_up(chart, level.value))
        cells[row] = [(LEVEL, "dim")] * WIDTH
    if chart.divide:
        column = round(share_across(chart, chart.divide.place) * (WIDTH - 1))
        for line in cells:
            line[column] = (UPRIGHT, "dim")
    for series in reversed(chart.series):
        for column, row in path_of(chart, series):
            cells[row][column] = (MARKS[series.mark], STYLES[series.tone])
    return cells


def path_of(chart: Chart, series: Series) -> list[tuple[int, int]]:
    """One cell for each column between the first and the last point, on straight lines between the points."""
    spots = sorted((round(share_across(chart, x) * (WIDTH - 1)), share_up(chart, y)) for x, y in series.points)
    if not spots:
        return []
    found = [(column, row_of(share)) for column, share in spots]
    for (left, low), (right, high) in zip(spots, spots[1:], strict=False):
        for column in range(left + 1, right):
            found.append((column, row_of(low + (high - low) * (column - left) / (right - left))))
    return found


def row_of(share: float) -> int:
    return round((1.0 - share) * (HEIGHT - 1))


def feet(chart: Chart) -> str:
    line = [" "] * (WIDTH + 8)
    for share, words in ticks_across(chart):
        place = round(share * (WIDTH - 1))
        line[place : place + len(words)] = words
    rule = " " * (MARGIN + 1) + "└" + "─" * (WIDTH - 1)
    return f"{rule}\n{' ' * (MARGIN + 1)}{''.join(line).rstrip()}  {chart.across}"


def key(chart: Chart) -> Text:
    words = Text("  ")
    for series in chart.series:
        words.append(f"{MARKS[series.mark]} {series.words}   ", style=STYLES[series.tone])
    for level in chart.levels:
        words.append(f"{LEVEL * 2} {level.words}   ", style="dim")
    if chart.divide:
        words.append(f"{UPRIGHT} {chart.divide.words}", style="dim")
    return words


def noted(chart: Chart) -> list[RenderableType]:
    return [Text(f"  {chart.note}", style="italic")] if chart.note else []


def ladder_lines(batteries: Sequence[Battery], *, title: str) -> Text:
    """Each battery at each strength: the candidate beside the retrained, the never-seen and the model before."""
    told = Text(f"  {title}\n", style="bold")
    for battery in batteries:
        told.append(f"  {battery.words}\n", style="not bold")
        for step in battery.steps:
            told.append(f"    {step.budget:>5} {bar(step.candidate):16}", style="not bold red")
            told.append(f" retrained {spread_words(step):12}", style="not bold blue")
            told.append(f" never seen {rate_words(step.never_seen):5}", style="not bold cyan")
            told.append(f" before {rate_words(step.original)}\n", style="not bold yellow")
    return told


def bar(rate: Rate | None) -> str:
    if rate is None:
        return "—"
    return f"{'█' * round(rate.share * BAR):<{BAR}} {rate.share:4.0%}"


def rate_words(rate: Rate | None) -> str:
    return "—" if rate is None else f"{rate.share:.0%}"


def areas_lines(areas: Mapping[str, Mapping[str, float]]) -> Text:
    """Each membership test from 0 to 1: C the candidate, P the model before, : where nothing is told."""
    told = Text("  Told from never-seen texts (area under the curve)\n", style="bold")
    for name, found in areas.items():
        spots = {round(0.5 * AREA): ":", **{round(found[who] * AREA): mark for who, mark in WHO if who in found}}
        line = "".join(spots.get(place, "·") for place in range(AREA + 1))
        told.append(f"  {name}\n    0 {line} 1  ", style="not bold")
        told.append(", ".join(f"{who} {found[who]:.2f}" for who, _ in WHO[::-1] if who in found), style="not bold red")
        told.append("\n")
    return told


AREA, WHO = 30, (("before", "P"), ("candidate", "C"))
