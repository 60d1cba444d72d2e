"""An idempotency key makes one case, whoever asks how often."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from governance.actors import machine
from governance.errors import Conflict, Invalid
from governance.intake.idempotency import answered_once
from governance.intake.models import ErasureRequest, IdempotencyKey
from governance.intake.services import receive
from governance.people.services import create_client
from tests.plugin import execute_as_owner, with_database

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]


def ask(actor, key="k-1", fingerprint="sha256:a", email="a@b.example"):
    def act():
        request = receive(subject_identifier=email, law="gdpr", actor=actor)
        return 201, {"ref": request.ref}

    return answered_once(actor=actor, key=key, fingerprint=fingerprint, act=act)


def test_the_same_key_and_body_get_the_stored_answer(client_actor):
    first, second = ask(client_actor), ask(client_actor)
    assert first == (201, {"ref": ErasureRequest.objects.get().ref}, False)
    assert second == (*first[:2], True)


def test_the_same_key_with_another_body_is_refused_and_makes_nothing(client_actor):
    ask(client_actor)
    with pytest.raises(Invalid) as caught:
        ask(client_actor, fingerprint="sha256:b")
    assert (caught.value.code, caught.value.status) == ("idempotency_mismatch", 422)
    assert ErasureRequest.objects.count() == 1


def test_two_clients_may_use_the_same_key(client_actor):
    other = machine(create_client(name="other", scopes=["requests:write"])[0])
    assert ask(client_actor)[1] != ask(other)[1]


def test_an_act_that_fails_leaves_no_key_and_may_be_tried_again(client_actor):
    with pytest.raises(Invalid):
        ask(client_actor, email=" ")
    assert not IdempotencyKey.objects.exists()
    assert ask(client_actor)[2] is False


@pytest.mark.parametrize("key", ["", "two words", "x" * 121, "ümlaut", "line\n"])
def test_an_odd_key_is_refused(client_actor, key):
    with pytest.raises(Invalid) as caught:
        ask(client_actor, key=key)
    assert caught.value.code == "bad_idempotency_key"


@pytest.fixture
def database_of_its_own(database_template, tmp_path):
    """A copy of the template for a child process, which commits."""
    server, name = os.environ["OBELUS_TEST_SERVER"], f"obelus_keys_{os.getpid()}"
    execute_as_owner(server, f'CREATE DATABASE "{name}" TEMPLATE "{database_template}"')
    urls = {which: with_database(os.environ[which], name) for which in ("DATABASE_URL", "DATABASE_OWNER_URL")}
    yield {**os.environ, **urls, "OBELUS_VAR": str(tmp_path)}
    execute_as_owner(server, f'DROP DATABASE "{name}" WITH (FORCE)')


def test_a_hundred_threads_with_one_key_make_one_case(database_of_its_own):
    script = [sys.executable, str(Path(__file__).with_name("hundred_threads.py"))]
    done = subprocess.run(script, env=database_of_its_own, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert seen["cases"] == 1 and seen["keys"] == 1 and seen["entries"] == 1
    assert seen["fresh"] == 1
    assert seen["fresh"] + seen["replayed"] + seen["in_flight"] == 100
    assert len(seen["answers"]) == 1
    assert seen["after"] == [201, True]


def test_while_the_first_is_being_carried_out_the_second_is_told_to_wait(database_of_its_own):
    script = [sys.executable, str(Path(__file__).with_name("hundred_threads.py")), "in-flight"]
    done = subprocess.run(script, env=database_of_its_own, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"code": "idempotency_in_flight", "status": Conflict.status, "cases": 1}
