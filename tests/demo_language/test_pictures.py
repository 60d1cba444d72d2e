"""Charts stand where their numbers are, in the terminal and on the page, and the page fetches nothing."""

import re
from io import StringIO
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from demo.language.charts import Chart, Level, Series, share_across, share_up, ticks_across, ticks_up
from demo.language.ladder import Battery, Rate, Step, read_areas, read_room
from demo.language.page import page
from demo.language.svg import areas_svg, chart_svg, ladder_svg
from demo.language.terminal import HEIGHT, WIDTH, areas_lines, drawn, grid, ladder_lines
from demo.language.told import Rung, Told

CHART = Chart(
    title="Probability <of> answers",
    across="step",
    up="probability",
    series=[
        Series("erased & gone", "forgotten", "circle", [(0, 1.0), (10, 1e-3), (20, 1e-5)]),
        Series("kept", "kept", "square", [(0, 0.97), (20, 0.95)]),
    ],
    levels=[Level("never seen", 1e-3)],
    logarithmic=True,
    note="As measured.",
)
LADDER = [
    Battery(
        "text.extraction",
        [
            Step("0.25", Rate(4, 8), Rate(0, 40), Rate(8, 8), (0.0, 0.1)),
            Step("0.75", Rate(0, 8), None, Rate(8, 8), None),
        ],
    )
]


def printed(thing: object) -> str:
    console = Console(width=110, record=True, file=StringIO())
    console.print(thing)
    return console.export_text()


@given(st.floats(0, 1), st.floats(0, 1))
def test_more_probable_never_stands_lower(one: float, other: float):
    low, high = sorted((one, other))
    assert 0 <= share_up(CHART, low) <= share_up(CHART, high) <= 1


def test_a_power_of_ten_has_its_place_and_the_ends_theirs():
    assert share_up(CHART, 1.0) == 1 and share_up(CHART, 1e-5) == 0 and share_up(CHART, 0.0) == 0
    assert [words for _, words in ticks_up(CHART)] == ["1", "1e-1", "1e-2", "1e-3", "1e-4", "1e-5"]
    assert (share_across(CHART, 0), share_across(CHART, 20)) == (0, 1)
    assert [words for _, words in ticks_across(CHART)] == ["0", "5", "10", "15", "20"]


def test_the_terminal_draws_each_series_from_its_first_to_its_last_point():
    cells = grid(CHART)
    assert len(cells) == HEIGHT and {len(row) for row in cells} == {WIDTH}
    assert cells[0][0][0] == "●" and cells[-1][-1][0] == "●"
    shown = printed(drawn(CHART))
    assert "● erased & gone" in shown and "╌╌ never seen" in shown and "As measured." in shown and "1e-5" in shown


def test_a_chart_of_one_point_and_one_without_any_can_be_drawn():
    for points in ([(3.0, 0.5)], []):
        one = Chart("One", "round", "share", [Series("it", "plain", "ring", points)])
        assert printed(drawn(one)) and ElementTree.fromstring(chart_svg(one)) is not None


def test_the_picture_is_sound_xml_and_ends_at_the_last_numbers():
    figure = ElementTree.fromstring(chart_svg(CHART))
    assert "erased & gone ends at 1e-05" in str(figure.find("svg").get("aria-label"))
    marks = figure.findall(".//g/circle")
    assert (marks[-1].get("cx"), marks[-1].get("cy")) == ("602.0", "254.0")
    assert len(ElementTree.fromstring(ladder_svg(LADDER, title="Ladder")).findall(".//rect[@class='bar']")) == 3


def test_the_ladder_in_the_terminal_says_what_was_not_measured():
    shown = printed(ladder_lines(LADDER, title="What the attacks got back"))
    assert "█████       50%" in shown and "0% to 10%" in shown and "never seen —" in shown


def test_what_an_auditor_reads_in_the_console_becomes_the_same_ladder(settings: object):
    from django.template.loader import render_to_string

    from governance.console.pages import batteries
    from governance.verification import showing

    line = {"name": "relearning.retain", "budget": 40.0, "trials": 4, "tier": "sealed"}
    lines = [{**line, "arm": arm, "successes": n} for arm, n in (("A", 1), ("B:0", 0), ("B:1", 2), ("P", 4), ("C", 0))]
    shown = render_to_string(
        "console/batteries.html", {"views": batteries.views(showing.batteries(lines)), "sealed": True}
    )
    [battery] = read_room(shown)
    assert battery.steps == [Step("40 steps", Rate(1, 4), Rate(0, 4), Rate(4, 4), (0.0, 0.5))]


def test_areas_of_membership_tests_are_read_and_drawn():
    page_of_room = (
        "<figcaption><b>By their loss</b><ul></ul>Area under the curve: the candidate 0.98, the model before 1.00; 0.5"
    )
    areas = read_areas(page_of_room)
    assert areas == {"By their loss": {"candidate": 0.98, "before": 1.0}}
    shown = printed(areas_lines(areas))
    assert "candidate 0.98, before 1.00" in shown and ":" in shown and "P" in shown
    assert "By their loss: 0.98, 1.00" in str(ElementTree.fromstring(areas_svg(areas, title="T")).find("svg").attrib)


def test_the_page_fetches_nothing_and_escapes_what_it_is_told():
    rung = Rung(
        method="<script>",
        route="approximate",
        status="stopped",
        verdict={"outcome": "failed", "kind": "residual"},
        certificate={"rung": "unlearned_approximately"},
        batteries=LADDER,
        charts=[CHART],
    )
    shown = page(Told(people=2, texts=16, never_seen=8, source="made", rungs=[rung]))
    assert not re.search(r"(src|href)=|https?:|@import|url\(", shown)
    assert "<script>" not in shown and "&lt;script&gt;" in shown
    assert "The gate stays shut" in shown
