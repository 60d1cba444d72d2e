"""The environment, read loudly: a bad value stops the process at boot and says what would be right."""

import os
import secrets
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

TRUE, FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off", ""}


# What looks at a house that is there; everything else may found one.
LOOKING = {"doctor", "export_trust", "fsck", "retry_job", "stop_serving"}


def house_folder(root: Path) -> Path:
    """Where all that is made at run time lies."""
    return Path(os.environ.get("OBELUS_VAR", root / "var"))


def require_house(arguments: list[str], *, root: Path) -> None:
    """Before any setting is read, since reading them makes keys: a mistyped folder must not become a house.

    Raises:
        SystemExit: a command that only looks was sent to a folder that is no house; nothing was made.
    """
    folder = house_folder(root)
    if len(arguments) < 2 or arguments[1] not in LOOKING or (folder / "keys").is_dir():
        return
    came = "a folder without keys" if folder.is_dir() else "a file" if folder.exists() else "nothing"
    raise SystemExit(
        f"{arguments[1]}: expected the folder of a house (keys, objects, log) at {folder}, found {came}: "
        "name the right one (make: VAR=, else OBELUS_VAR), or found a house with `make up`"
    )


def env_choice(name: str, default: str, choices: set[str]) -> str:
    value = os.environ.get(name, default)
    if value not in choices:
        raise ImproperlyConfigured(f"{name} must be one of {sorted(choices)}, not {value!r}.")
    return value


def env_bool(name: str, *, default: bool) -> bool:
    value = os.environ.get(name, "on" if default else "off").lower()
    if value not in TRUE | FALSE:
        raise ImproperlyConfigured(f"{name} must be on or off, not {value!r}.")
    return value in TRUE


def env_float(name: str, default: float) -> float:
    value = os.environ.get(name, str(default))
    try:
        return float(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a number, not {value!r}.") from None


def env_list(name: str, default: str = "") -> list[str]:
    return [item.strip() for item in os.environ.get(name, default).split(",") if item.strip()]


KEYS_OF_THE_HOUSE = ("kek", "tree-head", "release", "index", "idempotency")


def key_file(folder: Path, name: str) -> bytes:
    """The secret in `folder/name`; made on first use, but in production only by `manage.py make_keys`.

    Raises:
        ImproperlyConfigured: production, and nobody made the key yet.
    """
    path = folder / name
    if not path.exists():
        if os.environ.get("OBELUS_ENV") == "production":
            raise ImproperlyConfigured(
                f"Production has no key {name!r}; keys are never made in passing there. "
                "Run manage.py make_keys once, and keep a copy of the folder where the database is not."
            )
        make_key(folder, name)
    return path.read_bytes()


def make_key(folder: Path, name: str) -> bool:
    """Make a secret unless it is there: 32 random bytes, mode 600, folder mode 700. False: it was there.

    The link makes two processes that start together agree on one secret.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = folder / f".{name}.{secrets.token_hex(8)}"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as handle:
        handle.write(secrets.token_bytes(32))
    try:
        os.link(draft, folder / name)
    except FileExistsError:
        return False
    finally:
        draft.unlink()
    return True


def database_settings(url: str) -> dict[str, object]:
    """Django's DATABASES entry for `postgresql://user:password@host:port/name?host=/socket/folder`."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured(f"A database URL must begin with postgresql://, not {parts.scheme}://.")
    options = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", parts.hostname or ""),
        "PORT": str(parts.port or options.pop("port", "")),
        "OPTIONS": options,
        "CONN_MAX_AGE": 0,
    }
