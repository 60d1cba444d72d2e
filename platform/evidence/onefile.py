"""Build the verifier as one file: `python -m evidence.onefile build/obelus-verifier.pyz`.

It holds `evidence` and `unlearning.accounting`, is the same byte for byte from the same sources, and needs only
Python 3.11 and `cryptography`: `python obelus-verifier.pyz verify BUNDLE --trust FILE`.
"""

from __future__ import annotations

import sys
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from evidence.container import pack

_START = b"""import sys

try:
    import cryptography
except ImportError:
    sys.exit("expected the Python package cryptography, found none; install it (pip install cryptography)")

from evidence.__main__ import main

sys.exit(main())
"""


def build(target: Path) -> Path:
    """Write the single file and give its path back; folders on the way are made. Raises: OSError."""
    # `unlearning/__init__.py` stays empty: the verifier must not pull in the engines beside the accountant.
    members = {"__main__.py": _START, "unlearning/__init__.py": b""}
    members |= _sources(files("evidence"), "evidence")
    members |= _sources(files("unlearning").joinpath("accounting"), "unlearning/accounting")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(pack(members))
    return target


def _sources(folder: Traversable, name: str) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for item in folder.iterdir():
        if item.is_dir() and item.name != "__pycache__":
            found |= _sources(item, f"{name}/{item.name}")
        elif item.is_file() and item.name.endswith((".py", ".json")):
            found[f"{name}/{item.name}"] = item.read_bytes()
    return found


if __name__ == "__main__":
    print(build(Path(sys.argv[1] if len(sys.argv) > 1 else "build/obelus-verifier.pyz")))
