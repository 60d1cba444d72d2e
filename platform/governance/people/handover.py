"""Handing a fresh password or secret to a person: a file only they can read, or a terminal, never a pipe or a log."""

import os
import sys
from pathlib import Path

from django.core.management.base import CommandError


def check_place(to: Path | None) -> None:
    """Refuse before anything is made: a secret that cannot be handed over would be lost.

    Raises:
        CommandError: the file exists, its folder does not, or there is neither a file nor a terminal.
    """
    if to is None and not sys.stdout.isatty():
        raise CommandError("Standard output is no terminal; name a new file with --to, it gets mode 600.")
    if to is not None and to.exists():
        raise CommandError(f"{to} exists already; name a new file, nothing is overwritten.")
    if to is not None and not to.parent.is_dir():
        raise CommandError(f"The folder {to.parent} does not exist; make it first.")


def hand_over(text: str, to: Path | None) -> str:
    """Write the secret where it was asked for; returns the sentence to print."""
    if to is None:
        return text
    descriptor = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as handle:
        handle.write(text + "\n")
    return f"Written to {to} (mode 600). It is shown nowhere else."
