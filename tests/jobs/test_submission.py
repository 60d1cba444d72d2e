"""Submitting: the row, its spec, its entry and its bell together, or nothing."""

import pytest

from evidence.canonical import digest_json
from governance.actors import SYSTEM
from governance.audit.models import Entry
from governance.errors import Invalid
from governance.jobs.models import Job, Outbox
from governance.jobs.submission import submit
from governance.objects.store import hold, put_bytes
from unlearning.runner.schemas import faults_of

pytestmark = pytest.mark.django_db


def test_a_job_carries_a_sound_spec_and_its_digest(new_job, tmp_path, settings):
    settings.OBELUS_VAR = tmp_path
    digest = put_bytes(b"rows", owner="service")
    hold(digest)
    job = new_job(inputs={"features": digest}, manifests={"forget": {"features": [3]}})
    assert faults_of("spec", job.spec) == []
    assert job.spec_digest == digest_json(job.spec)
    assert Entry.objects.filter(thread=job.ref, event="job:submitted").count() == 1
    assert Outbox.objects.get(argument=job.ref).sent_at is None


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"params": {"steps": -1}}, "bad_parameters"),
        ({"params": {"steps": 1, "unknown": 1}}, "bad_parameters"),
        ({"inputs": {"features": "sha256:" + "0" * 64}}, "input_missing"),
        ({"inputs": {"../../etc": "sha256:" + "0" * 64}}, "bad_input_name"),
    ],
)
def test_what_cannot_run_is_refused_and_leaves_nothing(asked, code):
    with pytest.raises(Invalid) as caught:
        submit(**{"engine": "noop", "params": {}, "actor": SYSTEM, **asked})
    assert caught.value.code == code
    assert not Job.objects.exists() and not Outbox.objects.exists() and not Entry.objects.exists()


def test_a_pending_object_is_no_input(new_job, tmp_path, settings):
    settings.OBELUS_VAR = tmp_path
    digest = put_bytes(b"not recorded yet", owner="job_x", token=1)
    with pytest.raises(Invalid, match="not in the object store"):
        new_job(inputs={"features": digest})
