"""Evidence in every format ever made is kept here and verified for ever.

A file in golden/ is never changed: a new format adds new files. (They were made by tests/evidence/specimen.py.)
"""

import subprocess
import sys
from pathlib import Path

import pytest

from evidence.canonical import digest
from evidence.faults import Fault
from evidence.verify import verify_file

GOLDEN = Path(__file__).parent / "golden"
TRUST = GOLDEN / "trust-1.json"
BUNDLES = {
    "erasure-1.zip": "sha256:45c5fbed49e4c0d49f8df57ec03d00d456b1873e7125089625114130b1208663",
    # With the old weights' parts and what opens those that stayed (decision 0035).
    "erasure-2.zip": "sha256:f63f205c94c828e7111973b0a82a75ddaf489dc6a7605a66449188dbae691383",
    "job-1.zip": "sha256:aed74f8bc351418b730652c83e9f71197f664e3d08f268625a66d4965ce591bb",
    "receipt-1.zip": "sha256:5c44d22810d0f2272e43e0e7be9689de5ea0ebbf13bd2c5846ca7fcf5e5cb73a",
}


@pytest.mark.parametrize("name", BUNDLES)
def test_an_old_bundle_still_verifies(name: str) -> None:
    assert digest((GOLDEN / name).read_bytes()) == BUNDLES[name], "golden files are never changed"
    report = verify_file(GOLDEN / name, trust=TRUST)
    assert report.differences == []
    assert report.kind == name.split("-")[0]


def test_every_golden_file_is_listed() -> None:
    assert {path.name for path in GOLDEN.iterdir()} == {*BUNDLES, TRUST.name}


def test_the_module_verifies_one_from_the_command_line() -> None:
    command = [sys.executable, "-m", "evidence", "verify", str(GOLDEN / "erasure-1.zip")]
    done = subprocess.run([*command, "--trust", str(TRUST)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert subprocess.run(command, capture_output=True, check=False).returncode == Fault.UNANCHORED
