"""What every forger does: read and replace documents of a bundle, and hear the verifier's verdict on it."""

from typing import Any

from evidence.canonical import canonical_bytes, parse_canonical
from evidence.container import pack
from evidence.faults import Fault, Report
from evidence.verify import verify_bytes
from tests.evidence.specimen import listed, trust

Members = dict[str, bytes]


def verdict_on(members: Members, kind: str = "erasure") -> Report:
    return verify_bytes(pack(listed(members, kind)), trust=trust())


def faults(report: Report) -> list[Fault]:
    return sorted({line.fault for line in report.differences})


def document(members: Members, path: str) -> Any:
    return parse_canonical(members[path])


def put(members: Members, path: str, value: Any) -> None:
    members[path] = canonical_bytes(value)
