"""Registering a base in the console: by the API's own service, with what is wrong beside its question."""

import pytest
from django.test import Client
from django.urls import reverse

from governance.audit.models import Event
from governance.console.registering import bodies
from governance.lineage.models import Base, Dataset
from governance.objects.models import StoredObject
from tests.console.forms import sent, signed_in, text_of, told, wrong_of
from tests.lineage.packed import packed_file

pytestmark = pytest.mark.django_db
SOURCE = "Nobody's Llama, version 2; see the makers' page"
FORM = "/console/bases/new/"


@pytest.fixture(autouse=True)
def _store_of_this_test(settings, tmp_path):
    settings.OBELUS_VAR = tmp_path


@pytest.fixture
def operator(folk) -> Client:
    return signed_in(folk.operator)


@pytest.fixture
def packed(tmp_path) -> bytes:
    return packed_file(tmp_path / "packed").read_bytes()


def send(client: Client, data: bytes, **changes):
    return client.post(FORM, {"name": "talker", "source": SOURCE, "file": sent(data), **changes})


def test_an_operator_registers_a_base_and_is_led_to_its_page(operator, packed):
    answer = send(operator, packed)
    base = Base.objects.get(name="talker")
    assert answer["Location"] == reverse("console:base", args=[base.ref])
    page = text_of(operator.get(answer["Location"]))
    assert "Done: the base talker is registered." in page
    assert "A public base was registered" in page and "llama" in page
    assert answer["Location"] in operator.get("/console/bases/").content.decode()


def test_the_trail_says_the_same_whether_the_console_or_the_api_registered_it(operator, packed, tmp_path):
    send(operator, packed)
    other = packed_file(tmp_path / "other", weights=bytes(range(8))).read_bytes()
    assert operator.post("/api/v1/bases", {"name": "b", "source": SOURCE, "file": sent(other)}).status_code == 201
    first, second = told(Event.BASE_REGISTERED)
    assert first == second


WRONG = [
    ({"name": " "}, "name", "Fill this in."),
    ({"source": ""}, "source", "Fill this in."),
    ({"source": "x" * 501}, "source", "500"),
    ({"file": sent(b"PK\x03\x04")}, "file", "python -m unlearning pack"),
    ({"file": sent(b"")}, "file", "empty"),
]


def test_what_is_wrong_stands_beside_its_question_and_what_was_typed_stays(operator, packed):
    for change, beside, words in WRONG:
        answer = send(operator, packed, **change)
        assert answer.status_code == 422 and list(wrong_of(answer)) == [beside], change
        assert words in wrong_of(answer)[beside]
        page = answer.content.decode()
        assert 'value="talker"' in page or beside == "name"
        assert "Nobody&#x27;s Llama" in page or beside == "source"
        assert "The file must be chosen again" in page and "Nothing was changed." in page
    assert not Base.objects.exists() and not StoredObject.objects.exists()


def test_a_name_or_weights_that_are_here_already_are_told_beside_them(operator, packed, tmp_path):
    send(operator, packed)
    assert "already" in wrong_of(send(operator, packed))["file"]
    other = packed_file(tmp_path / "other", weights=bytes(range(8))).read_bytes()
    again = send(operator, other)
    assert again.status_code == 409 and "a base of that name" in wrong_of(again)["name"]
    assert StoredObject.objects.count() == 2, "a file and its folder: of the refused one nothing is left"


def test_a_base_that_learned_from_people_here_is_refused(operator, packed):
    home = Dataset.objects.create(name="ward", feature_width=2)
    answer = send(operator, packed, learned_from=[home.ref])
    assert "could ask to leave" in wrong_of(answer)["learned_from"]
    assert f'value="{home.ref}" id="ask-learned_from" checked' in answer.content.decode()
    assert not Base.objects.exists()


def test_above_the_limit_the_exact_command_is_shown_and_nothing_is_read(operator, packed, folk, monkeypatch):
    command = "python manage.py register_base NAME FILE.safetensors --source"
    assert command in operator.get(FORM).content.decode()
    filled = send(operator, packed, name="my talker", file="").content.decode()
    assert "register_base &#x27;my talker&#x27; FILE.safetensors" in filled and "--as omar" in filled
    monkeypatch.setattr(bodies, "FILE_BYTES", 100)
    answer = send(operator, packed)
    assert answer.status_code == 413 and command in text_of(answer)
    assert not Base.objects.exists()


def test_who_may_not_register_may_not_send_a_large_body_either(folk, packed):
    for user in (folk.officer, folk.auditor, folk.stranger):
        assert send(signed_in(user), packed).status_code == 403
        assert send(signed_in(user), packed + bytes(2 * 2**20)).status_code in (403, 413)
    assert send(Client(), packed + bytes(2 * 2**20)).status_code == 413
    assert not Base.objects.exists()


def test_a_form_without_the_csrf_token_is_refused(folk, packed):
    assert send(signed_in(folk.operator, enforce_csrf_checks=True), packed).status_code == 403
    assert not Base.objects.exists()
