"""The object store: whole or not at all, accounted for before it has bytes, gone only when nobody needs it."""

import errno
import os
import time
from pathlib import Path

import pytest
from django.db import IntegrityError

from evidence.manifest import ManifestError, folder_digest
from governance.errors import Destroyed, DigestMismatch, NotFound, StorageFull, TokenLost
from governance.objects import files
from governance.objects.destruction import (
    destroy,
    discard_forgotten,
    discard_pending,
    shred,
    sweep_strays,
    unreferenced,
)
from governance.objects.models import ObjectClaim, StoredObject
from governance.objects.store import hold, let_go, open_path, parts_of, path_of, put_bytes, put_file, put_folder

pytestmark = pytest.mark.django_db
OLD, NEW = {"owner": "job_a", "token": 1}, {"owner": "job_a", "token": 2}


@pytest.fixture(autouse=True)
def own_store(tmp_path, settings):
    settings.OBELUS_VAR = tmp_path / "var"


def folder_with(base: Path, **contents: bytes) -> Path:
    base.mkdir()
    for name, data in contents.items():
        (base / name).write_bytes(data)
    return base


def files_in_store() -> list[str]:
    return sorted(path.name for path in files.root().glob("??/*"))


def test_bytes_come_back_under_their_digest_read_only():
    digest = put_bytes(b"weights", owner="service")
    hold(digest)
    assert open_path(digest).read_bytes() == b"weights"
    assert open_path(digest).stat().st_mode & 0o777 == 0o400
    assert unreferenced() == []


def test_a_folder_is_its_manifest_and_its_files(tmp_path):
    folder = folder_with(tmp_path / "w", a=b"one", b=b"two")
    digest = put_folder(folder, **OLD)
    hold(digest)
    let_go(**OLD)
    assert digest == folder_digest(folder)
    assert {name: open_path(part).read_bytes() for name, part in parts_of(digest).items()} == {"a": b"one", "b": b"two"}
    assert unreferenced() == [] and not ObjectClaim.objects.exists()


def test_what_an_attempt_stored_beside_its_result_does_not_stay():
    result, beside = put_bytes(b"result", **OLD), put_bytes(b"beside", **OLD)
    hold(result)
    let_go(**OLD)
    assert discard_pending(**OLD) == 1
    assert unreferenced() == [] and not StoredObject.objects.filter(digest=beside).exists()


def test_a_large_file_is_never_held_in_memory(tmp_path, monkeypatch):
    path = tmp_path / "large"
    with path.open("wb") as handle:
        handle.truncate(5 * files.CHUNK_BYTES)
    monkeypatch.setattr(Path, "read_bytes", lambda self: pytest.fail("the file was read whole"))
    digest = put_file(path, **OLD)
    assert path_of(digest).stat().st_size == 5 * files.CHUNK_BYTES


def test_a_folder_with_a_link_is_refused(tmp_path):
    folder = folder_with(tmp_path / "w", a=b"one")
    (folder / "b").symlink_to(folder / "a")
    with pytest.raises(ManifestError, match="link"):
        put_folder(folder, **OLD)
    assert not StoredObject.objects.exists()


def test_a_store_without_room_keeps_nothing_and_says_what_to_do(tmp_path, monkeypatch):
    folder = folder_with(tmp_path / "w", a=b"one", b=b"two")
    calls = []

    def full(descriptor):
        calls.append(descriptor)
        if len(calls) == 3:  # the manifest was written (its file and its folder); the first file finds no room
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageFull, match="no room") as caught:
        put_folder(folder, **OLD)
    assert "Free space" in caught.value.remedy
    monkeypatch.undo()
    discard_pending(**OLD)
    assert not list(tmp_path.glob("var/objects/??/*")) and not StoredObject.objects.exists()


def test_a_file_that_changes_while_it_is_stored_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "moving"
    path.write_bytes(b"before")
    real = files.copy_to

    def change_first(draft, source):
        path.write_bytes(b"after!")
        return real(draft, source)

    monkeypatch.setattr(files, "copy_to", change_first)
    with pytest.raises(DigestMismatch, match="changed while being stored"):
        put_file(path, **OLD)
    assert files_in_store() == []


def test_bytes_that_were_blanked_by_half_a_shredding_are_written_anew():
    digest = put_bytes(b"weights", owner="service")
    path_of(digest).chmod(0o600)
    path_of(digest).write_bytes(b"\0" * 7)
    put_bytes(b"weights", owner="service")
    assert open_path(digest).read_bytes() == b"weights"


def test_opening_checks_the_bytes():
    digest = put_bytes(b"weights", owner="service")
    path_of(digest).chmod(0o600)
    path_of(digest).write_bytes(b"weighty")
    with pytest.raises(DigestMismatch, match="do not use it|holds bytes"):
        open_path(digest)
    path_of(digest).unlink()
    with pytest.raises(DigestMismatch, match="no bytes"):
        open_path(digest)
    with pytest.raises(NotFound):
        open_path("sha256:" + "0" * 64)


def test_the_end_of_a_slow_attempt_does_not_take_what_its_successor_made_again():
    digest = put_bytes(b"the same bytes", **OLD)
    assert put_bytes(b"the same bytes", **NEW) == digest
    discard_pending(**OLD)
    hold(digest)
    let_go(**NEW)
    assert open_path(digest).read_bytes() == b"the same bytes"


