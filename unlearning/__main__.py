"""`python -m unlearning run JOB_DIR` does a job; `python -m unlearning account LEDGER --delta D` prices a ledger;
`python -m unlearning audit` attacks the certificates; `python -m unlearning pack FOLDER FILE` makes one file of a
Hugging Face folder."""

from __future__ import annotations

import sys
from pathlib import Path

_USAGE = f"usage: {__doc__}"
EXIT_USAGE = 2


def main(arguments: list[str] | None = None) -> int:
    """Hand over to the command that is named first; returns its exit code."""
    command, *rest = arguments if arguments is not None else sys.argv[1:] or [""]
    if command == "run" and len(rest) == 1 and not rest[0].startswith("-"):
        return _run(Path(rest[0]))
    if command == "account":
        from unlearning.accounting.command import account_command

        return account_command(rest)
    if command == "audit":
        from unlearning.audit.command import audit_command

        return audit_command(rest)
    if command == "pack" and len(rest) == 2 and not any(name.startswith("-") for name in rest):
        from unlearning.language.pack_command import pack_command

        return pack_command(Path(rest[0]), Path(rest[1]))
    print(_USAGE, file=sys.stderr)
    return EXIT_USAGE


def _run(folder: Path) -> int:
    from unlearning.runner.followers import follow_folder, follows
    from unlearning.runner.run import run_folder

    return follow_folder(folder) if follows() else run_folder(folder)


if __name__ == "__main__":
    sys.exit(main())
