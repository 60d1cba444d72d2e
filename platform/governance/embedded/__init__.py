"""PostgreSQL and Redis without an installation: the binaries of two wheels under a supervisor of our own.

    with servers(Path("var")) as urls:
        connect(urls.database_url)

On the shell: `python -m governance.embedded --var var -- COMMAND`.
Nothing here imports Django: it runs before settings.
"""

from .errors import AlreadyRunningError, EmbeddedError
from .registry import running
from .supervisor import Supervisor, servers
from .urls import OutsideUrls, ServerUrls, celery_broker_url

__all__ = [
    "AlreadyRunningError",
    "EmbeddedError",
    "OutsideUrls",
    "ServerUrls",
    "Supervisor",
    "celery_broker_url",
    "running",
    "servers",
]
