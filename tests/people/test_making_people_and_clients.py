"""Passwords and secrets are made here, shown once and kept as hashes."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from governance.people.models import MachineClient, User

pytestmark = pytest.mark.django_db


def run(*words):
    out = StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


def test_a_new_installation_has_no_account():
    assert not User.objects.exists()
    assert not MachineClient.objects.exists()


def test_the_password_goes_into_a_file_that_only_its_owner_can_read(tmp_path):
    place = tmp_path / "sign-in"
    said = run("create_person", "olivia", "--role", "privacy_officer", "--to", str(place))
    name, password = place.read_text().split()
    assert name == "olivia" and place.stat().st_mode & 0o777 == 0o600
    assert password not in said
    assert User.objects.get().check_password(password)


def test_the_secret_of_a_client_is_stored_as_a_hash(tmp_path):
    place = tmp_path / "client"
    said = run("create_client", "portal", "--scope", "requests:write", "--to", str(place))
    client_id, secret = place.read_text().split()
    client = MachineClient.objects.get()
    assert (client.client_id, client.allowed_scopes) == (client_id, ["requests:write"])
    assert client.client_secret.startswith("pbkdf2_sha256$") or client.client_secret.startswith("md5$")
    assert secret not in client.client_secret + said


@pytest.mark.parametrize(
    "words", [("create_person", "olivia", "--role", "auditor"), ("create_client", "portal", "--scope", "log:read")]
)
def test_a_secret_never_goes_down_a_pipe(words):
    with pytest.raises(CommandError, match="--to"):
        run(*words)
    assert not User.objects.exists() and not MachineClient.objects.exists()


def test_a_file_that_exists_is_not_overwritten(tmp_path):
    place = tmp_path / "sign-in"
    place.write_text("somebody else's")
    with pytest.raises(CommandError, match="exists already"):
        run("create_person", "olivia", "--role", "auditor", "--to", str(place))
    assert place.read_text() == "somebody else's" and not User.objects.exists()


def test_a_name_is_taken_only_once(tmp_path):
    run("create_person", "olivia", "--role", "auditor", "--to", str(tmp_path / "a"))
    with pytest.raises(CommandError, match="already a person"):
        run("create_person", "olivia", "--role", "operator", "--to", str(tmp_path / "b"))
    run("create_client", "portal", "--scope", "log:read", "--to", str(tmp_path / "c"))
    with pytest.raises(CommandError, match="already a machine client"):
        run("create_client", "portal", "--scope", "log:read", "--to", str(tmp_path / "d"))


@pytest.mark.parametrize(
    "words", [("create_person", "x", "--role", "king"), ("create_client", "x", "--scope", "everything")]
)
def test_a_role_or_scope_that_does_not_exist_is_refused(words, tmp_path):
    with pytest.raises(CommandError, match="invalid choice"):
        run(*words, "--to", str(tmp_path / "x"))
