"""One process of the house as a child: its own session, its own log, and a life that ends with ours."""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from governance.embedded import processes, spawning

LOG_TAIL_BYTES = 1500


@dataclass(frozen=True)
class Recipe:
    """What to start: a name for people, the command line, and the descriptors it inherits."""

    name: str
    command: Sequence[str]
    descriptors: tuple[int, ...] = field(default=())


class Child:
    """A started recipe. Start it from the thread that lives longest: the death signal follows that thread."""

    def __init__(self, recipe: Recipe, *, environment: Mapping[str, str], logs: Path) -> None:
        self.name = recipe.name
        self.log = logs / f"{recipe.name}.log"
        descriptor = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "ab") as sink:
            self.process = subprocess.Popen(
                spawning.wrapped(recipe.command, death_signal=signal.SIGTERM, step_down=False),
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=sink,
                pass_fds=recipe.descriptors,
                # Out of the terminal's reach: one Ctrl-C reaches us once, and we tell the children once.
                start_new_session=True,
            )

    @property
    def code(self) -> int | None:
        """The exit code, None while it runs."""
        return self.process.poll()

    def send(self, number: signal.Signals) -> None:
        if self.code is None:
            processes.send(self.process.pid, number)

    def destroy(self) -> None:
        """KILL it with all that it started in its session, and reap it."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def log_tail(self) -> str:
        with self.log.open("rb") as handle:
            handle.seek(max(0, os.fstat(handle.fileno()).st_size - LOG_TAIL_BYTES))
            return handle.read().decode(errors="replace").strip()