def test_a_slow_attempt_that_stores_last_does_not_own_the_bytes_either():
    digest = put_bytes(b"the same bytes", **NEW)
    put_bytes(b"the same bytes", **OLD)
    discard_pending(**OLD)
    hold(digest)
    assert open_path(digest).read_bytes() == b"the same bytes"


def test_whoever_lets_go_last_takes_the_bytes_along():
    put_bytes(b"the same bytes", **OLD)
    put_bytes(b"the same bytes", **NEW)
    assert (discard_pending(**OLD), discard_pending(**NEW)) == (0, 1)
    assert files_in_store() == [] and not StoredObject.objects.exists()


def test_what_is_held_stays_when_another_attempt_that_made_it_too_is_dropped():
    digest = put_bytes(b"held", owner="service")
    hold(digest)
    put_bytes(b"held", **OLD)
    discard_pending(**OLD)
    assert open_path(digest).read_bytes() == b"held"


def test_an_attempt_dropped_while_it_was_writing_leaves_nothing_behind(monkeypatch):
    real = files.copy_to

    def drop_meanwhile(draft, source):
        discard_pending(**OLD)
        return real(draft, source)

    monkeypatch.setattr(files, "copy_to", drop_meanwhile)
    with pytest.raises(TokenLost):
        put_bytes(b"too late", **OLD)
    discard_pending(**OLD)
    assert files_in_store() == [] and not StoredObject.objects.exists()


def test_a_destroyed_object_answers_that_it_was_destroyed_for_ever():
    digest = put_bytes(b"old weights", owner="service")
    hold(digest)
    destroy(digest)
    destroy(digest)
    with pytest.raises(Destroyed):
        open_path(digest)
    put_bytes(b"old weights", **OLD)
    discard_pending(**OLD)
    with pytest.raises(Destroyed):
        open_path(digest)
    assert files_in_store() == []


def test_destroying_blanks_even_a_forgotten_link(tmp_path):
    digest = put_bytes(b"old weights", owner="service")
    hold(digest)
    os.link(path_of(digest), tmp_path / "forgotten")
    destroy(digest)
    assert (tmp_path / "forgotten").read_bytes() == b"\0" * len(b"old weights")


def test_destroying_a_folder_spares_a_file_that_another_folder_names(tmp_path):
    first = put_folder(folder_with(tmp_path / "one", shared=b"shared", own=b"own"), owner="service")
    second = put_folder(folder_with(tmp_path / "two", shared=b"shared"), owner="service")
    hold(first)
    hold(second)
    mine = parts_of(first)["own"]
    destroy(first)
    assert open_path(parts_of(second)["shared"]).read_bytes() == b"shared"
    with pytest.raises(Destroyed):
        open_path(mine)
    destroy(second)
    assert files_in_store() == []


def test_destroying_a_folder_spares_a_file_that_an_attempt_is_about_to_record(tmp_path):
    first = put_folder(folder_with(tmp_path / "one", shared=b"shared"), owner="service")
    hold(first)
    second = put_folder(folder_with(tmp_path / "two", shared=b"shared", more=b"more"), **OLD)
    destroy(first)
    hold(second)
    let_go(**OLD)
    assert open_path(parts_of(second)["shared"]).read_bytes() == b"shared"
    assert unreferenced() == []


def test_holding_what_was_destroyed_meanwhile_is_refused():
    digest = put_bytes(b"gone", **OLD)
    destroy(digest)
    with pytest.raises(NotFound):
        hold(digest)


def test_a_draft_of_a_killed_writer_goes_with_its_claim():
    digest = put_bytes(b"half", **OLD)
    draft = path_of(digest).with_name(f".{path_of(digest).name}.0011.draft")
    draft.write_bytes(b"ha")
    discard_pending(**OLD)
    assert files_in_store() == []


def test_a_file_without_a_row_is_found_and_swept_once_it_is_old():
    kept = put_bytes(b"kept", owner="service")
    hold(kept)
    stray = path_of("sha256:" + "a" * 64)
    stray.parent.mkdir(parents=True, exist_ok=True)
    draft = stray.with_name(".b.draft")
    for path in (stray, draft):
        path.write_bytes(b"a process was killed here")
    assert "file sha256:" + "a" * 64 in unreferenced()
    assert sweep_strays(older_than_s=60) == 0
    for path in (stray, draft, path_of(kept)):
        os.utime(path, (time.time() - 120,) * 2)
    assert sweep_strays(older_than_s=60) == 2
    assert unreferenced() == []


def test_what_a_service_put_and_never_held_is_forgotten_in_time():
    digest = put_bytes(b"half a service", owner="lineage")
    assert discard_forgotten(older_than_s=60) == 0
    assert discard_forgotten(older_than_s=-1) == 1
    assert not StoredObject.objects.filter(digest=digest).exists()


def test_rows_without_bytes_are_found():
    digest = put_bytes(b"weights", owner="service")
    shred(path_of(digest))
    assert unreferenced() == [f"pending {digest}"]
    hold(digest)
    assert unreferenced() == [f"missing {digest}"]


def test_one_attempt_claims_an_object_once():
    digest = put_bytes(b"weights", **OLD)
    put_bytes(b"weights", **OLD)
    row = StoredObject.objects.get(digest=digest)
    with pytest.raises(IntegrityError):
        ObjectClaim.objects.create(stored=row, **OLD)
