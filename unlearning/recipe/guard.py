"""Runs one command and takes its whole process group down with it: `python -I -m unlearning.recipe.guard CMD ...`.

It stands between the runner and the owner's command, in a group of its own. When the runner is gone in whatever way,
kill -9 included, the pipe on stdin ends and the group is killed; when the command ends, what it left behind is too.
The command's exit code goes to stdout.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading


def main(command: list[str]) -> None:
    """Run the command to its end; never returns."""
    threading.Thread(target=_watch_the_runner, daemon=True).start()
    nothing = subprocess.DEVNULL  # the command's words may quote people's rows
    try:
        code = subprocess.Popen(command, stdin=nothing, stdout=nothing, stderr=nothing).wait()
        os.write(1, str(code).encode())
    except OSError:
        os.write(1, b"not started")
    _end_the_group()


def _watch_the_runner() -> None:
    while os.read(0, 1):
        pass
    _end_the_group()


def _end_the_group() -> None:
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main(sys.argv[1:])
