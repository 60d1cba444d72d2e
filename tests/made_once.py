"""What one process of a run makes and the others of it take: pytest-xdist gives each process a part of the tests.

The folder is the run's own (tests/plugin.py makes it, and it goes with the run); a process that needs what another is
making waits for it.
"""

import fcntl
import os
from collections.abc import Callable
from pathlib import Path


def made_once(name: str, make: Callable[[Path], None]) -> Path:
    """The file or folder of this name, made by whoever of the run asks first; `make` writes it to the path it gets."""
    folder = Path(os.environ["OBELUS_TEST_SHARED"])
    finished = folder / name
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not finished.exists():
            half = folder / f"{name}.half"
            make(half)
            half.rename(finished)  # a maker that died in the middle leaves nothing that looks finished
    return finished
