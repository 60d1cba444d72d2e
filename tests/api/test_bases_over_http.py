"""Bases over HTTP: a packed file in a form, and a model that starts from it."""

import errno
import os

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.lineage.packed import packed_file

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _store_of_this_test(settings, tmp_path):
    settings.OBELUS_VAR = tmp_path


def test_a_base_is_sent_as_a_form_and_named_by_a_model(as_, tmp_path):
    operator, data = as_("operator"), packed_file(tmp_path / "any.safetensors").read_bytes()
    asked = {"name": "small", "source": "Nobody's Llama", "file": SimpleUploadedFile("model.safetensors", data)}
    made = operator.post("/api/v1/bases", asked)
    assert made.status_code == 201, made.json()
    assert operator.get(made["Location"]).json() == made.json()
    assert operator.get("/api/v1/bases").json()["items"] == [made.json()]
    told = {"name": "press", "kind": "texts", "rows_per_subject": 3}
    press = operator.post("/api/v1/datasets", told, content_type="application/json").json()["ref"]
    model = {"name": "tuned", "dataset": press, "engine": "language.train", "base": made.json()["ref"]}
    model |= {"problem": {"epochs": 1, "adapter": {"name": "house", "rank": 4, "targets": ["q_proj"]}}}
    answer = operator.post("/api/v1/models", model, content_type="application/json")
    assert answer.json()["public_inputs"] == {"base": made.json()["object_digest"]}
    stranger = operator.post(
        "/api/v1/models", model | {"name": "other", "base": "base_" + "0" * 32}, content_type="application/json"
    )
    assert stranger.status_code == 404


def test_what_is_no_base_is_refused_with_what_to_do(as_):
    operator = as_("operator")
    asked = {"name": "small", "source": "Nobody's Llama", "file": SimpleUploadedFile("x.safetensors", b"PK\x03\x04")}
    answer = operator.post("/api/v1/bases", asked)
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_base")
    assert "python -m unlearning pack" in str(answer.json())


def test_a_full_folder_for_temporary_files_is_a_problem_with_a_remedy_and_no_path(as_, tmp_path, monkeypatch):
    data = packed_file(tmp_path / "any.safetensors").read_bytes()

    def full(*args, **kwargs):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(tmp_path))

    monkeypatch.setattr("tempfile.NamedTemporaryFile", full)
    asked = {"name": "small", "source": "Nobody's Llama", "file": SimpleUploadedFile("model.safetensors", data)}
    operator = as_("operator")
    operator.raise_request_exception = False
    for file in (data, data + bytes(3 * 2**20)):  # the second is spooled to a file before the view sees it
        asked["file"] = SimpleUploadedFile("model.safetensors", file)
        answer = operator.post("/api/v1/bases", asked)
        assert (answer.status_code, answer.json()["code"]) == (507, "storage_full"), answer.content
        assert "TMPDIR" in answer.json()["remedy"] and str(tmp_path) not in answer.content.decode()


def test_only_those_who_may_withdraw_a_model_retract_a_base(as_, machine, tmp_path):
    data = packed_file(tmp_path / "any.safetensors").read_bytes()
    asked = {"name": "small", "source": "Nobody's Llama", "file": SimpleUploadedFile("model.safetensors", data)}
    base = as_("operator").post("/api/v1/bases", asked).json()
    where, body = f"/api/v1/bases/{base['ref']}/retract", {"reason": "Our archive was in it."}
    callers = [as_("operator"), as_("auditor"), as_("stranger"), machine("lineage:write")]
    assert {each.post(where, body, content_type="application/json").status_code for each in callers} == {403}
    assert (base["status"], as_("operator").get(f"/api/v1/bases/{base['ref']}").json()["status"]) == (
        "registered",
        "registered",
    )
    answer = as_("approver").post(where, body, content_type="application/json")
    assert (answer.status_code, answer.json()["status"]) == (200, "retracted")
    again = as_("officer").post(where, body, content_type="application/json")
    assert (again.status_code, again.json()["code"]) == (409, "already_retracted")
