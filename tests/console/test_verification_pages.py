"""What people see of verification, and who sees the sealed part: an auditor, while the case is open, with an entry."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from evidence.canonical import parse_canonical
from governance.actors import person
from governance.audit.models import Entry, Sealed
from governance.errors import FourEyes
from governance.jobs.models import Plan
from governance.people.models import User
from governance.releases import services as releases
from governance.releases.models import Release
from governance.verification import showing
from governance.verification.models import Policy, SentinelSet
from tests.console import attacked, places
from tests.console.world import World

pytestmark = pytest.mark.django_db
OTHERS = sorted(places.ALL - {"auditor"})


def text_of(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def sign_in(client: Client, house: World, who: str) -> Client:
    client.force_login(house.people[who])
    return client


def look(client: Client, house: World):
    return client.post(reverse("console:reading_room_look", args=[house.gate_plan.ref]))


def readings(house: World):
    return Entry.objects.filter(event="measurements:read", thread=f"read_{house.gate_plan.ref}")


@pytest.fixture
def page(client: Client, house: World) -> str:
    return text_of(sign_in(client, house, "operator").get(places.address(house, "verification")))


def test_the_verdict_stands_in_words_with_what_would_decide_it_and_what_that_costs(page):
    assert "These batteries could not tell. Nothing was found, and nothing was shown." in page
    assert "What would decide it, and what it costs" in page
    assert "Wait and erase about 160 records in one batch: 3 trainings, about 8 min." in page
    assert "Meanwhile the gate is open" in page


def test_open_numbers_stand_with_exact_intervals_and_sealed_ones_are_called_sealed(page):
    assert "11 of 20 (32% to 77%)" in page
    assert "40 of 150 (20% to 34%)" in page
    assert "sealed" in page


def test_no_number_of_the_sealed_tier_is_on_a_page_that_everybody_may_open(client, house):
    sealed = {f"{hits} of 12" for counts in attacked.PEOPLE.values() for hits in counts}
    for who in sorted(places.ALL):
        sign_in(client, house, who)
        for name in ("verification", "plan", "release", "job", "model", "sentinel_set"):
            said = text_of(client.get(places.address(house, name)))
            assert not [number for number in sealed if number in said], (who, name)


def test_sentinels_stand_over_the_releases_and_the_last_alarm_is_told(page):
    assert "Sentinels over releases" in page
    assert "10 of 20" in page and "19 of 20" in page
    assert "Erased ones have come back" in page
    assert "this one knows them again" in page


def test_the_door_of_the_reading_room_shows_nothing(client, house):
    answer = sign_in(client, house, "auditor").get(places.address(house, "reading_room"))
    assert "of 12" not in text_of(answer)
    assert readings(house).count() == 0


def test_an_auditor_looks_once_and_the_look_is_in_the_log_by_commitment(client, house):
    answer = look(sign_in(client, house, "auditor"), house)
    assert answer.status_code == 200
    assert "4 of 12 (10% to 65%)" in text_of(answer)
    assert "25% to 33% (3 models)" in text_of(answer)
    assert answer.content.count(b'class="ob-band"') >= 1
    assert "Area under the curve: the candidate 0.55, the model before 0.81" in text_of(answer)
    assert "no-store" in answer["Cache-Control"]
    [entry] = readings(house)
    body = parse_canonical(bytes(entry.leaf))["body"]
    assert body["auditor"].startswith("hmac:")
    assert house.people["auditor"].ref not in bytes(entry.leaf).decode()
    assert Entry.objects.filter(thread=house.gate_plan.ref, event="measurements:read").count() == 0


@pytest.mark.parametrize("who", [*OTHERS, "stranger"])
def test_nobody_else_comes_in_or_leaves_an_entry(client, house, who):
    assert look(sign_in(client, house, who), house).status_code == 403
    assert readings(house).count() == 0


def test_an_auditor_who_may_approve_too_is_turned_away(client, house):
    User.objects.filter(username="agatha").update(roles=["auditor", "approver"])
    client.force_login(User.objects.get(username="agatha"))
    answer = look(client, house)
    assert answer.status_code == 403
    assert "holds no other role" in text_of(answer)
    assert readings(house).count() == 0


def test_after_the_destruction_there_is_nothing_to_read_for_anybody(client, house):
    Sealed.objects.filter(case_id=house.gate_plan.ref, name__startswith="measurements/").delete()
    Plan.objects.filter(pk=house.gate_plan.pk).update(status="closed")
    sign_in(client, house, "auditor")
    assert "destroyed with it" in text_of(client.get(places.address(house, "reading_room")))
    answer = look(client, house)
    assert answer.status_code == 410
    assert readings(house).count() == 0


def test_looking_and_asking_for_names_take_a_post(client, house):
    sign_in(client, house, "auditor")
    for name, row in (("reading_room_look", house.gate_plan), ("sentinel_errand", house.sentinels)):
        assert client.get(reverse(f"console:{name}", args=[row.ref])).status_code == 405


@pytest.mark.parametrize("who", [*OTHERS, "stranger"])
def test_only_an_auditor_is_told_whom_to_ask_for(client, house, who):
    address = reverse("console:sentinel_errand", args=[house.sentinels.ref])
    assert sign_in(client, house, who).post(address).status_code == 403
    assert not Entry.objects.filter(event="sentinels:named").exists()


def test_an_auditor_is_told_and_the_telling_is_in_the_log(client, house):
    address = reverse("console:sentinel_errand", args=[house.sentinels.ref])
    answer = sign_in(client, house, "auditor").post(address)
    assert answer.status_code == 200
    assert Entry.objects.filter(event="sentinels:named", thread=house.sentinels.ref).count() == 1


def reveal(client: Client, house: World, **form: str):
    return client.post(reverse("console:do", args=["reveal_sentinels", house.sentinels.ref]), form, follow=True)


def revealed(house: World):
    return Entry.objects.filter(event="sentinels:revealed", thread=house.sentinels.ref)


def test_an_auditor_who_confirms_it_opens_the_list_to_everybody_and_the_log_knows(client, house):
    page = text_of(sign_in(client, house, "auditor").get(places.address(house, "sentinel_set")))
    assert "Reveal the list" in page and "Write reveal to confirm" in page
    answer = reveal(client, house, sure="reveal")
    assert "Done: the list is open to everybody" in text_of(answer)
    assert revealed(house).count() == 1
    page = text_of(sign_in(client, house, "operator").get(places.address(house, "sentinel_set")))
    assert page.count("@post.example") == 40 and page.count("to be erased") == 20 + 1
    page = text_of(sign_in(client, house, "auditor").get(places.address(house, "sentinel_set")))
    assert "Reveal the list" not in page and "Show whom to ask for" not in page
    assert "Nothing was changed." in text_of(reveal(client, house, sure="reveal"))


@pytest.mark.parametrize("sure", ["", "yes"])
def test_an_unconfirmed_revealing_changes_nothing(client, house, sure):
    assert "Nothing was changed." in text_of(reveal(sign_in(client, house, "auditor"), house, sure=sure))
    assert not revealed(house).exists()


@pytest.mark.parametrize("who", [*OTHERS, "stranger"])
def test_nobody_but_an_auditor_is_offered_or_granted_the_revealing(client, house, who):
    sign_in(client, house, who)
    assert reveal(client, house, sure="reveal").status_code == 403
    assert "Reveal the list" not in text_of(client.get(places.address(house, "sentinel_set")))
    assert not revealed(house).exists()


def test_a_plan_without_a_verdict_says_so(client, house):
    sign_in(client, house, "operator")
    answer = client.get(reverse("console:verification", args=[house.running_plan.ref]))
    assert "There is no verdict yet" in text_of(answer)


def test_measurements_are_laid_out_by_battery_planted_ones_last():
    opened, sealed = attacked.measurements()
    found = showing.batteries([*opened, *sealed])
    assert [battery.planted for battery in found] == [False, True]
    step = found[0].steps[2]
    assert (step.candidate.successes, step.original.successes, len(step.retrained)) == (7, 12, 3)
    assert showing.batteries(opened)[0].steps[0].candidate is None


@pytest.mark.parametrize("who", sorted(places.ALL))
def test_an_alarm_of_sentinels_stands_on_the_release_and_on_its_plan(client, house, who):
    last = house.sentinels.retests.latest("id")
    last.checkpoint = house.gate_plan.candidate
    last.done_at = last.created_at
    last.save()
    sign_in(client, house, who)
    for name in ("plan", "release"):
        said = text_of(client.get(places.address(house, name)))
        assert "Alarm: erased ones have come back" in said
        assert "An earlier release had let go of the erased ones" in said


def test_without_an_alarm_neither_page_speaks_of_one(client, house):
    sign_in(client, house, "ann")
    assert all("Alarm:" not in text_of(client.get(places.address(house, name))) for name in ("plan", "release"))


def test_an_auditor_plants_from_the_models_page_and_is_led_back_to_it(client, house):
    model = house.digits
    model.problem = {"classes": [0, 1], "centres": 0.0, "scales": 1.0}
    model.save()
    sign_in(client, house, "auditor")
    form = {"kind": "mislabelled", "count": "12", "like": "writer-#####@post.example"}
    answer = client.post(reverse("console:do", args=["plant_sentinels", model.ref]), form, follow=True)
    assert "Done: the sentinels are drawn and committed to" in text_of(answer)
    made = SentinelSet.objects.latest("id")
    assert (made.kind, made.count, made.dataset) == ("mislabelled", 12, model.dataset)
    wrong = client.post(reverse("console:do", args=["plant_sentinels", model.ref]), {**form, "count": "x"}, follow=True)
    assert "Nothing was changed" in text_of(wrong)


def test_whoever_looked_approves_nothing_of_that_plan_ever_after(client, house):
    look(sign_in(client, house, "auditor"), house)
    User.objects.filter(username="agatha").update(roles=["approver"])
    agatha = User.objects.get(username="agatha")
    with pytest.raises(FourEyes, match="reading room"):
        releases.approve(release=house.release, actor=person(agatha, "approver"))


def test_an_alarm_about_what_is_out_stands_on_every_desk_until_the_release_is_withdrawn(client, house):
    last = house.sentinels.retests.latest("id")
    for who in sorted(places.ALL):
        said = text_of(sign_in(client, house, who).get("/console/"))
        assert "Alarm: erased ones have come back" in said
    Release.objects.filter(checkpoint=last.checkpoint).update(status="withdrawn")
    assert "Alarm:" not in text_of(client.get("/console/"))


def test_fewer_sentinels_than_the_policy_asks_for_is_said(client, house):
    body = {**house.policy.body["verification"], "sentinels": {"people": 100}}
    assert "asks for" not in text_of(sign_in(client, house, "ann").get(places.address(house, "verification")))
    plan = house.gate_plan
    plan.policy = Policy.make(name="more", version=1, body={**house.policy.body, "verification": body}, digest="d")
    plan.save()
    said = text_of(client.get(places.address(house, "verification")))
    assert "The policy asks for 100 sentinels in the data; 40 were planted before this plan." in said


def test_the_attack_comes_before_probes_and_tests():
    names = [
        "membership.loss.near",
        "probe.linear",
        "uma.l2.label_only",
        "canary.probe.linear",
        "canary.uma.l2.label_only",
    ]
    lines = [attacked.line(name, "C", "open", budget=0.0, successes=1, trials=2) for name in names]
    found = [battery.name for battery in showing.batteries(lines)]
    assert found == ["uma.l2.label_only", "membership.loss.near", "probe.linear", *reversed(names[3:])]
