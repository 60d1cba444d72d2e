"""The closed case that the tests of reports look at, and the offline verifier as an auditor runs it."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from governance.jobs.models import Plan
from tests.story.world import Clinic


@dataclass(frozen=True)
class Closed:
    clinic: Clinic
    plan: Plan


def verify(data: bytes, folder: Path, *, trust: Path | None) -> tuple[int, str]:
    """Exit code and words of `python -m evidence verify`, in a process of its own."""
    (folder / "bundle.zip").write_bytes(data)
    command = [sys.executable, "-m", "evidence", "verify", str(folder / "bundle.zip")]
    command += ["--trust", str(trust)] if trust else []
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env={"PATH": "/usr/bin:/bin"})
    return done.returncode, done.stdout + done.stderr
