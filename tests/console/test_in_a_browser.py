"""The console in a real Chromium: clean pages on desk and phone, work that is seen to move, the keyboard alone."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.console import chromium
from tests.console.serving import Served, served
from tests.lineage.ward import columns, parquet

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
KINDS = ("certified.train", "train.plain", "classifier.train", "language.train", "generator.train", "recipe")
CHECKS = (Path(__file__).parent / "checks.js").read_text()
SIGN_IN = {"officer": "olivia", "operator": "omar", "ben": "ben", "auditor": "agatha"}


@pytest.fixture(scope="module")
def house_at(database_template: str) -> Iterator[Served]:
    with served(database_template) as found:
        yield found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=chromium.found(), args=chromium.ARGUMENTS)
        yield started
        started.close()


class Visit:
    """A page that writes down every complaint of the browser and every request that would leave the host."""

    def __init__(
        self, browser: Browser, house: Served, *, width: int = 1280, theme: Any = "light", **options: Any
    ) -> None:
        self.house, self.complaints = house, []
        context = browser.new_context(viewport={"width": width, "height": 844}, color_scheme=theme, **options)
        context.set_default_timeout(15_000)
        self.page: Page = context.new_page()
        self.page.on("console", lambda m: self.complaints.append(m.text) if m.type in ("error", "warning") else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.note(request.url))

    def note(self, address: str) -> None:
        if not address.startswith((self.house.address, "data:")):
            self.complaints.append(f"left the host: {address}")

    def open(self, path: str) -> Page:
        self.page.goto(self.house.address + path)
        return self.page

    def faults_of(self, path: str, width: int) -> list[str]:
        page = self.open(path)
        found: list[str] = page.evaluate(CHECKS)
        too_wide = page.evaluate("document.documentElement.scrollWidth") > width
        return [*found, "the page scrolls sideways"] if too_wide else found

    def sign_in(self, who: str) -> None:
        self.open("/console/login/")
        self.page.get_by_label("Name").fill(SIGN_IN[who])
        self.page.get_by_label("Password").fill(self.house.passwords[who])
        self.page.get_by_role("button", name="Sign in").click()
        expect(self.page.get_by_role("heading", level=1)).to_have_text("Desk")


def paths(house: Served) -> list[str]:
    refs = house.refs
    things = (("requests", "patient_0"), ("requests", "overdue"), ("plans", "plan"), ("releases", "release"))
    things += (("jobs", "dead_job"), ("models", "digits"), ("sentinels", "sentinels"))
    things += (("qualifications", "tried"), ("qualifications", "trying"), ("bases", "base"), ("datasets", "dataset"))
    lists = ["", "requests/", "plans/", "releases/", "jobs/", "models/", "log/", "people/", "password/"]
    lists += ["qualifications/", "qualifications/new/", "bases/", "datasets/"]
    return (
        [f"/console/{name}" for name in lists]
        + [f"/console/{place}/{refs[name]}/" for place, name in things]
        + [f"/console/plans/{refs['plan']}/verification/"]
    )


@pytest.mark.parametrize(("width", "theme"), [pytest.param(1280, "light", marks=pytest.mark.slow), (390, "dark")])
def test_every_page_is_clean_readable_and_fits(browser: Browser, house_at: Served, width: int, theme: str):
    visit = Visit(browser, house_at, width=width, theme=theme)
    faults = {"login": visit.open("/console/login/").evaluate(CHECKS)}
    visit.sign_in("officer")
    faults |= {path: visit.faults_of(path, width) for path in paths(house_at)}
    assert {path: found for path, found in faults.items() if found} == {}
    assert visit.complaints == []


@pytest.mark.slow
@pytest.mark.parametrize(("width", "theme"), [(1280, "dark"), (390, "light")])
def test_every_form_that_registers_is_clean_readable_and_fits(
    browser: Browser, house_at: Served, width: int, theme: str
):
    visit = Visit(browser, house_at, width=width, theme=theme)
    visit.sign_in("operator")
    forms = ["bases/new/", "datasets/new/", "datasets/new/?kind=texts", "models/new/"]
    forms += [f"models/new/?engine={engine}" for engine in KINDS]
    forms += [f"datasets/{house_at.refs['dataset']}/version/", f"models/{house_at.refs['model']}/train/"]
    faults = {path: visit.faults_of(f"/console/{path}", width) for path in forms}
    assert {path: found for path, found in faults.items() if found} == {}
    assert visit.complaints == []


def test_a_file_that_was_looked_at_stays_chosen_and_is_taken_in_with_the_keyboard(
    browser: Browser, house_at: Served, tmp_path: Path
):
    file = tmp_path / "ward.parquet"
    file.write_bytes(parquet(columns()))
    visit = Visit(browser, house_at, width=390)
    visit.sign_in("operator")
    page = visit.open("/console/datasets/new/")
    page.get_by_label("What shall the dataset be called?").fill("ward")
    page.get_by_label("How many numbers does a row have?").fill("4")
    page.get_by_label("A file of rows").set_input_files(file)
    page.get_by_role("button", name="Look at it first").press("Enter")
    expect(page.get_by_role("status")).to_be_focused()
    expect(page.get_by_role("status")).to_contain_text("20 people")
    assert page.get_by_label("A file of rows").evaluate("input => input.files.length") == 1
    page.get_by_role("button", name="Register the dataset").press("Enter")
    expect(page.get_by_text("its first version holds 20 rows")).to_be_visible()
    assert visit.complaints == []


@pytest.mark.slow
def test_without_a_script_a_person_signs_in_and_reaches_the_forms(browser: Browser, house_at: Served):
    visit = Visit(browser, house_at, width=390, java_script_enabled=False)
    visit.sign_in("operator")
    visit.page.get_by_role("navigation", name="Console").get_by_role("link", name="Datasets").click()
    visit.page.get_by_role("link", name="Register a dataset").click()
    visit.page.get_by_label("What shall the dataset be called?").fill("by hand")
    visit.page.get_by_label("How many numbers does a row have?").fill("0")
    visit.page.get_by_role("button", name="Look at it first").click()
    expect(visit.page.get_by_role("alert")).to_contain_text("Nothing was changed.")
    expect(visit.page.get_by_label("What shall the dataset be called?")).to_have_value("by hand")


DRAWINGS = """() => [...document.querySelectorAll('.ob-scroll')].map(box => {
  const before = box.querySelector('svg').getBoundingClientRect().right, edge = box.getBoundingClientRect().right;
  box.scrollLeft = 1e6;
  const cue = box.parentElement.querySelector('.ob-sideways');
  return { hidden: before > edge + 1, reached: box.querySelector('svg').getBoundingClientRect().right <= edge + 1,
           inside: edge <= innerWidth, told: !!cue && cue.getClientRects().length > 0 };
})"""


@pytest.mark.parametrize("width", [1280, 390])
def test_a_drawing_that_is_wider_than_the_page_scrolls_in_its_box_and_says_so(
    browser: Browser, house_at: Served, width: int
):
    visit = Visit(browser, house_at, width=width)
    visit.sign_in("officer")
    page = visit.open(f"/console/models/{house_at.refs['model']}/")
    found = page.evaluate(DRAWINGS)
    assert len(found) == 2, "the lineage and the certificates"
    assert all(box["inside"] and box["reached"] for box in found)
    assert [box["told"] for box in found] == [box["hidden"] for box in found]
    assert any(box["hidden"] for box in found) is (width == 390)


@pytest.mark.slow
def test_progress_moves_while_it_is_looked_at_and_rests_out_of_sight(browser: Browser, house_at: Served):
    visit = Visit(browser, house_at)
    visit.sign_in("auditor")
    page = visit.open(f"/console/requests/{house_at.refs['patient_0']}/")
    expect(page.locator('[data-f="count_words"]')).to_have_text("87 of 212 steps")
    set_step(house_at, 150)
    expect(page.locator('[data-f="count_words"]')).to_have_text("150 of 212 steps")
    expect(page.get_by_role("progressbar")).to_have_js_property("value", 71)
    hide(page, hidden=True)
    expect(page.get_by_text("Paused while")).to_be_visible()
    set_step(house_at, 190)
    page.wait_for_timeout(2600)
    expect(page.locator('[data-f="count_words"]')).to_have_text("150 of 212 steps")
    hide(page, hidden=False)
    expect(page.locator('[data-f="count_words"]')).to_have_text("190 of 212 steps")
    assert visit.complaints == []


def set_step(house: Served, step: int) -> None:
    with psycopg.connect(house.owner_url, autocommit=True) as connection:
        connection.execute("UPDATE jobs_job SET step = %s WHERE ref = %s", [step, house.refs["job"]])


def hide(page: Page, *, hidden: bool) -> None:
    page.evaluate(
        "hidden => { Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });"
        " document.dispatchEvent(new Event('visibilitychange')); }",
        hidden,
    )


def test_a_release_is_approved_with_the_keyboard_alone(browser: Browser, house_at: Served):
    visit = Visit(browser, house_at)
    visit.sign_in("ben")
    page = visit.open(f"/console/releases/{house_at.refs['release']}/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    approve = page.get_by_role("button", name="Approve", exact=True)
    for _ in range(6):
        page.keyboard.press("Tab")
        if approve.evaluate("node => node === document.activeElement"):
            break
    expect(approve).to_be_focused()
    assert approve.evaluate("node => getComputedStyle(node).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    expect(page.get_by_text("Done: your approval is recorded.")).to_be_visible()
    assert visit.complaints == []


@pytest.mark.slow
def test_a_bulk_deed_from_ticking_to_the_result_of_each(browser: Browser, house_at: Served):
    visit = Visit(browser, house_at)
    visit.sign_in("officer")
    page = visit.open("/console/requests/?status__exact=received")
    for box in page.locator("input.action-select").all()[:2]:
        box.check()
    expect(page.get_by_text("2 of 4 selected")).to_be_visible()
    page.get_by_label("Select action to run").select_option("prove_identity")
    page.get_by_role("button", name="Run").click()
    page.get_by_label("How was identity proved?").select_option("signed_in")
    page.get_by_role("button", name="Identity is proved").click()
    expect(page.get_by_role("heading", name="2 of 2 done")).to_be_visible()
    assert visit.complaints == []
