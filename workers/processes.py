"""The runner as a child: its own session, a pipe that tells it when we are gone, no secrets in its environment."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from workers.faultpoints import passed_on

PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "CUDA_VISIBLE_DEVICES", "LD_LIBRARY_PATH")


def start_runner(folder: Path) -> "subprocess.Popen[bytes]":
    """Start `python -m unlearning run FOLDER`. Its stdin stays open for as long as this worker lives."""
    environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    environment |= passed_on(folder.name.partition(".")[0])
    with (folder / "runner.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "unlearning", "run", str(folder)],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            cwd=folder,
            env=environment,
            # Its own session, so that killpg also reaches what the runner starts (torchrun has grandchildren).
            start_new_session=True,
        )


def stop_runner(child: "subprocess.Popen[bytes]", *, patience_s: float) -> int:
    """TERM, then KILL the whole group; returns the exit code."""
    signal_group(child, signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        child.wait(patience_s)
    signal_group(child, signal.SIGKILL)
    return child.wait()


def signal_group(child: "subprocess.Popen[bytes]", number: signal.Signals) -> None:
    try:
        os.killpg(child.pid, number)
    except ProcessLookupError:
        return


def wait_a_moment(child: "subprocess.Popen[bytes]", seconds: float) -> int | None:
    """The exit code if the child ends within `seconds`, else None."""
    end = time.monotonic() + seconds
    while (code := child.poll()) is None and time.monotonic() < end:
        time.sleep(0.05)
    return code
