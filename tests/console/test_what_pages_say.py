"""What a person reads on the pages, and what the buttons really do."""

import pytest
from django.test import Client
from django.urls import reverse

from governance.console.addresses import page_of
from governance.jobs.models import Job
from governance.releases.models import Release
from tests.console import places
from tests.console.world import World

pytestmark = pytest.mark.django_db


def read(client: Client, house: World, who: str, address: str) -> str:
    client.force_login(house.people[who])
    return client.get(address).content.decode()


def do(client: Client, deed: str, ref: str, **form: str) -> str:
    return client.post(reverse("console:do", args=[deed, ref]), form, follow=True).content.decode()


def test_a_request_in_progress_tells_its_story_in_plain_words(client: Client, house: World):
    page = read(client, house, "auditor", page_of(house.requests["patient_0"]))
    for words in (
        "The request came in",
        "Identity was proved",
        "The scope was confirmed",
        "The plan was confirmed; unlearning began",
        "Waits for",
        "tumour-classifier",
        "still serves these weights",
        "87 of 212 steps",
        "12 days left",
    ):
        assert words in page
    assert "by Olivia Marsh" in page


def test_a_fulfilled_request_links_its_receipt(client: Client, house: World):
    row = house.requests["fulfilled"]
    assert f"/api/v1/erasure-requests/{row.ref}/receipt" in read(client, house, "officer", page_of(row))


def test_a_plan_shows_both_routes_certificate_verdict_and_approvers(client: Client, house: World):
    page = read(client, house, "ben", page_of(house.gate_plan))
    for words in (
        "Delete by noisy steps",
        "Retrain without the records",
        "61 s, 212 steps",
        "148 s, 900 steps",
        "epsilon 1.31 at delta 1e-5",
        "epsilon 0.47 at delta 1e-5",
        "What it does not say",
        "Not in effect yet",
        "Inconclusive",
        "80 times in 100",
        "by Ann Vogel",
    ):
        assert words in page


def test_who_may_not_read_requests_sees_on_a_plan_only_how_many(client: Client, house: World):
    page = read(client, house, "operator", page_of(house.running_plan))
    assert "4 requests" in page
    assert "er_" not in page.split('id="story-title"')[0]


def test_the_second_person_approves_and_it_goes_on(client: Client, house: World):
    client.force_login(house.people["ben"])
    assert "your approval is recorded" in do(client, "approve_release", house.release.ref)
    assert Release.objects.get(pk=house.release.pk).status == "approved"


def test_whoever_approved_already_is_told_kindly_that_another_must(client: Client, house: World):
    client.force_login(house.people["ann"])
    page = do(client, "approve_release", house.release.ref)
    assert "Nothing was changed, and rightly so." in page
    assert "second, different person" in page
    assert Release.objects.get(pk=house.release.pk).approvals.count() == 1


def test_withdrawing_a_release_needs_a_reason(client: Client, house: World):
    client.force_login(house.people["ben"])
    assert "field &#x27;reason&#x27; is empty" in do(client, "withdraw_release", house.release.ref)
    do(client, "withdraw_release", house.release.ref, reason="A wrong snapshot")
    assert Release.objects.get(pk=house.release.pk).status == "withdrawn"


def test_a_dead_letter_is_sent_round_again(client: Client, house: World):
    client.force_login(house.people["operator"])
    assert "in the queue again" in do(client, "retry_job", house.dead_job.ref)
    assert Job.objects.get(pk=house.dead_job.pk).status == "queued"


def test_a_running_job_is_asked_to_stop(client: Client, house: World):
    client.force_login(house.people["operator"])
    assert "asked to stop" in do(client, "cancel_job", house.running_job.ref)
    assert Job.objects.get(pk=house.running_job.pk).cancel_requested


def test_progress_is_counted_from_the_row(client: Client, house: World):
    client.force_login(house.people["auditor"])
    Job.objects.filter(pk=house.running_job.pk).update(step=106, rate=2)
    facts = client.get(reverse("console:request_progress", args=[house.requests["patient_1"].ref])).json()
    (job,) = facts["jobs"]
    assert (job["step"], job["steps"], job["percent"]) == (106, 212, 50)
    assert job["left_words"] == "about 53 s left"
    assert facts["live"] is True


def test_the_lineage_counts_people_and_strikes_out_what_is_destroyed(client: Client, house: World):
    page = read(client, house, "auditor", page_of(house.tumour))
    assert "19 people" in page
    assert page.count("ob-box ob-gone") == 6  # two older snapshots, checkpoints and releases
    assert "clinic-north" in page
    assert "B 1.12" in page


def test_each_desk_shows_what_waits_for_that_person(client: Client, house: World):
    assert "requests to identify" in read(client, house, "officer", "/console/")
    assert "dead letter" in read(client, house, "operator", "/console/")
    assert "release to approve" in read(client, house, "ben", "/console/")
    ann = read(client, house, "ann", "/console/")
    assert "release to approve" not in ann  # she has approved it; another must
    assert "Everything that you can do is done" in ann


def test_no_page_names_a_foreign_host_or_a_person_of_a_request(client: Client, house: World):
    client.force_login(house.people["officer"])
    for name in places.WHO:
        page = client.get(places.address(house, name)).content.decode().replace("http://www.w3.org/", "")
        assert "http://" not in page
        assert "https://" not in page
        for identifier in ("tumour-classifier-00", "digit-reader-00", "nobody-we-know"):
            assert identifier not in page


def test_a_reference_is_found_by_its_beginning_and_only_where_one_may_read(client: Client, house: World):
    ref = house.requests["soon"].ref
    assert f"/requests/{ref}/" in read(client, house, "officer", f"/console/search/?s={ref[:10]}")
    assert ref not in read(client, house, "operator", f"/console/search/?s={ref[:10]}")
    planted = house.sentinels.ref
    assert f"/sentinels/{planted}/" in read(client, house, "operator", f"/console/search/?s={planted[:10]}")


def test_the_menu_holds_only_what_one_may_open(client: Client, house: World):
    assert "/console/requests/" not in read(client, house, "operator", "/console/plans/")
    assert "/console/requests/" in read(client, house, "officer", "/console/plans/")


def test_the_approve_button_is_there_for_another_person_only(client: Client, house: World):
    address = reverse("console:do", args=["approve_release", house.release.ref])
    assert address in read(client, house, "ben", page_of(house.release))
    assert address not in read(client, house, "ann", page_of(house.release))
