"""One set that cannot be read, and the others that must be all the same."""

import pytest

from governance.audit.models import Sealed
from governance.jobs.models import Job
from governance.verification.sentinel_models import SentinelRetest
from governance.verification.sentinel_retests import advance
from tests.story.world import work

pytestmark = pytest.mark.django_db


def test_a_set_whose_list_is_lost_does_not_keep_the_others_from_being_asked_about(club):
    sick, sound = club.plant(count=8), club.plant(count=8)
    first = club.train(club.upload())
    Sealed.objects.filter(case_id=sick.ref).delete()
    club.release(first)
    advance()
    found = SentinelRetest.objects.get(sentinels=sick)
    assert found.outcome == "untested" and found.body["words"].startswith("It could not be asked about: Nothing called")
    assert SentinelRetest.objects.get(sentinels=sound).job is not None
    work()
    assert advance() == 1 and advance() == 0, "what is lost is written down once, not tried again at every tick"


def test_a_test_whose_layout_is_lost_ends_untested_and_does_not_keep_the_others_from_being_read(club):
    sick, sound = club.plant(count=8), club.plant(count=8)
    club.release(club.train(club.upload()))
    advance()
    work()
    lost = SentinelRetest.objects.get(sentinels=sick)
    Sealed.objects.filter(case_id=sick.ref, name=f"layout/{lost.ref}").delete()
    advance()
    assert SentinelRetest.objects.get(sentinels=sound).outcome == "baseline"
    lost.refresh_from_db()
    assert (lost.outcome, lost.body["words"]) == ("untested", "Which of its rows were erased ones is lost.")
    assert Job.objects.filter(status=Job.Status.SUCCEEDED, engine="verify.linear").count() == 2
