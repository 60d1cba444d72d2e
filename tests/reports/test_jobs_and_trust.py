"""Bundles of jobs on their own, and the public keys an auditor gets."""

import json
from pathlib import Path

import pytest
from django.core.management import call_command

from governance.actors import SYSTEM
from governance.audit.models import Thread
from governance.errors import Conflict
from governance.jobs import leases, services
from governance.jobs.leases import Held
from governance.jobs.models import Job
from governance.jobs.submission import submit
from governance.releases import release_key
from governance.reports.job_bundle import job_bundle
from governance.reports.trust import trust_document
from tests.reports.case import Closed, verify

NOOP = {"steps": 2, "pause_s": 0.0}


def noop(*, max_attempts: int = 3) -> Job:
    return submit(engine="noop", params=NOOP, actor=SYSTEM, max_attempts=max_attempts)


def begin(job: Job) -> Held:
    held = leases.claim(job.ref, worker="test")
    assert held is not None
    return held


def done(job: Job) -> None:
    result = {"format": "obelus/result/1", "job": job.ref, "engine": "noop", "status": "done", "outputs": {}}
    rest = {"code": None, "message": None, "remedy": None, "elapsed_s": 0.5}
    services.record(begin(job), services.Returned(result={**result, **rest}))


def test_a_job_of_its_own_verifies_with_every_attempt(house: Closed, trust_file: Path, tmp_path: Path) -> None:
    job = noop()
    leases.fail(begin(job), cause="crash", message="it fell over")
    done(job)
    code, words = verify(job_bundle(job=job), tmp_path, trust=trust_file)
    assert code == 0, words
    assert "attempts counted" in words


def test_a_job_cancelled_before_it_began_has_a_bundle_that_says_so(
    house: Closed, trust_file: Path, tmp_path: Path
) -> None:
    job = noop()
    services.cancel(job.ref, actor=SYSTEM)
    assert verify(job_bundle(job=job), tmp_path, trust=trust_file)[0] == 0


def test_a_refused_job_has_a_bundle(house: Closed, trust_file: Path, tmp_path: Path) -> None:
    job = noop()
    services.refuse(begin(job), code="REFUSED", message="not this")
    assert verify(job_bundle(job=job), tmp_path, trust=trust_file)[0] == 0


def test_a_dead_letter_has_no_bundle_because_it_may_go_round_again(house: Closed) -> None:
    job = noop(max_attempts=1)
    leases.fail(begin(job), cause="crash", message="it fell over")
    with pytest.raises(Conflict, match="not closed"):
        job_bundle(job=job)
    services.retry_dead(job.ref, actor=SYSTEM)
    done(job)
    assert Thread.objects.get(ref=job.ref).closed


def test_a_job_of_a_plan_has_no_bundle_of_its_own(house: Closed) -> None:
    job = house.plan.jobs.first()
    with pytest.raises(Conflict, match="belongs to plan_"):
        job_bundle(job=job)


def test_the_trust_file_of_the_command_is_the_one_of_the_api(house: Closed, tmp_path: Path) -> None:
    call_command("export_trust", str(tmp_path / "trust.json"), verbosity=0)
    assert json.loads((tmp_path / "trust.json").read_text()) == trust_document()


def test_the_web_reads_the_public_key_and_never_the_private_one(house: Closed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(release_key, "release_key", lambda: pytest.fail("the private release key was touched"))
    assert trust_document()["release"] == release_key.exported_keys()


def test_without_a_worker_there_is_no_trust_file_and_the_remedy_is_said(
    house: Closed, tmp_path: Path, settings: object
) -> None:
    settings.KEYS = tmp_path / "keys"  # type: ignore[attr-defined]
    with pytest.raises(Conflict) as caught:
        trust_document()
    assert "Start a worker" in caught.value.remedy


def test_the_key_of_last_year_stays_in_the_trust_file(house: Closed, tmp_path: Path, settings: object) -> None:
    settings.KEYS = tmp_path / "keys"  # type: ignore[attr-defined]
    release_key.export_public_key()
    (tmp_path / "keys" / "release").chmod(0o600)
    (tmp_path / "keys" / "release").write_bytes(b"\1" * 32)
    release_key.export_public_key()
    release_key.export_public_key()
    assert len(trust_document()["release"]) == 2
