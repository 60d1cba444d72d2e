"""What documents and Makefile promise is there, and nothing in the repository knows the machine it was made on."""

import re
import subprocess
from pathlib import Path

import pytest
from django.core.management import get_commands

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
MAKEFILE = (ROOT / "Makefile").read_text()
TARGETS = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.M))
# A decision is one page, and says what it must.
PARTS = ("Context", "Decision", "Consequences", "What would change our mind")
FIRST_DECISIONS = sorted((ROOT / "docs" / "decisions").glob("000[1-7]-*.md"))


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_each_link_leads_somewhere(document):
    links = re.findall(r"\]\(([^)#]+)", document.read_text())
    inside = [link for link in links if not link.startswith("http")]
    assert [link for link in inside if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_each_command_that_a_document_names_exists(document):
    text = document.read_text()
    made = re.findall(r"(?:^ {4}|`)make ([a-z][a-z-]+)", text, re.M)
    managed = re.findall(r"manage\.py ([a-z_]+)", text)
    assert set(made) <= TARGETS
    assert set(managed) <= set(get_commands())


def test_every_target_describes_itself():
    described = set(re.findall(r"^([a-z-]+):.*## ", MAKEFILE, re.M))
    assert described == TARGETS
    assert {"setup", "test", "test-slow", "demo", "up", "help"} <= described


@pytest.mark.parametrize("decision", FIRST_DECISIONS, ids=name_of)
def test_a_decision_fills_one_page_with_its_four_parts(decision):
    text = decision.read_text()
    assert [part for part in PARTS if f"**{part}.**" not in text] == []
    assert len(text.splitlines()) < 50


def test_the_first_decisions_are_there():
    assert [path.name[:4] for path in FIRST_DECISIONS] == [f"000{number}" for number in range(1, 8)]


def test_the_repository_names_no_registry_but_pytorchs_and_no_machine():
    """A mirror's address or a home folder in a file would send everybody else to a place that is not theirs."""
    host = "[a-z0-9.-]*"
    forbidden = re.compile(rf"https?://{host}(?:pypi|pythonhosted|mirror|artifactory|nexus){host}|/(?:root|home)/\w")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    names = [name for name in listed.split("\0") if name and (ROOT / name).is_file()]
    found = [name for name in names if forbidden.search((ROOT / name).read_text(errors="replace"))]
    assert len(names) > 200
    assert set(found) <= {name_of(Path(__file__))}
