"""Each person proves their own inclusion, offline."""

from pathlib import Path

import pytest

from evidence.bundle import bundle_bytes
from evidence.canonical import canonical_bytes, parse_canonical
from evidence.container import unpack
from evidence.faults import Fault
from governance.actors import TICK
from governance.audit.sealing import destroy_case_key
from governance.errors import Conflict, Destroyed
from governance.intake.models import ErasureRequest
from governance.intake.services import receive
from governance.reports.receipt import receipt
from tests.reports.case import Closed, verify
from tests.story.world import patient


def requests(house: Closed) -> list[ErasureRequest]:
    found = ErasureRequest.objects.filter(dispositions__plan=house.plan)
    return list(found.distinct().order_by("id"))


def with_openings(data: bytes, thread: str, openings: list[object]) -> bytes:
    members = unpack(data)
    del members["bundle.json"]
    members["openings.json"] = canonical_bytes(openings)
    return bundle_bytes(kind="receipt", thread=thread, members=members)


def test_every_persons_receipt_verifies(house: Closed, trust_file: Path, tmp_path: Path) -> None:
    for request, number in zip(requests(house), (40, 41, 42), strict=True):
        data = receipt(request=request)
        code, words = verify(data, tmp_path, trust=trust_file)
        assert code == 0, words
        [opening] = parse_canonical(unpack(data)["openings.json"])
        assert opening["payload"] == {"identifier": patient(number)}


def test_another_persons_identifier_does_not_open_it(house: Closed, trust_file: Path, tmp_path: Path) -> None:
    request = requests(house)[0]
    data = receipt(request=request)
    [opening] = parse_canonical(unpack(data)["openings.json"])
    opening["payload"] = {"identifier": patient(41)}
    code, words = verify(with_openings(data, request.ref, [opening]), tmp_path, trust=trust_file)
    assert code == Fault.OPENING, words


def test_one_persons_key_does_not_open_anothers_trail(house: Closed, trust_file: Path, tmp_path: Path) -> None:
    first, second = requests(house)[:2]
    [mine] = parse_canonical(unpack(receipt(request=first))["openings.json"])
    theirs = receipt(request=second)
    [opening] = parse_canonical(unpack(theirs)["openings.json"])
    forged = with_openings(theirs, second.ref, [{**opening, "key_hex": mine["key_hex"]}])
    assert verify(forged, tmp_path, trust=trust_file)[0] == Fault.OPENING


def test_an_open_request_has_no_receipt_yet(house: Closed) -> None:
    request = receive(subject_identifier=patient(60), law="gdpr", actor=house.clinic.officer)
    with pytest.raises(Conflict, match="for a fulfilled request"):
        receipt(request=request)


def test_once_the_case_key_is_destroyed_nobody_can_show_whom_it_was_about(house: Closed) -> None:
    request = requests(house)[0]
    destroy_case_key(request.ref, actor=TICK)
    with pytest.raises(Destroyed):
        receipt(request=request)
