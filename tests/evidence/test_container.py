"""A container has one spelling: every changed byte is seen."""

import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence.container import ContainerError, pack, unpack

NAMES = st.from_regex(r"[a-z0-9_][a-z0-9._-]{0,8}(/[a-z0-9_]{1,5})?", fullmatch=True)
MEMBERS = {"bundle.json": b"{}", "log/entries.json": b"[]", "empty": b""}


@settings(deadline=None)
@given(st.dictionaries(NAMES, st.binary(max_size=50), max_size=6))
def test_members_read_back_and_any_unzip_tool_agrees(members: dict[str, bytes]) -> None:
    data = pack(members)
    assert unpack(data) == members
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == members
        assert all(info.compress_type == zipfile.ZIP_STORED for info in archive.infolist())


def test_every_single_byte_change_is_refused() -> None:
    data = pack(MEMBERS)
    for place in range(len(data)):
        for flip in (*(1 << bit for bit in range(8)), 0xFF):
            edited = data[:place] + bytes([data[place] ^ flip]) + data[place + 1 :]
            with pytest.raises(ContainerError):
                unpack(edited)


def test_an_ordinary_zip_is_refused() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("bundle.json", b"{}")
    with pytest.raises(ContainerError):
        unpack(buffer.getvalue())


@pytest.mark.parametrize("extra", [b"x", b"PK\x05\x06"])
def test_bytes_before_or_after_are_refused(extra: bytes) -> None:
    data = pack(MEMBERS)
    for edited in (data + extra, extra + data, data[:-1], b""):
        with pytest.raises(ContainerError):
            unpack(edited)


@pytest.mark.parametrize("name", ["../x", "/x", "a//b", "é", ""])
def test_an_unsafe_name_is_refused(name: str) -> None:
    with pytest.raises(ContainerError):
        pack({name: b""})


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_reading_never_raises_anything_else(data: bytes) -> None:
    for attempt in (data, b"PK\x03\x04" + data):
        with pytest.raises(ContainerError):
            unpack(attempt)
