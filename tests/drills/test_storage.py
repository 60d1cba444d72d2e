"""The object store in trouble: full, or holding other bytes than recorded."""

import resource
import subprocess
from pathlib import Path
from shutil import which
from typing import Any

from governance.embedded.processes import wait_until
from tests.drills.conftest import assert_once, assert_sound
from tests.drills.house import House, Process

NAMESPACE = ("unshare", "--user", "--map-root-user", "--mount")
# One page: the folder's manifest fits, the weights after it do not.
FULL = (*NAMESPACE, "sh", "-c", 'mount -t tmpfs -o size=4k none "$0" && exec "$@"')


def mounts_allowed() -> bool:
    return bool(which("unshare")) and subprocess.run([*NAMESPACE, "true"], capture_output=True).returncode == 0


def run_without_room(house: House) -> tuple["Process[Any]", str]:
    """A job on a worker whose store is a full tmpfs, in a mount namespace of its own.

    Where the kernel forbids that, its files may not grow (RLIMIT_FSIZE) from the moment the runner is done.
    """
    objects = house.var / "objects"
    objects.mkdir(exist_ok=True)
    if mounts_allowed():
        worker = house.worker(prefix=(*FULL, str(objects)))
        return worker, house.submit()[0]
    worker = house.worker()
    refs = house.submit_held(["result_written"])
    resource.prlimit(worker.pid, resource.RLIMIT_FSIZE, (64, 64))
    house.release()
    return worker, refs["result_written"]


def names_in(objects: Path) -> set[str]:
    return {path.name for path in objects.glob("??/*")}


def names_seen_by(worker: "Process[Any]", objects: Path) -> set[str]:
    """Files in the store as this worker sees it, in its mount namespace."""
    return names_in(Path(f"/proc/{worker.pid}/root{objects}"))


def test_a_full_store_keeps_the_job_stores_no_half_and_says_what_to_do(house: House) -> None:
    house.dismiss()
    before = names_in(house.var / "objects")
    worker, ref = run_without_room(house)
    (fact,) = house.await_end([ref])
    left = names_seen_by(worker, house.var / "objects")
    house.dismiss()
    assert (fact["status"], fact["ends"], fact["weights"]) == ("dead", [["dead", "storage_full"]], "")
    assert "no room" in fact["message"] and "Free space" in fact["message"]
    assert left <= before
    assert house.ask("retry", ref=ref) == "queued"
    house.worker()
    assert_once(house, house.await_end([ref]))
    assert_sound(house)


def test_an_input_whose_bytes_are_not_those_recorded_is_refused_before_anything_runs(house: House) -> None:
    house.a_worker()
    digest = house.ask("keep", text="the input of a drill")
    name = digest.removeprefix("sha256:")
    path = house.var / "objects" / name[:2] / name[2:]
    sound = path.read_bytes()
    path.chmod(0o600)
    path.write_bytes(b"the input of a dri11")
    (ref,) = house.submit(inputs={"features": digest})
    (fact,) = house.await_end([ref])
    assert (fact["status"], fact["code"], fact["ends"]) == ("refused", "digest_mismatch", [["refused", "refused"]])
    assert "do not use it" in fact["message"]
    assert wait_until(lambda: not house.folders(), seconds=5)
    path.write_bytes(sound)
    (ref,) = house.submit(inputs={"features": digest})
    assert_once(house, house.await_end([ref]))
    assert path.read_bytes() == sound, "wiping the job folder reached the store"
    assert_sound(house)
