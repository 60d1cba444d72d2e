"""The owner's command: its words with placeholders filled in, its bare environment, its time limit."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from unlearning.runner.refusals import Refused

_TRY_BY_HAND = "Run the command by hand on a snapshot to see what it says; its output is not kept here."
_LOOK_EVERY_S = 0.05


def fill_in(command: Sequence[str], *, data: Path, out: Path, seed: int) -> list[str]:
    """Replace {data}, {out}, {seed} and {python} (this interpreter) in every word.

    Raises: Refused with RECIPE_INCOMPLETE when the command is never told where the data lie or where to write.
    """
    told = " ".join(command)
    missing = [name for name in ("{data}", "{out}") if name not in told]
    if missing:
        raise Refused(
            "RECIPE_INCOMPLETE",
            f"expected {' and '.join(missing)} in the command.",
            "Put it in its words.",
        )
    values = {"{data}": str(data), "{out}": str(out), "{seed}": str(seed), "{python}": sys.executable}
    filled = []
    for word in command:
        for name, value in values.items():
            word = word.replace(name, value)
        filled.append(word)
    return filled


def bare_environment(home: Path, extra: Mapping[str, str], *, threads: int) -> dict[str, str]:
    """Nothing of ours is inherited: no database address, no key, no token."""
    bare = {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": str(home),
        "TMPDIR": str(home),
        "LANG": "C.UTF-8",
        "OMP_NUM_THREADS": str(threads),
    }
    return bare | dict(extra)


class GuardedCommand:
    """A running command behind its guard; `stop` ends the command and all it started."""

    def __init__(self, command: Sequence[str], *, folder: Path, environment: Mapping[str, str]) -> None:
        self._guard = subprocess.Popen(
            [sys.executable, "-I", "-m", "unlearning.recipe.guard", *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=folder,
            env=dict(environment),
            start_new_session=True,
        )

    def stop(self) -> None:
        """Kill the whole group; safe to call again."""
        with suppress(ProcessLookupError):
            os.killpg(self._guard.pid, signal.SIGKILL)

    def wait(self, *, timeout_s: float, each_look: Callable[[float], None]) -> None:
        """Wait for exit code 0.

        Raises: Refused with RECIPE_TIMED_OUT or RECIPE_FAILED.
        """
        start_s = time.monotonic()
        while self._guard.poll() is None:
            elapsed_s = time.monotonic() - start_s
            each_look(elapsed_s)
            if elapsed_s > timeout_s:
                self.stop()
                self._close()
                raise Refused("RECIPE_TIMED_OUT", f"the command ran longer than {timeout_s} s.", "Allow it more time.")
            time.sleep(_LOOK_EVERY_S)
        code = self._close()
        if code != "0":
            raise Refused("RECIPE_FAILED", f"the command ended with exit code {code or 'unknown'}.", _TRY_BY_HAND)

    def _close(self) -> str:
        assert self._guard.stdin is not None and self._guard.stdout is not None
        self._guard.wait()
        with self._guard.stdin, self._guard.stdout:
            return self._guard.stdout.read().decode()
