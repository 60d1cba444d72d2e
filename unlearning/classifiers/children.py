"""The child processes of `classifier.references` and `.shadows`: started, listened to, and never left behind.

Each child trains its share of the seeds and writes one byte to its stdout for every finished epoch. Its stdin is a pipe
that ends with this process, in whatever way that dies; a child whose stdin ends leaves at once.
"""

from __future__ import annotations

import os
import selectors
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from unlearning.runner.refusals import EXIT_DONE, EXIT_REFUSED, Refused

_CHILD = "unlearning.classifiers.reference_child"
_LEAVES_WITHIN_S = 30
_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


class Children:
    """At most `most` processes for these seeds; the job folder is all they are told."""

    def __init__(self, folder: Path, weights: Path, seeds: Sequence[int], *, most: int, module: str = _CHILD) -> None:
        count = max(1, min(len(seeds), most))
        shares = [seeds[first::count] for first in range(count)]
        self._commands = [
            [sys.executable, "-I", "-m", module, str(folder), str(weights), *map(str, share)] for share in shares
        ]
        self._running: list[subprocess.Popen[bytes]] = []
        self._lock = threading.Lock()
        self._killed = self._cancelled = False

    def start(self) -> None:
        """Start them all."""
        environment = os.environ | dict.fromkeys(_THREADS, "1") | {"OMP_WAIT_POLICY": "PASSIVE"}
        for command in self._commands:
            # The lock: a cancellation between the start of two children must not miss the second.
            with self._lock:
                if self._killed:
                    return
                pipe = subprocess.PIPE
                self._running.append(subprocess.Popen(command, stdin=pipe, stdout=pipe, env=environment))

    def kill(self) -> None:
        """Kill all of them because the job is cancelled; safe to call again and from another thread."""
        self._cancelled = True
        self._end()

    def _end(self) -> None:
        with self._lock:
            self._killed = True
            for child in self._running:
                child.kill()

    def wait(self, told: Callable[[int], None]) -> None:
        """Wait for them all, saying after each epoch how many are done in all; the first that fails ends the others.

        Raises: Refused with TRAINING_DIVERGED; RuntimeError when a child died.
        """
        try:
            self._listen(told)
            codes = [child.wait() for child in self._running]
        finally:
            self._end()
            for child in self._running:
                child.communicate()
        if self._cancelled:
            # Whoever cancelled is about to end this process and say so; that children died is then no crash.
            time.sleep(_LEAVES_WITHIN_S)
        if EXIT_REFUSED in codes:
            raise Refused("TRAINING_DIVERGED", "expected finite weights, got NaN or infinity.", "Choose a smaller lr.")
        if any(code != EXIT_DONE for code in codes):
            raise RuntimeError("a training process ended early")

    def _listen(self, told: Callable[[int], None]) -> None:
        done = 0
        with selectors.DefaultSelector() as heard:
            for child in self._running:
                assert child.stdout is not None
                heard.register(child.stdout, selectors.EVENT_READ, child)
            while heard.get_map():
                for key, _ in heard.select():
                    news = os.read(key.fd, 4096)
                    done += len(news)
                    if news:
                        told(done)
                    else:
                        heard.unregister(key.fileobj)
                        if key.data.wait() != EXIT_DONE:
                            self._end()  # the others' pipes end too, and the loop with them
