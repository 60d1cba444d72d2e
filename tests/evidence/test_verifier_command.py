"""The command line answers with an exit code, in words, and as JSON; alone in one file it does the same."""

import json
import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from evidence.__main__ import main
from evidence.bundle import bundle_bytes
from evidence.canonical import canonical_bytes
from evidence.faults import MEANINGS, Fault
from evidence.onefile import build
from tests.evidence.specimen import KINDS, STRANGERS_LOG_KEY, Erasure, Log, honest_bundle, trust_document


@pytest.fixture
def trust_file(tmp_path: Path) -> str:
    path = tmp_path / "trust.json"
    path.write_bytes(canonical_bytes(trust_document()))
    return str(path)


def _bundle(folder: Path, kind: str = "erasure") -> str:
    path = folder / f"{kind}.zip"
    path.write_bytes(honest_bundle(kind))
    return str(path)


@pytest.mark.parametrize("kind", list(KINDS))
def test_an_honest_bundle_is_verified(
    kind: str, tmp_path: Path, trust_file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", _bundle(tmp_path, kind), "--trust", trust_file]) == 0
    assert "\nverified: " in capsys.readouterr().out


def test_what_is_claimed_is_said_plainly(tmp_path: Path, trust_file: str, capsys: pytest.CaptureFixture[str]) -> None:
    main(["verify", _bundle(tmp_path), "--trust", trust_file])
    out = capsys.readouterr().out
    assert "arithmetic verified; execution attested; real-number noise assumed" in out
    assert "held: certificate recomputed" in out


def test_without_trust_the_answer_is_unanchored_and_never_zero(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", _bundle(tmp_path)]) == Fault.UNANCHORED
    out = capsys.readouterr().out
    assert "unanchored (exit 10)" in out and "verified:" not in out


def test_a_fault_carries_its_evidence_as_json(
    tmp_path: Path, trust_file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    members = Erasure(log=Log(key=STRANGERS_LOG_KEY)).members()
    path = tmp_path / "b.zip"
    path.write_bytes(bundle_bytes(kind="erasure", thread=KINDS["erasure"], members=members))
    assert main(["verify", str(path), "--trust", trust_file, "--json"]) == Fault.UNTRUSTED_KEY
    report = json.loads(capsys.readouterr().out)
    assert report["answer"] == "untrusted-key" and report["claim"] is None
    assert report["differences"][0].keys() == {"fault", "code", "where", "expected", "found"}


def test_files_that_are_not_there_are_faults(tmp_path: Path, trust_file: str) -> None:
    assert main(["verify", str(tmp_path / "none"), "--trust", trust_file]) == Fault.CONTAINER
    assert main(["verify", _bundle(tmp_path), "--trust", str(tmp_path / "none")]) == Fault.TRUST_FILE


def test_every_fault_has_its_own_code_and_meaning(capsys: pytest.CaptureFixture[str]) -> None:
    assert MEANINGS.keys() == set(Fault)
    with pytest.raises(SystemExit, match="0"):
        main(["--help"])
    out = capsys.readouterr().out
    assert all(f"{int(fault)}  {fault.label}: " in out for fault in Fault)


def test_the_single_file_is_reproducible_and_verifies_far_from_the_sources(tmp_path: Path, trust_file: str) -> None:
    program = build(tmp_path / "build" / "obelus-verifier.pyz")
    assert build(tmp_path / "again.pyz").read_bytes() == program.read_bytes()
    # -S keeps the editable install's path file out; only site-packages itself, for cryptography, is put back.
    alone = (
        "import runpy, sys\n"
        f"sys.path.append({sysconfig.get_path('purelib')!r})\n"
        f"sys.argv = ['obelus-verifier', 'verify', {_bundle(tmp_path)!r}] + sys.argv[1:]\n"
        f"runpy.run_path({str(program)!r}, run_name='__main__')\n"
    )
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    for arguments, code in (([], Fault.UNANCHORED), (["--trust", trust_file], 0)):
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-c", alone, *arguments],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stderr + done.stdout
    assert "arithmetic verified" in done.stdout


def test_the_single_file_holds_no_engine(tmp_path: Path) -> None:
    from zipfile import ZipFile

    with ZipFile(build(tmp_path / "v.pyz")) as archive:
        names = archive.namelist()
        assert archive.read("unlearning/__init__.py") == b""
    assert {name.split("/")[0] for name in names} == {"__main__.py", "evidence", "unlearning"}
    assert all(
        name.startswith("unlearning/accounting/")
        for name in names
        if name.startswith("unlearning/") and name != "unlearning/__init__.py"
    )
