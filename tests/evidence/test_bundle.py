"""A bundle is the same bytes from the same members, and reads back."""

from pathlib import Path

import pytest

from evidence.bundle import BundleError, bundle_bytes, read_bundle, write_bundle
from evidence.container import ContainerError, pack, unpack
from tests.evidence.specimen import NOOP, honest_members


def test_a_bundle_reads_back(tmp_path: Path) -> None:
    members = honest_members("job")
    write_bundle(tmp_path / "b.zip", kind="job", thread=NOOP, members=members)
    found = read_bundle(tmp_path / "b.zip")
    assert (found.kind, found.thread, found.members) == ("job", NOOP, members)


def test_the_same_members_make_the_same_bytes() -> None:
    members = honest_members("job")
    backwards = dict(reversed(members.items()))
    assert bundle_bytes(kind="job", thread=NOOP, members=members) == bundle_bytes(
        kind="job", thread=NOOP, members=backwards
    )


def test_an_unknown_kind_or_thread_is_refused() -> None:
    with pytest.raises(BundleError, match="kind"):
        bundle_bytes(kind="other", thread=NOOP, members={})  # type: ignore[arg-type]
    with pytest.raises(BundleError, match="thread"):
        bundle_bytes(kind="job", thread="NOOP", members={})
    with pytest.raises(ContainerError):
        bundle_bytes(kind="job", thread=NOOP, members={"../x": b""})


@pytest.mark.parametrize("index", [b"", b"[]", b'{"a":1}', b"{"])
def test_a_bundle_without_a_sound_list_is_refused(index: bytes, tmp_path: Path) -> None:
    path = tmp_path / "b.zip"
    path.write_bytes(pack({"bundle.json": index}))
    with pytest.raises(BundleError):
        read_bundle(path)


def test_a_bundle_with_an_unlisted_member_is_refused(tmp_path: Path) -> None:
    members = unpack(bundle_bytes(kind="job", thread=NOOP, members={"a": b""}))
    path = tmp_path / "b.zip"
    for changed in ({**members, "b": b""}, {**members, "a": b"x"}, {"bundle.json": members["bundle.json"]}):
        path.write_bytes(pack(changed))
        with pytest.raises(BundleError, match="lists"):
            read_bundle(path)
