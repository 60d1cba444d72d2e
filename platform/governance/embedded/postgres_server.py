"""PostgreSQL 18: made once, started on a private socket, stopped without losing anything."""

import os
import shutil
import signal
from pathlib import Path

from . import keyfiles, spawning
from .binaries import POSTGRES_MAJOR, postgres_binary
from .errors import DataUnusableError
from .pidfile import clear_if_stale

DATABASE, SUPERUSER, OWNER, APPLICATION = "obelus", "obelus_superuser", "obelus_owner", "obelus_app"
_READY_LINE = 7  # the postmaster writes its own state into the eighth line of its pid file


class PostgresServer:
    """How to make, start, ask and stop the embedded PostgreSQL."""

    name = "postgres"
    program = "postgres"
    stop_signals: tuple[signal.Signals, ...] = (
        signal.SIGINT,
        signal.SIGQUIT,
        signal.SIGKILL,
    )  # fast, immediate, the last resort
    death_signal = signal.SIGINT
    steps_down = True

    def __init__(self, *, var: Path, sockets: Path) -> None:
        self.var, self.sockets, self.data = var, sockets, var / "postgres"

    def prepare(self) -> None:
        """Make the cluster, its roles and the database, once; a half-made one is thrown away.

        Raises:
            DataUnusableError: the data belong to another version, or their passwords are gone.
            RootRefusedError, FolderUnusableError, StartFailedError: see there.
        """
        spawning.require_step_down(self.var, postgres_binary("postgres"))
        if not self.data.exists():
            self._make_cluster()
        made_by = (self.data / "PG_VERSION").read_text().strip() if (self.data / "PG_VERSION").exists() else "nothing"
        if made_by != POSTGRES_MAJOR:
            raise DataUnusableError(
                f"expected data of PostgreSQL {POSTGRES_MAJOR} in {self.data}, found {made_by}: dump it with that "
                "version, or move the folder away to begin anew"
            )
        for role in (SUPERUSER, OWNER, APPLICATION):
            self._require_password(role)

    def before_each_start(self) -> None:
        """Clear a pid file whose process is surely not the server it speaks of."""
        clear_if_stale(self.data / "postmaster.pid", data=self.data)
        clear_if_stale(self.sockets / ".s.PGSQL.5432.lock", data=self.data)

    def command(self) -> list[str]:
        """Return the command line. No address is listened on; only errors' codes reach the log, never a statement."""
        settings = {
            "listen_addresses": "",
            "unix_socket_permissions": "0700",
            "shared_buffers": "64MB",
            "max_connections": "100",
            "fsync": "off" if _is_throw_away() else "on",
            "log_min_error_statement": "panic",
            "log_error_verbosity": "terse",
            "log_checkpoints": "off",
            "timezone": "UTC",
            "log_timezone": "UTC",
        }
        flags = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [str(postgres_binary("postgres")), "-D", str(self.data), "-k", str(self.sockets), *flags]

    def stdin(self) -> bytes:
        """Return nothing: PostgreSQL reads no input."""
        return b""

    def is_ready(self, pid: int) -> bool:
        """Say whether the postmaster with this pid calls itself ready, as pg_ctl asks it."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return len(lines) > _READY_LINE and lines[0] == str(pid) and lines[_READY_LINE].strip() == "ready"

    def url(self, role: str) -> str:
        """Return the address of the database for one role."""
        return f"postgresql://{role}:{keyfiles.password(self.var, key_name(role))}@/{DATABASE}?host={self.sockets}"

    def _require_password(self, role: str) -> None:
        path = keyfiles.key_path(self.var, key_name(role))
        if not path.exists():
            raise DataUnusableError(
                f"expected the password of {role} in {path}, found none, yet {self.data} exists: bring the file back, "
                "or move the database folder away to begin anew"
            )

    def _make_cluster(self) -> None:
        partial = self.data.with_name("postgres.partial")
        shutil.rmtree(partial, ignore_errors=True)
        for role in (SUPERUSER, OWNER, APPLICATION):
            keyfiles.password(self.var, key_name(role))
        pwfile = keyfiles.key_path(self.var, key_name(SUPERUSER))
        initdb = f"--username={SUPERUSER} --auth=scram-sha-256 --encoding=UTF8 --no-instructions --locale=C"
        locale = "--locale-provider=builtin --builtin-locale=C.UTF-8"
        places = [f"--pgdata={partial}", f"--pwfile={pwfile}", *(["--no-sync"] if _is_throw_away() else [])]
        spawning.run_once([str(postgres_binary("initdb")), *initdb.split(), *locale.split(), *places])
        single = [str(postgres_binary("postgres")), "--single", "-D", str(partial), "-c", "exit_on_error=on"]
        spawning.run_once([*single, "postgres"], stdin=self._roles_sql().encode())
        partial.rename(self.data)

    def _roles_sql(self) -> str:
        owner, application = (keyfiles.password(self.var, key_name(role)) for role in (OWNER, APPLICATION))
        return (
            f"CREATE ROLE {OWNER} LOGIN CREATEDB NOSUPERUSER NOCREATEROLE PASSWORD '{owner}'\n"
            f"CREATE ROLE {APPLICATION} LOGIN NOCREATEDB NOSUPERUSER NOCREATEROLE PASSWORD '{application}'\n"
            f"CREATE DATABASE {DATABASE} OWNER {OWNER}\n"
        )


def _is_throw_away() -> bool:
    return os.environ.get("OBELUS_EMBEDDED_FSYNC") == "off"


def key_name(role: str) -> str:
    """Return the name of the file that keeps a role's password."""
    return f"postgres-{role.removeprefix('obelus_')}"
