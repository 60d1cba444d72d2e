"""The machine that a figure was measured on, in words. Load first: on shared cores, times are information only."""

import os
import platform
import sys
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path


def cores() -> int:
    """The cores that this process may use, which in a container may be fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def processor() -> str:
    """The processor's name as the kernel gives it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def load() -> str:
    """The load averages of 1, 5 and 15 minutes."""
    return " ".join(f"{value:.1f}" for value in os.getloadavg())


def described(*, load_before: str) -> str:
    """One line for a table's head: when, where, and what else the machine was doing."""
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {cores()} cores ({processor()}), {platform.system()}, "
        f"Python {sys.version.split()[0]}; load before {load_before}, after {load()}."
    )


def versions(*names: str) -> str:
    """The installed versions of these packages, for a figure that depends on them."""
    return ", ".join(f"{name} {metadata.version(name)}" for name in names)
