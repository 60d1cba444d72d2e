"""House style that a machine can check: a file or a function this long holds more than one idea."""

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("platform", "workers", "unlearning", "tests", "benchmarks", "demo")
LONGEST_FILE_LINES = 400
LONGEST_FUNCTION_LINES = 60


def sources() -> list[Path]:
    """Every Python file of ours but for migrations, which Django writes."""
    found = [ROOT / "manage.py", *(path for name in FOLDERS for path in (ROOT / name).rglob("*.py"))]
    return sorted(path for path in found if "migrations" not in path.parts)


def functions_of(path: Path) -> list[tuple[str, int]]:
    found = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)]
    return [(node.name, (node.end_lineno or node.lineno) - node.lineno + 1) for node in found]


def test_no_file_has_grown_past_one_idea() -> None:
    lengths = {path: len(path.read_text().splitlines()) for path in sources()}
    long = [
        f"{path.relative_to(ROOT)}: {lines} lines" for path, lines in lengths.items() if lines >= LONGEST_FILE_LINES
    ]
    assert len(lengths) > 100, "the sources were not found"
    assert long == [], f"split by idea, each file under {LONGEST_FILE_LINES} lines: {long}"


def test_no_function_has_grown_past_one_thought() -> None:
    long = [
        f"{path.relative_to(ROOT)}: {name} has {lines} lines"
        for path in sources()
        for name, lines in functions_of(path)
        if lines >= LONGEST_FUNCTION_LINES
    ]
    assert long == [], f"split it, each function under {LONGEST_FUNCTION_LINES} lines: {long}"
