"""Random passwords in files of their own: folder mode 700, files mode 600, made once."""

import os
import secrets
import stat
from pathlib import Path

from .errors import FolderUnusableError


def private_folder(folder: Path) -> Path:
    """Make a folder that only its owner may enter. No parent's mode is touched, ever.

    Raises:
        FolderUnusableError: it exists and others may enter it, or it is not ours.
    """
    folder.mkdir(mode=0o700, exist_ok=True)
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid():
        raise FolderUnusableError(
            f"expected {folder} to be a folder of user {os.geteuid()}: move it away, or use another"
        )
    if status.st_mode & 0o077:
        raise FolderUnusableError(f"expected {folder} to be closed to others, it has mode {status.st_mode & 0o777:o}: "
                             f"run `chmod 700 {folder}`")  # fmt: skip
    return folder


def key_path(var: Path, name: str) -> Path:
    """Return where a password lies."""
    return var / "keys" / name


def password(var: Path, name: str) -> str:
    """Return the password kept under this name; the first call makes it, 256 random bits in URL-safe letters."""
    path = key_path(private_folder(var / "keys").parent, name)
    if not path.exists():
        write_private(path, secrets.token_urlsafe(32))
    return path.read_text().strip()


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
