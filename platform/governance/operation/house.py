"""The processes of the house under one roof, for development: none is restarted silently, all end together."""

import signal
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from governance.embedded.command import Signals
from governance.operation.children import Child, Recipe

LOOK_EVERY_S = 0.1
# TERM, then this long, then KILL. With the embedded servers' own end it stays under the ten seconds promised.
PATIENCE_S = 7.0
Say = Callable[[str], None]


class House:
    """Started children and what to say about them."""

    def __init__(self, *, environment: Mapping[str, str], logs: Path, say: Say) -> None:
        self.environment, self.logs, self.say = environment, logs, say
        self.children: list[Child] = []
        logs.mkdir(mode=0o700, parents=True, exist_ok=True)

    def start(self, recipes: Sequence[Recipe]) -> None:
        for recipe in recipes:
            self.children.append(Child(recipe, environment=self.environment, logs=self.logs))

    def first_dead(self) -> Child | None:
        return next((child for child in self.children if child.code is not None), None)

    def watch(self, signals: Signals, *, is_ready: Callable[[], bool], on_ready: Callable[[], None]) -> int:
        """Wait for a signal (0) or for a child's death (1, and its log's end is shown)."""
        ready = False
        while not signals.received:
            dead = self.first_dead()
            if dead is not None:
                self.say(f"{dead.name} ended with {dead.code}; everything stops. The end of {dead.log}:")
                self.say(dead.log_tail())
                return 1
            if not ready and is_ready():
                ready = True
                on_ready()
            time.sleep(LOOK_EVERY_S)
        return 0

    def stop(self) -> None:
        """TERM to all at once: the worker hands its leases back, the web ends its requests. Then KILL."""
        for child in self.children:
            child.send(signal.SIGTERM)
        deadline = time.monotonic() + PATIENCE_S
        while any(child.code is None for child in self.children) and time.monotonic() < deadline:
            time.sleep(LOOK_EVERY_S)
        for child in self.children:
            if child.code is None:
                self.say(f"{child.name} did not end within {PATIENCE_S:.0f} s of SIGTERM; killed")
            child.destroy()
