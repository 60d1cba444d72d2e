"""A whole house for a drill: servers, worker, tick and clerk as real processes on a folder of their own."""

import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from governance.embedded import processes, running
from governance.embedded.processes import wait_until
from tests.dumps import dumped, load

ROOT = Path(__file__).resolve().parents[2]
LEASE_S = 3.0
NOT_OURS = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "OBELUS_VAR", "OBELUS_FAULT_DIR")
ENDED = {"succeeded", "refused", "cancelled", "dead"}
Process = subprocess.Popen


@dataclass
class Gate:
    """The fault points of every job, or of one: see workers/faultpoints.py."""

    folder: Path

    def hold(self, point: str) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / f"{point}.reached").unlink(missing_ok=True)
        (self.folder / f"{point}.hold").touch()

    def release(self, point: str = "*") -> None:
        for path in self.folder.glob(f"{point}.hold"):
            path.unlink()

    def reached(self, point: str) -> bool:
        return (self.folder / f"{point}.reached").exists()


@dataclass
class House:
    """Everything a job needs, to be killed piece by piece. `environment` is what each process is given."""

    var: Path
    lease_s: float = LEASE_S
    environment: dict[str, str] = field(default_factory=dict)
    started: list["Process[Any]"] = field(default_factory=list)
    clerk: "Process[Any] | None" = None
    count: int = 0

    def open(self, template_url: str) -> None:
        """Start the servers, fill the database with a copy of the template, start the clerk."""
        self.var.mkdir(mode=0o700, parents=True)
        for name in ("log", "faults"):
            (self.var / name).mkdir(mode=0o700)
        self.environment = {name: value for name, value in os.environ.items() if name not in NOT_OURS}
        self.environment |= {
            "OBELUS_ENV": "test",
            "OBELUS_VAR": str(self.var),
            "OBELUS_EMBEDDED_FSYNC": "off",
            "OBELUS_FAULT_DIR": str(self.var / "faults"),
            "OBELUS_LOG_LEVEL": "WARNING",
            "OBELUS_LEASE_S": str(self.lease_s),
            "OBELUS_HEARTBEAT_S": "0.6",
            "OBELUS_SWEEP_S": "0.4",
            "OBELUS_STOP_S": "3",
            "PYTHONUNBUFFERED": "1",
        }
        self.spawn("servers", [sys.executable, "-m", "governance.embedded", "--var", str(self.var)])
        servers = self.started[0]
        wait_until(lambda: running(self.var) is not None or servers.poll() is not None, seconds=60)
        urls = running(self.var)
        assert urls is not None, self.log_of("servers")
        self.environment |= urls.environment()
        load(dumped(template_url), urls.database_owner_url)

    def ask(self, question: str, **arguments: Any) -> Any:
        """Have the clerk do something and return its answer."""
        if self.clerk is None or self.clerk.poll() is not None:
            pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
            self.clerk = self.spawn("clerk", [sys.executable, "-m", "tests.drills.clerk"], **pipes)
        self.clerk.stdin.write(json.dumps([question, arguments]) + "\n")
        self.clerk.stdin.flush()
        line = self.clerk.stdout.readline()
        assert line, self.log_of("clerk")
        return json.loads(line)

    def worker(self, *, threads: int = 8, prefix: tuple[str, ...] = ()) -> "Process[Any]":
        lean = ["--without-gossip", "--without-mingle", "--without-heartbeat", "-l", "warning"]
        command = [sys.executable, "-m", "celery", "-A", "workers.app", "worker", "-P", "threads", "-c", str(threads)]
        self.count += 1
        return self.spawn("worker", [*prefix, *command, *lean, "-n", f"w{self.count}@drill"])

    def workers(self) -> list["Process[Any]"]:
        return self.alive("workers.app")

    def a_worker(self) -> "Process[Any]":
        """The one that is there, or a new one."""
        return (self.workers() or [self.worker()])[0]

    def dismiss(self) -> None:
        """No worker at all."""
        for process in self.workers():
            kill(process)

    def tick(self) -> "Process[Any]":
        return self.spawn("tick", [sys.executable, "manage.py", "tick"])

    def ticks(self) -> list["Process[Any]"]:
        return self.alive("tick")

    def alive(self, word: str) -> list["Process[Any]"]:
        return [process for process in self.started if word in process.args and process.poll() is None]

    def spawn(self, name: str, command: list[str], **options: Any) -> "Process[Any]":
        with (self.var / "log" / f"{name}.txt").open("ab") as log:
            options = {"stdout": log, "stdin": subprocess.DEVNULL, **options}
            process = Process(command, cwd=ROOT, env=self.environment, stderr=log, **options)
        self.started.append(process)
        return process

    def gate(self, ref: str = "") -> Gate:
        return Gate(self.var / "faults" / ref)

    def submit_held(self, points: list[str], **options: Any) -> dict[str, str]:
        """One job for each point, each to be held there; returns point -> ref once all have arrived."""
        self.gate().hold("claimed")
        refs = dict(zip(points, self.submit(count=len(points), **options), strict=True))
        for point, ref in refs.items():
            self.gate(ref).hold(point)
        self.gate().release()
        self.await_at(refs)
        return refs

    def await_at(self, refs: dict[str, str], *, seconds: float = 40) -> None:
        arrived = wait_until(lambda: all(self.gate(ref).reached(at) for at, ref in refs.items()), seconds=seconds)
        assert arrived, [
            [at for at, ref in refs.items() if not self.gate(ref).reached(at)],
            self.log_of("worker"),
            self.log_of("tick"),
        ]

    def release(self) -> None:
        for folder in (self.var / "faults").rglob("*.hold"):
            folder.unlink()

    def log_of(self, name: str) -> str:
        return (self.var / "log" / f"{name}.txt").read_text(errors="replace")[-6000:]

    def submit(self, count: int = 1, **options: Any) -> list[str]:
        return self.ask("submit", count=count, **options)

    def await_end(self, refs: list[str], *, seconds: float = 30) -> list[dict[str, Any]]:
        """Wait until every job has ended and return what is known of each."""
        done = wait_until(lambda: set(self.ask("statuses", refs=refs)) <= ENDED, seconds=seconds, every_seconds=0.1)
        facts = [self.ask("job", ref=ref) for ref in refs]
        assert done, [facts, self.log_of("worker"), self.log_of("tick")]
        return facts

    def await_job(self, ref: str, *, seconds: float = 30, **wanted: Any) -> dict[str, Any]:
        """Wait until these facts of a job are so."""
        now = lambda: {name: self.ask("job", ref=ref)[name] for name in wanted}  # noqa: E731
        assert wait_until(lambda: now() == wanted, seconds=seconds, every_seconds=0.1), [now(), self.log_of("worker")]
        return self.ask("job", ref=ref)

    def runners(self, ref: str = "job_") -> list[int]:
        """Every living process that works in a job's folder or names it."""
        place = str(self.var / "jobs" / ref)
        pids = [int(entry) for entry in os.listdir("/proc") if entry.isdigit()]
        return [pid for pid in pids if place in trace_of(pid) and processes.is_alive(pid)]

    def in_attempts(self, ref: str, inside: str) -> list[Path]:
        """What lies in the folders of the attempts at a job, by a pattern."""
        return sorted((self.var / "jobs").glob(f"{ref}.*/{inside}"))

    def folders(self) -> list[Path]:
        return sorted((self.var / "jobs").glob("*"))

    def close(self) -> None:
        """End everything, and demand that nothing is left."""
        for process in reversed(self.started):
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.send_signal(signal.SIGTERM if process is self.started[0] else signal.SIGKILL)
            process.wait(15)
            for pipe in (process.stdin, process.stdout):
                if pipe:
                    pipe.close()
        assert wait_until(lambda: not self.runners(), seconds=5), self.runners()
        shutil.rmtree(self.var.parent, ignore_errors=True)


def trace_of(pid: int) -> str:
    try:
        folder = os.readlink(f"/proc/{pid}/cwd")
    except OSError:
        folder = ""
    return " ".join([folder, *processes.command_of(pid)])


def kill(process: "Process[Any]") -> None:
    process.kill()
    process.wait(10)
