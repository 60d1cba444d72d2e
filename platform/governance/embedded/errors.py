"""One class per remedy; each carries the exit code of `python -m governance.embedded`."""

EXIT_USAGE = 64
EXIT_UNAVAILABLE = 69
EXIT_ALREADY_RUNNING = 73


class EmbeddedError(RuntimeError):
    """The embedded servers cannot run; the message ends with what to do."""

    exit_code = EXIT_UNAVAILABLE


class AlreadyRunningError(EmbeddedError):
    """Another supervisor holds this folder."""

    exit_code = EXIT_ALREADY_RUNNING


class IncompleteOutsideError(EmbeddedError):
    """Only a part of an outside server's addresses was given."""

    exit_code = EXIT_USAGE


class BinariesMissingError(EmbeddedError):
    """A server's program is not installed, or cannot run on this system."""


class RootRefusedError(EmbeddedError):
    """PostgreSQL will not run as root, and this system does not let us step down."""


class FolderUnusableError(EmbeddedError):
    """The folder for data, keys or sockets cannot be used as it is."""


class DataUnusableError(EmbeddedError):
    """The database folder belongs to another version, or its keys are gone."""


class StartFailedError(EmbeddedError):
    """A server ended before it was ready, or was not ready in time."""


class KeepsDyingError(EmbeddedError):
    """A server died more often than the cap on restarts allows."""
