"""The zip around a bundle, in exactly one spelling.

A general zip has room for bytes nobody reads (112 of 771 bytes of a small one can flip unseen). Here members are
stored, sorted, and dated 1980; reading means packing the members again and comparing every byte. It is written by
hand because `zipfile` may spell headers otherwise in another Python; any unzip tool opens it.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping

from evidence.paths import PathError, check_path

MAX_SIZE = 2**32 - 1
_LOCAL = struct.Struct("<4sHHHHHIIIHH")
_CENTRAL = struct.Struct("<4sHHHHHHIIIHHHHHII")
_END = struct.Struct("<4sHHHHIIH")
_LOCAL_MARK, _CENTRAL_MARK, _END_MARK = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
_VERSION, _UNIX = 20, 3 << 8
_TIME, _DATE = 0, (1 << 5) | 1
_MODE = 0o100644 << 16


class ContainerError(ValueError):
    """Bytes that are not a canonical container; get the file again from who made it."""


def pack(members: Mapping[str, bytes]) -> bytes:
    """The one zip that holds these members.

    Raises:
        ContainerError: a name that is not safe, or more than 4 GiB or 65,535 members.
    """
    if sum(map(len, members.values())) + 300 * len(members) > MAX_SIZE or len(members) > 65535:
        raise ContainerError("expected less than 4 GiB in under 65,536 members, found more; leave the weights out")
    body, directory = bytearray(), bytearray()
    for name in sorted(members):
        data, encoded = members[name], _encoded(name)
        fields = (0, 0, _TIME, _DATE, zlib.crc32(data), len(data), len(data), len(encoded), 0)
        directory += _CENTRAL.pack(_CENTRAL_MARK, _UNIX | _VERSION, _VERSION, *fields, 0, 0, 0, _MODE, len(body))
        directory += encoded
        body += _LOCAL.pack(_LOCAL_MARK, _VERSION, *fields) + encoded + data
    end = _END.pack(_END_MARK, 0, 0, len(members), len(members), len(directory), len(body), 0)
    return bytes(body + directory + end)


def unpack(data: bytes) -> dict[str, bytes]:
    """The members of a container that is equal to its own canonical re-packing, byte for byte.

    Raises:
        ContainerError: it is not.
    """
    members: dict[str, bytes] = {}
    place = 0
    while data[place : place + 4] == _LOCAL_MARK:
        name, content, place = _read_member(data, place)
        if name in members:
            raise ContainerError(f"expected each member once, found {name!r} twice")
        members[name] = content
    again = pack(members)
    if again != data:
        place = _first_change(again, data)
        raise ContainerError(
            f"expected a bundle as it was packed, found other bytes from byte {place} on; get the file again"
        )
    return members


def _read_member(data: bytes, place: int) -> tuple[str, bytes, int]:
    if len(data) < place + _LOCAL.size:
        raise ContainerError("expected a whole member header, found the end of the file; fetch it again")
    header = _LOCAL.unpack_from(data, place)
    name_size, size = header[9], header[7]
    start = place + _LOCAL.size + name_size
    if len(data) < start + size:
        raise ContainerError("expected a whole member, found the end of the file; fetch it again")
    raw_name = data[place + _LOCAL.size : start]
    return raw_name.decode("latin-1"), data[start : start + size], start + size


def _encoded(name: str) -> bytes:
    try:
        return check_path(name).encode("ascii")
    except PathError as error:
        raise ContainerError(str(error)) from error


def _first_change(expected: bytes, found: bytes) -> int:
    pairs = zip(expected, found, strict=False)
    return next((place for place, (one, two) in enumerate(pairs) if one != two), min(len(expected), len(found)))
