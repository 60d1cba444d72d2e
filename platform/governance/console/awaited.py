"""The form of an answer to "what does it wait for?", and the commands it may name."""

from dataclasses import dataclass

NOBODY = "nobody"
WORKER_COMMAND = "celery -A workers.app worker -P threads"
TICK_COMMAND = "manage.py tick"


@dataclass(frozen=True)
class Waiting:
    """Who must move next, why, and a shell command where one helps. `on` is 'nobody' when nothing is awaited."""

    on: str
    why: str
    command: str | None = None

    @property
    def over_http(self) -> bool:
        """Whether the command is a call of the API and nothing for a shell."""
        return (self.command or "").startswith("POST ")

    @property
    def is_over(self) -> bool:
        return self.on == NOBODY
