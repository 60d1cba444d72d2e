"""No reader meets a measurement's raw name: neither in the report nor in the console."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from governance.reports.facts.work import measured
from governance.verification.measurement_words import PLANTED, WORDS, kind_of, measurement_words
from tests.reports.case import Closed
from unlearning.catalog import ENGINES

RAW = re.compile(r"\b(?:canary|uma|membership|utility)\.\w+")
ATTACK = ENGINES["verify.linear"].parameters["properties"]
LADDERS = [f"uma.{norm}.{target}" for norm in ATTACK["norm"]["enum"] for target in ATTACK["target"]["enum"]]
ON_ROWS = [*LADDERS, *(f"{name}.minimum" for name in LADDERS), "membership.loss"]
WRITTEN = ["utility.accuracy", *ON_ROWS, *(PLANTED + name for name in ON_ROWS)]


def line(name: str) -> dict[str, Any]:
    return {"name": name, "arm": "A", "budget": None, "value": 0.5, "trials": 8, "successes": None}


@pytest.mark.parametrize("name", WRITTEN)
def test_every_name_that_the_attack_writes_has_words_of_its_own(name: str) -> None:
    said = measured(line(name))["name"]
    assert not RAW.search(said) and "." not in said and "_" not in said
    assert said.startswith("Planted records: ") == name.startswith(PLANTED)
    assert WORDS[kind_of(name.removeprefix(PLANTED))] in said.lower()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("uma.l2.label_only.transfer", "Label given back to a change found on another model"),
        ("canary.membership.lira.far", "Planted records: telling members from strangers beside models with and without "
         "them: flagged as too unlike a member"),
        ("membership.loss.roc", "Telling members from strangers by their loss: the whole curve"),
        ("relearning.retain", "Recognised after more training on those who stay"),
        ("generator.latent.blend.distance",
         "Concept drawn again by a search of the generator's input (blend, distance)"),
    ],
)  # fmt: skip
def test_what_networks_and_generators_are_asked_has_words_too(name: str, said: str) -> None:
    assert measurement_words(name) == said


def test_a_name_that_is_new_is_not_shown_raw_either() -> None:
    assert measurement_words("witness.gradient_norm") == "Witness, gradient norm"


def test_the_report_shows_none_of_the_names_that_the_engine_really_wrote(house: Closed) -> None:
    from governance.reports.facts.whole import report_facts

    shown = report_facts(plan=house.plan, at=house.plan.closed_at)["battery"]["open"]
    assert len(shown) > 3
    assert [row["name"] for row in shown if RAW.search(row["name"])] == []


def test_the_consoles_pages_of_plan_release_and_verification_show_none(house: Closed) -> None:
    browser = Client()
    browser.force_login(house.clinic.folk.auditor)
    pages = (("plan", house.plan.ref), ("release", house.plan.release.ref), ("verification", house.plan.ref))
    for name, ref in (*pages, ("reading_room", house.plan.ref)):
        page = browser.get(reverse(f"console:{name}", args=[ref]))
        assert page.status_code == 200
        assert RAW.findall(page.content.decode()) == []
