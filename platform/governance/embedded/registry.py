"""`var/servers.json`: how a command in another terminal finds the servers that run on this folder."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from . import keyfiles, processes
from .urls import ServerUrls

FORMAT = "obelus/servers/1"


@dataclass(frozen=True)
class Registration:
    """What a running supervisor says of itself; `servers` maps a name to its pid, None while it is down."""

    supervisor: processes.Identity
    sockets: Path
    urls: ServerUrls
    servers: Mapping[str, int | None]


def path_in(var: Path) -> Path:
    """Return the file's place."""
    return var / "servers.json"


def write(var: Path, registration: Registration) -> None:
    """Publish, mode 600: the addresses hold passwords."""
    document = {
        "format": FORMAT,
        "supervisor": asdict(registration.supervisor),
        "sockets": str(registration.sockets),
        "urls": asdict(registration.urls),
        "servers": dict(registration.servers),
    }
    keyfiles.write_private(path_in(var), json.dumps(document, indent=1, sort_keys=True))


def read(var: Path) -> Registration | None:
    """Return what the file says, be it stale or not; None when there is none or it cannot be read as one."""
    try:
        document = json.loads(path_in(var).read_text())
        if document["format"] != FORMAT:
            return None
        return Registration(
            supervisor=processes.Identity(**document["supervisor"]),
            sockets=Path(document["sockets"]),
            urls=ServerUrls(**document["urls"]),
            servers=document["servers"],
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def read_running(var: Path) -> Registration | None:
    """Return the registration of a supervisor that lives: same boot, same pid, same start."""
    registration = read(var)
    if registration is None or processes.identify(registration.supervisor.pid) != registration.supervisor:
        return None
    return registration


def running(var: Path) -> ServerUrls | None:
    """Return the addresses of the servers that run on this folder, or None when there are none (or a stale file)."""
    registration = read_running(var)
    return registration.urls if registration else None


def remove(var: Path) -> None:
    """Withdraw the file."""
    path_in(var).unlink(missing_ok=True)
