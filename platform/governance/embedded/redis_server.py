"""Redis 6.2: a doorbell on a private socket, with an append-only file so that a restart keeps the queue."""

import signal
import socket
from pathlib import Path

from . import keyfiles
from .binaries import redis_binary

SOCKET = "redis.sock"


class RedisServer:
    """How to start, ask and stop the embedded Redis."""

    name = "redis"
    program = "redis-server"
    stop_signals: tuple[signal.Signals, ...] = (signal.SIGTERM, signal.SIGKILL)
    death_signal = signal.SIGTERM
    steps_down = False

    def __init__(self, *, var: Path, sockets: Path) -> None:
        self.var, self.sockets, self.data = var, sockets, var / "redis"

    def prepare(self) -> None:
        """Make the folder and the password, once."""
        keyfiles.private_folder(self.data)
        keyfiles.password(self.var, "redis")

    def before_each_start(self) -> None:
        """Nothing to clear: Redis replaces its own socket."""

    def command(self) -> list[str]:
        """Return the command line; the settings come by standard input, so that `ps` never shows the password."""
        return [str(redis_binary()), "-"]

    def stdin(self) -> bytes:
        """Return the settings. Paths are absolute: Redis changes its working folder to `dir`."""
        settings = {
            "port": "0",
            "unixsocket": _quoted(self.sockets / SOCKET),
            "unixsocketperm": "700",
            "requirepass": keyfiles.password(self.var, "redis"),
            "dir": _quoted(self.data),
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": '""',
            "maxmemory-policy": "noeviction",
            "daemonize": "no",
        }
        return "".join(f"{name} {value}\n" for name, value in settings.items()).encode()

    def is_ready(self, pid: int) -> bool:
        """Say whether Redis answers PING; while it loads its file it answers LOADING, which is not yet ready."""
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(1.0)
                connection.connect(str(self.sockets / SOCKET))
                connection.sendall(f"AUTH {keyfiles.password(self.var, 'redis')}\r\nPING\r\n".encode())
                answer = b""
                while answer.count(b"\r\n") < 2 and (more := connection.recv(256)):
                    answer += more
        except OSError:
            return False
        return answer == b"+OK\r\n+PONG\r\n"

    def url(self) -> str:
        """Return the address in redis-py's form."""
        return f"unix://:{keyfiles.password(self.var, 'redis')}@{self.sockets / SOCKET}?db=0"


def _quoted(path: Path) -> str:
    return '"' + str(path).replace("\\", "\\\\").replace('"', '\\"') + '"'
