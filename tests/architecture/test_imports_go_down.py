"""What import-linter's list of names cannot say, and proof that what it does say can fail."""

import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# One breach for each contract of pyproject.toml: the file it is planted in, and the import.
BREACHES = {
    "unlearning knows torch, and nothing of the platform": ("unlearning/noop.py", "import django"),
    "unlearning.accounting stands alone": ("unlearning/accounting/gdp.py", "import numpy"),
    "unlearning.catalog does not reach torch": ("unlearning/parameters/shapes.py", "import torch"),
    "of unlearning, the platform imports": ("workers/tasks.py", "import unlearning.noop"),
    "governance never knows who does the work": ("platform/governance/tick.py", "import workers.stopping"),
    "neither the web nor the worker reaches torch": ("platform/governance/ids.py", "import torch"),
    "evidence stands on cryptography": ("platform/evidence/merkle.py", "import numpy"),
    "HTTP on top of services": ("platform/governance/api/problems.py", "import governance.console"),
    "no service knows HTTP": ("platform/governance/jobs/services.py", "import rest_framework"),
    "models know no service": ("platform/governance/jobs/models.py", "import governance.jobs.services"),
}


def imports_of(folder: Path) -> Iterator[tuple[Path, str]]:
    for path in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                yield from ((path, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and not node.level:
                yield path, str(node.module)


def foreign(folder: Path, *, own: str, allowed: tuple[str, ...]) -> list[str]:
    """Imports that are neither the package's own, nor the standard library's, nor allowed."""
    wanted = (own, *allowed)
    return [
        f"{path.relative_to(ROOT)} imports {name}"
        for path, name in imports_of(folder)
        if name.split(".")[0] not in sys.stdlib_module_names
        and not any(name == good or name.startswith(f"{good}.") for good in wanted)
    ]


def test_evidence_needs_the_standard_library_cryptography_and_the_accounting_only() -> None:
    allowed = ("cryptography", "unlearning.accounting")
    assert foreign(ROOT / "platform" / "evidence", own="evidence", allowed=allowed) == []


def test_the_accounting_needs_the_standard_library_only() -> None:
    assert foreign(ROOT / "unlearning" / "accounting", own="unlearning.accounting", allowed=()) == []


def test_the_embedded_servers_need_the_standard_library_only() -> None:
    folder = ROOT / "platform" / "governance" / "embedded"
    assert foreign(folder, own="governance.embedded", allowed=()) == []


def test_no_code_touches_the_import_path() -> None:
    """One editable install is the one mechanism (docs/decisions/0001)."""
    folders = [ROOT / name for name in ("platform", "workers", "unlearning")]
    sources = [path for folder in folders for path in folder.rglob("*.py")]
    assert [str(path.relative_to(ROOT)) for path in sources if "sys.path" in path.read_text()] == []


@pytest.fixture(scope="module")
def breached(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What import-linter says of a copy of the code in which every contract is broken once."""
    copy = tmp_path_factory.mktemp("breached")
    ignored = shutil.ignore_patterns("__pycache__", "*.pyc")
    for name in ("platform", "workers", "unlearning"):
        shutil.copytree(ROOT / name, copy / name, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", copy)
    for file, planted in BREACHES.values():
        with (copy / file).open("a") as handle:
            handle.write(f"\n{planted}\n")
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-logo", "--no-cache"]
    environment = {**os.environ, "PYTHONPATH": f"{copy}:{copy / 'platform'}", "COLUMNS": "200"}
    done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("contract", BREACHES)
def test_a_breach_of_a_contract_is_seen(contract: str, breached: str) -> None:
    assert any(line.startswith(contract) and "BROKEN" in line for line in breached.splitlines()), breached
