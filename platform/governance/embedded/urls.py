"""The addresses of the two servers, in the forms that each client wants."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from .errors import IncompleteOutsideError


@dataclass(frozen=True)
class ServerUrls:
    """Where PostgreSQL (as the application, as the owner) and Redis answer; passwords included."""

    database_url: str
    database_owner_url: str
    redis_url: str

    def environment(self) -> dict[str, str]:
        """Return the settings that a child process reads."""
        return {
            "DATABASE_URL": self.database_url,
            "DATABASE_OWNER_URL": self.database_owner_url,
            "REDIS_URL": self.redis_url,
        }


@dataclass(frozen=True)
class OutsideUrls:
    """Servers that run elsewhere; what is None we run ourselves."""

    database_url: str | None = None
    database_owner_url: str | None = None
    redis_url: str | None = None

    def __post_init__(self) -> None:
        if bool(self.database_url) != bool(self.database_owner_url):
            raise IncompleteOutsideError(
                "expected DATABASE_URL (the application's role) and DATABASE_OWNER_URL (the owner's, for migrations) "
                "together, got one of them: set both, or neither"
            )

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "OutsideUrls":
        """Read the three settings; an empty one counts as absent.

        Raises:
            IncompleteOutsideError: one of the two database addresses is missing.
        """
        names = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL")
        return cls(*(environment.get(name) or None for name in names))


def celery_broker_url(redis_url: str) -> str:
    """Return the address as Celery wants it: `unix://` of redis-py becomes `redis+socket://`, others stay.

    The database number moves from `db` to `virtual_host`, which is what kombu reads.
    """
    parts = urlsplit(redis_url)
    if parts.scheme != "unix":
        return redis_url
    fields = dict(field.split("=", 1) for field in parts.query.split("&") if "=" in field)
    return f"redis+socket://{parts.netloc}{parts.path}?virtual_host={fields.get('db', '0')}"
