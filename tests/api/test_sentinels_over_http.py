"""Sentinels and verification over HTTP: what everybody may read, and what the auditor alone is told."""

import json

import pytest

from governance.intake.packs import install_packs
from governance.lineage.models import Subject
from governance.people.services import set_roles
from governance.verification.models import SentinelSet
from tests.sentinels.club import LIKE, Club, ask_releases

pytestmark = pytest.mark.django_db
BODY = {"kind": "random", "count": 10, "like": LIKE}


@pytest.fixture
def club(folk) -> Club:
    install_packs()
    return Club(folk)


def plant(client, club: Club, **changes):
    path = f"/api/v1/datasets/{club.dataset.ref}/sentinels"
    return client.post(path, json.dumps({**BODY, **changes}), content_type="application/json")


def test_an_auditor_plants_and_everybody_reads_the_commitment_and_no_name(as_, club):
    made = plant(as_("auditor"), club)
    assert made.status_code == 201, made.content
    row = SentinelSet.objects.get()
    assert made["Location"] == f"/api/v1/sentinels/{row.ref}"
    club.upload()
    for who in ("officer", "operator", "approver", "auditor"):
        answer = as_(who).get(made["Location"])
        assert answer.status_code == 200
        assert len(answer.json()["body"]["leaves"]) == 10
        assert (answer.json()["opened"], answer.json()["retests"]) == (None, [])
        assert b"@example.org" not in answer.content
        listed = as_(who).get(f"/api/v1/datasets/{club.dataset.ref}/sentinels")
        assert [item["ref"] for item in listed.json()["items"]] == [row.ref]


@pytest.mark.parametrize("who", ["officer", "operator", "approver", "both", "stranger"])
def test_nobody_else_plants_them_or_is_told_who_they_are_or_opens_the_list(as_, club, who):
    planted = club.plant(count=10)
    club.upload()
    assert plant(as_(who), club).status_code == 403
    assert as_(who).get(f"/api/v1/sentinels/{planted.ref}/errand").status_code == 403
    assert as_(who).post(f"/api/v1/sentinels/{planted.ref}/reveal", "{}", "application/json").status_code == 403


def test_an_auditor_who_decides_something_too_is_told_nothing(as_, club):
    planted = club.plant(count=10)
    set_roles(user=club.folk.auditor, roles=["auditor", "approver"])
    answer = as_("auditor").get(f"/api/v1/sentinels/{planted.ref}/errand")
    assert (answer.status_code, answer.json()["code"]) == (403, "not_an_auditor")


def test_the_errand_names_half_of_them_and_is_kept_nowhere(as_, club):
    planted = club.plant(count=10)
    club.upload()
    answer = as_("auditor").get(f"/api/v1/sentinels/{planted.ref}/errand")
    assert len(answer.json()["identifiers"]) == 5
    assert answer["Cache-Control"] == "no-store"


def test_a_revealed_list_is_open_to_all_and_names_nobody_who_was_never_there(as_, club):
    planted = club.plant(count=10)
    club.upload()
    assert as_("auditor").post(f"/api/v1/sentinels/{planted.ref}/reveal", "{}", "application/json").status_code == 200
    opened = as_("operator").get(f"/api/v1/sentinels/{planted.ref}").json()["opened"]
    assert len(opened["sentinels"]) == 10
    again = as_("auditor").post(f"/api/v1/sentinels/{planted.ref}/reveal", "{}", "application/json")
    assert (again.status_code, again.json()["code"]) == (409, "sentinels_revealed")


def test_a_typing_error_in_a_planting_is_refused(as_, club):
    assert plant(as_("auditor"), club, knd="random").status_code == 422
    assert plant(as_("auditor"), club, count=9).json()["code"] == "bad_count"
    assert not SentinelSet.objects.exists()


def test_a_models_releases_and_a_plans_verification_show_counts_and_intervals(as_, club):
    club.plant(count=60, level=0.002)  # what is a coin's to decide goes wrong once in thousands of runs
    club.release(club.train(club.upload()))
    ask_releases()
    [item] = as_("approver").get(f"/api/v1/models/{club.model.ref}/sentinels").json()["items"]
    assert item["outcome"] == "baseline"
    kept = item["body"]["rungs"][0]["kept"]
    assert (kept["successes"], kept["trials"]) == (60, 60)
    assert kept["low"] > 0.8
    club.ask_as_people_do(club.errand())
    plan = club.at_the_gate()
    ask_releases()
    answer = as_("operator").get(f"/api/v1/plans/{plan.ref}/verification").json()
    assert answer["verdict"]["outcome"] == plan.verdicts.get().outcome
    assert [test["outcome"] for test in answer["sentinels"]] == ["clean"]
    assert Subject.objects.filter(erased_at__isnull=False).count() == 0
