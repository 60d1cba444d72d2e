"""Heads and proofs from the log, checked with the keys that the house publishes."""

import json

import pytest
from django.test import Client

from evidence import strict_base64
from evidence.merkle import leaf_hash, verify_consistency, verify_inclusion
from evidence.treehead import verify_tree_head
from evidence.trust import parse_trust
from governance.actors import SYSTEM
from governance.audit.models import Entry, Event
from governance.audit.sequencer import catch_up
from governance.audit.services import append
from governance.releases.release_key import export_public_key

pytestmark = pytest.mark.django_db


def write(count):
    for _ in range(count):
        append(Event.POLICY_FIXED, thread="plan_a", actor=SYSTEM, body={"policy": "sha256:00"})
    catch_up()


def decoded(texts):
    return [strict_base64.decode(text) for text in texts]


@pytest.fixture(autouse=True)
def _keys_of_this_test(settings, tmp_path):
    settings.KEYS = tmp_path / "keys"


@pytest.fixture
def reader(machine):
    return machine("log:read")


def test_a_head_is_signed_by_the_key_that_everybody_can_read(reader):
    write(3)
    export_public_key()
    trust = parse_trust(Client().get("/api/v1/trust").content)
    said = reader.get("/api/v1/log/head").json()
    head = verify_tree_head(said["note"].encode(), trusted=trust.tree_head)
    assert (head.size, head.root) == (Entry.objects.count(), strict_base64.decode(said["root"]))


def test_every_entry_is_proved_to_be_in_the_signed_log(reader):
    write(5)
    root = strict_base64.decode(reader.get("/api/v1/log/head").json()["root"])
    size = Entry.objects.count()  # making the client left an entry too
    assert size == 6
    for index in range(size):
        said = reader.get(f"/api/v1/log/entries/{index}").json()
        leaf = strict_base64.decode(said["leaf"])
        proof = decoded(said["proof"])
        assert verify_inclusion(leaf=leaf_hash(leaf), index=index, size=size, proof=proof, root=root)
        if json.loads(leaf)["thread"] == "plan_a":
            assert json.loads(leaf)["seq"] == index - 1


def test_an_older_log_is_proved_to_be_the_beginning_of_a_newer_one(reader):
    write(3)
    old = reader.get("/api/v1/log/head").json()
    write(4)
    new = reader.get("/api/v1/log/head").json()
    said = reader.get("/api/v1/log/consistency?first=4&second=8").json()
    roots = decoded([old["root"], new["root"]])
    proof = decoded(said["proof"])
    assert verify_consistency(first=4, second=8, first_root=roots[0], second_root=roots[1], proof=proof)


def test_what_is_not_signed_yet_is_not_shown(reader):
    assert reader.get("/api/v1/log/head").json()["code"] == "log_empty"
    write(2)
    append(Event.POLICY_FIXED, thread="plan_a", actor=SYSTEM, body={"policy": "sha256:00"})
    for path in ("entries/3", "entries/99", "consistency?first=1&second=4", "consistency?first=2&second=1"):
        assert reader.get(f"/api/v1/log/{path}").status_code == 404, path


@pytest.mark.parametrize("query", ["", "?first=1", "?first=-1&second=1", "?first=a&second=1", "?first=0&second=1&x=2"])
def test_sizes_that_do_not_fit_are_a_problem(reader, query):
    write(1)
    assert reader.get(f"/api/v1/log/consistency{query}").status_code == 422


def test_before_a_worker_has_exported_its_key_the_way_to_get_it_is_named():
    said = Client().get("/api/v1/trust")
    assert (said.status_code, said.json()["code"]) == (409, "release_key_missing")


def test_only_public_keys_are_published():
    export_public_key()
    said = Client().get("/api/v1/trust").json()
    assert said["format"] == "obelus/trust/1"
    assert len(said["tree_head"]) == len(said["release"]) == 1
    assert "PRIVATE" not in json.dumps(said) and said["release"][0].startswith("-----BEGIN PUBLIC KEY-----")
