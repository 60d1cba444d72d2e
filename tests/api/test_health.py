"""Alive is one thing, ready another; what is missing is named, how to reach it is not."""

from datetime import timedelta

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from governance.actors import SYSTEM
from governance.api import health
from governance.audit.models import Event
from governance.audit.sequencer import sequence
from governance.audit.services import append

pytestmark = pytest.mark.django_db


def test_a_process_that_answers_is_alive():
    assert Client().get("/healthz").json() == {"status": "alive"}


def test_a_house_that_is_complete_is_ready():
    assert Client().get("/readyz").json() == {"status": "ready"}


def test_a_redis_that_is_away_is_named_without_its_address(settings):
    settings.REDIS_URL = "redis://:hunter2@127.0.0.1:1/0"
    answer = Client().get("/readyz")
    assert (answer.status_code, answer["Content-Type"]) == (503, "application/problem+json")
    assert answer.json()["missing"] == ["redis"]
    assert "hunter2" not in answer.content.decode() and "127.0.0.1" not in answer.content.decode()


def test_a_database_that_is_away_is_named(monkeypatch):
    def away():
        raise OperationalError("host=10.0.0.1 password=hunter2")

    monkeypatch.setitem(health.CHECKS, "database", away)
    answer = Client().get("/readyz")
    assert answer.json()["missing"] == ["database"] and "hunter2" not in answer.content.decode()


def test_a_migration_that_has_not_run_is_named(monkeypatch):
    plan = "django.db.migrations.executor.MigrationExecutor.migration_plan"
    monkeypatch.setattr(plan, lambda self, targets: ["audit.0009"])
    assert Client().get("/readyz").json()["missing"] == ["migrations"]


def test_an_entry_that_nobody_numbers_is_named_until_it_is_numbered(monkeypatch):
    append(Event.POLICY_FIXED, thread="plan_a", actor=SYSTEM, body={"policy": "sha256:00"})
    assert Client().get("/readyz").status_code == 200
    later = timezone.now() + timedelta(seconds=health.LOG_LAG_S + 1)
    monkeypatch.setattr(health.timezone, "now", lambda: later)
    assert Client().get("/readyz").json()["missing"] == ["log"]
    sequence()
    assert Client().get("/readyz").status_code == 200


def test_health_is_read_and_never_written():
    assert Client().post("/healthz").status_code == 405
