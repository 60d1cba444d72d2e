"""Each fault says once what was expected, what came, and where a person can do something, what."""

import json
from pathlib import Path

import pytest

from evidence.__main__ import main
from evidence.bundle import bundle_bytes
from evidence.canonical import canonical_bytes
from evidence.faults import Fault, difference
from evidence.verify import verify_bytes, verify_file, verify_members
from tests.evidence.specimen import KINDS, honest_bundle, honest_members, listed, trust, trust_document


def spoken(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    code = main(["verify", *arguments])
    said = capsys.readouterr().out
    assert "found expected" not in said and "Errno" not in said and "None" not in said
    return code, said


@pytest.fixture
def bundle(tmp_path: Path) -> str:
    path = tmp_path / "bundle.zip"
    path.write_bytes(honest_bundle("job"))
    return str(path)


def test_a_trust_file_that_is_not_there_is_named_with_what_to_do(
    bundle: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = spoken(capsys, bundle, "--trust", str(tmp_path / "gone.json"))
    assert code == Fault.TRUST_FILE
    assert f"expected a file of trusted keys, found no file at {tmp_path}/gone.json; get it again from the" in said
    code, said = spoken(capsys, bundle, "--trust", str(tmp_path))
    assert (code, f"found a folder at {tmp_path};" in said) == (Fault.TRUST_FILE, True)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (None, "trust file: expected JSON in UTF-8, found something else ("),
        (
            {"format": "obelus/trust/2"},
            'trust file: expected "obelus/trust/1" at $.format, found another value; get it',
        ),
        ({"release": ["junk"]}, "trust file: expected a public key in PEM or base64, found 'junk'; get it"),
        (
            {"tree_head": [{"name": "a", "public_key": "QQ=="}]},
            "$.tree_head[0].public_key, found another value; get it",
        ),
    ],
)
def test_a_trust_file_that_cannot_be_used_says_so_once(
    changes: dict[str, object] | None, words: str, bundle: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "trust.json"
    path.write_bytes(json.dumps({**trust_document(), **changes}).encode() if changes else b"{")
    code, said = spoken(capsys, bundle, "--trust", str(path))
    assert code == Fault.TRUST_FILE
    assert words in said


def test_a_bundle_that_is_no_bundle_says_what_lies_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    keys, other = tmp_path / "trust.json", tmp_path / "other.zip"
    keys.write_bytes(canonical_bytes(trust_document()))
    code, said = spoken(capsys, str(other), "--trust", str(keys))
    assert code == Fault.CONTAINER
    assert f"expected an evidence bundle, found no file at {other}; name the bundle that you were given" in said
    other.write_bytes(b"hello")
    code, said = spoken(capsys, str(other), "--trust", str(keys))
    assert "bundle: expected a bundle as it was packed, found other bytes from byte 0 on; get the file again" in said


@pytest.mark.parametrize("kind", list(KINDS))
def test_no_fault_of_a_document_garbles_its_sentence(kind: str) -> None:
    for path in honest_members(kind):
        report = verify_members(listed({**honest_members(kind), path: b"{"}, kind), trust=trust())
        assert report.exit_code != 0
        assert [str(line) for line in report.differences if str(line).count("expected ") != 1] == []


def test_neither_does_a_fault_of_the_file(tmp_path: Path) -> None:
    data = bundle_bytes(kind="job", thread=KINDS["job"], members=honest_members("job"))
    for broken in (data[:-1], data[:40], b"", b"PK", data + b"x"):
        [line] = verify_bytes(broken, trust=trust()).differences
        assert (line.fault, str(line).count("expected ")) == (Fault.CONTAINER, 1)
    [line] = verify_file(tmp_path, trust=None).differences
    assert line.found.startswith("a folder at ")


def test_words_of_a_stranger_after_found_stay_what_was_found() -> None:
    line = difference(Fault.FORMAT, "a", expected="b", found="expected c, found 'expected d, found e'; do f")
    assert (line.expected, line.found) == ("c", "'expected d, found e'; do f")
    line = difference(Fault.FORMAT, "a", expected="b", found="'expected d'")
    assert (line.expected, line.found) == ("b", "'expected d'")
