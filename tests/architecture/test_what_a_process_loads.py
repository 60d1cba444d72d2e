"""Fresh processes, because only they show what an import really brings along."""

import json
import os
import pkgutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WEB = "import os; os.environ['DJANGO_SETTINGS_MODULE'] = 'governance.settings'; import governance.wsgi, governance.urls"
WORKER = "import workers.app"


def loaded_by(program: str) -> set[str]:
    """The modules that a fresh interpreter holds after this program."""
    ending = "\nimport json, sys; print(json.dumps(sorted(sys.modules)))"
    command = [sys.executable, "-c", program + ending]
    done = subprocess.run(command, cwd=ROOT, env=os.environ, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]
    return set(json.loads(done.stdout.splitlines()[-1]))


def within(modules: set[str], *packages: str) -> list[str]:
    return sorted(m for m in modules if any(m == package or m.startswith(f"{package}.") for package in packages))


def engines_among(modules: set[str]) -> list[str]:
    """What is loaded of unlearning besides the two parts that the platform may use, and what these need."""
    doors = ("unlearning.catalog", "unlearning.parameters", "unlearning.accounting")
    rest = set(within(modules, "unlearning")) - {"unlearning"}
    return sorted(rest - set(within(modules, *doors)))


def test_import_platform_gives_the_standard_librarys_own() -> None:
    here = "import os, platform; assert os.path.dirname(platform.__file__) == os.path.dirname(os.__file__)"
    for before in ("import governance", "import unlearning"):
        assert "platform" in loaded_by(f"{before}; {here}; platform.machine()")


def test_the_source_root_platform_holds_no_python_file_of_its_own() -> None:
    assert list((ROOT / "platform").glob("*.py")) == []


def test_the_web_process_loads_neither_torch_nor_an_engine() -> None:
    modules = loaded_by(WEB)
    assert within(modules, "governance.wsgi", "governance.api.urls"), "the web process was not really loaded"
    assert within(modules, "torch", "safetensors", "sklearn", "workers") == []
    assert engines_among(modules) == []


def test_the_worker_loads_neither_torch_nor_an_engine() -> None:
    modules = loaded_by(WORKER)
    assert "workers.supervise" in modules, "the worker was not really loaded"
    assert within(modules, "torch", "safetensors", "sklearn") == []
    assert engines_among(modules) == []


def test_all_of_unlearning_loads_without_the_platform() -> None:
    import unlearning

    names = [found.name for found in pkgutil.walk_packages(unlearning.__path__, "unlearning.")]
    wanted = [name for name in names if not name.endswith("__main__")]
    assert "unlearning.certified.delete" in wanted
    modules = loaded_by(f"import importlib\nfor name in {wanted!r}: importlib.import_module(name)")
    assert set(wanted) <= modules
    assert within(modules, "django", "celery", "governance", "workers", "evidence") == []
