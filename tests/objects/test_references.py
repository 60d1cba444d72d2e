"""Held objects that no row refers to are found, and what a row refers to is left in peace."""

import pytest
from django.apps import apps

from governance.actors import SYSTEM
from governance.jobs.leases import claim
from governance.jobs.services import Returned, record
from governance.jobs.submission import submit
from governance.objects.references import REFERRING, held_for_nothing
from governance.objects.store import hold, put_bytes, put_folder

pytestmark = pytest.mark.django_db
RESULT = {"format": "obelus/result/1", "status": "done"}


@pytest.fixture(autouse=True)
def own_store(tmp_path, settings):
    settings.OBELUS_VAR = tmp_path / "var"


def keep(content: bytes) -> str:
    digest = put_bytes(content, owner="service")
    hold(digest)
    return digest


def test_an_object_held_for_nothing_is_named():
    stray = keep(b"held by nobody")
    assert held_for_nothing() == [stray]


def test_an_input_of_a_job_is_held_for_it():
    digest = keep(b"rows")
    submit(engine="noop", params={"steps": 1}, inputs={"features": digest}, actor=SYSTEM)
    assert held_for_nothing() == []


def test_of_two_draws_the_one_that_was_not_recorded_is_named(tmp_path):
    job = submit(engine="noop", params={"steps": 1}, actor=SYSTEM)
    held = claim(job.ref, worker="w")
    draws = []
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "draw.safetensors").write_bytes(name.encode())
        draws.append(put_folder(tmp_path / name, owner=held.ref, token=held.token))
    hold(draws[0])
    record(held, Returned(result=RESULT, weights=draws[1]))
    named = held_for_nothing()
    assert draws[0] in named and draws[1] not in named
    assert len(named) == 2, "the manifest of the first draw and its one file, and nothing of the second"


def test_every_column_that_names_an_object_is_looked_through():
    """A new table with such a column must be added, or its objects would be reported as held for nothing."""
    found = {
        (model._meta.label, field.name)
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if field.name in {"object_digest", "weights"} and not field.is_relation
    }
    assert found == set(REFERRING)
