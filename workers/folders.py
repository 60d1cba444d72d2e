"""The job folder: one per attempt, mode 700, inputs as read-only hard links, wiped by whoever next holds the token."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from evidence.canonical import canonical_bytes
from governance.jobs.leases import Held
from governance.jobs.models import Attempt, Job
from governance.objects.store import open_path, parts_of
from workers import kept_state


def root() -> Path:
    return Path(settings.OBELUS_VAR) / "jobs"


def folder_of(held: Held) -> Path:
    return root() / f"{held.ref}.{held.token}"


def all_folders() -> Iterator[Held]:
    for path in root().glob("job_*.*"):
        ref, _, token = path.name.partition(".")
        if token.isdigit():
            yield Held(ref=ref, token=int(token))


def lay_out(held: Held) -> Path:
    """Make the folder with spec.json and its inputs; every digest is checked on the way.

    Raises:
        DigestMismatch, Destroyed, NotFound: an input is not what the spec names; nothing may start.
    """
    job = Job.objects.get(ref=held.ref)
    spec, folder = job.spec, folder_of(held)
    wipe(held)
    folder.mkdir(mode=0o700, parents=True)
    if kept_state.is_resumable(job):
        kept_state.take_over(newest_before(held), folder)
    wipe_before(held)
    for entry in spec["inputs"].values():
        link_input(folder / entry["path"], entry["digest"])
    (folder / "spec.json").write_bytes(canonical_bytes(spec))
    return folder


def link_input(target: Path, digest: str) -> None:
    whole = open_path(digest)
    files = parts_of(digest)
    if not files:
        link(whole, target)
    for name, part in files.items():
        link(open_path(part), target / name)


def link(source: Path, target: Path) -> None:
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except OSError:
        # Another file system: a copy serves as well, and is wiped with the folder.
        shutil.copyfile(source, target)
        target.chmod(0o400)


def wipe(held: Held) -> None:
    """Remove one attempt's folder. The links' targets in the store are untouched."""
    folder = folder_of(held)
    kept_state.set_aside(held, folder)
    shutil.rmtree(folder, ignore_errors=True)
    if not folder.exists():
        Attempt.objects.filter(job__ref=held.ref, token=held.token).update(folder_wiped=True)


def wipe_before(held: Held) -> None:
    """What earlier attempts left behind, whoever ran them."""
    for left in earlier(held):
        wipe(left)


def newest_before(held: Held) -> Path | None:
    found = sorted(earlier(held), key=lambda left: left.token)
    return folder_of(found[-1]) if found else None


def earlier(held: Held) -> list[Held]:
    return [left for left in all_folders() if left.ref == held.ref and left.token < held.token]
