"""Run as a script between the supervisor and a server: die with the parent, step down from root, become the program.

    python -I -S child.py PARENT_PID SIGNAL same|nobody PROGRAM ARGS...

A script of its own, not a preexec_fn: the supervisor has threads, and Python code between fork and exec may
deadlock in their locks. The order matters: entering a user namespace may clear the death signal, so that is set
last; and a parent that died before it was set would never be noticed, so its number is compared afterwards.
"""

import ctypes
import os
import sys

CLONE_NEWUSER = 0x10000000
PR_SET_PDEATHSIG = 1
NOBODY = 65534
EXIT_PARENT_GONE, EXIT_NO_NAMESPACE, EXIT_NOT_EXECUTABLE, EXIT_NOT_FOUND = 75, 77, 126, 127


def main(arguments: list[str]) -> None:
    """Become the program; on any failure leave with a code that says which step it was."""
    parent, number, as_whom, *command = arguments
    libc = ctypes.CDLL(None, use_errno=True)
    if as_whom == "nobody":
        _become_nobody(libc)
    if libc.prctl(PR_SET_PDEATHSIG, int(number), 0, 0, 0) != 0:
        _leave(EXIT_NOT_EXECUTABLE, f"prctl: {os.strerror(ctypes.get_errno())}")
    if os.getppid() != int(parent):
        _leave(EXIT_PARENT_GONE, "the supervisor is gone")
    try:
        os.execvp(command[0], command)  # noqa: S606 - no shell is the point
    except FileNotFoundError:
        _leave(EXIT_NOT_FOUND, f"{command[0]}: no such command")
    except OSError as error:
        _leave(EXIT_NOT_EXECUTABLE, f"{command[0]}: {error.strerror}")


def _become_nobody(libc: ctypes.CDLL) -> None:
    """Enter a user namespace in which our own number reads 65534: PostgreSQL refuses to run as 0.

    The same as `unshare --user --map-user=65534`: no user is added, no file changes its owner, and root
    outside still owns everything.
    """
    outside = os.geteuid()
    if libc.unshare(CLONE_NEWUSER) != 0:
        _leave(EXIT_NO_NAMESPACE, f"unshare: {os.strerror(ctypes.get_errno())}")
    try:
        with open("/proc/self/uid_map", "w") as mapping:
            mapping.write(f"{NOBODY} {outside} 1")
    except OSError as error:
        _leave(EXIT_NO_NAMESPACE, f"uid_map: {error.strerror}")


def _leave(code: int, message: str) -> None:
    print(f"obelus: {message}", file=sys.stderr, flush=True)
    os._exit(code)


if __name__ == "__main__":
    main(sys.argv[1:])
