"""The accountant must run in an auditor's bare Python, inside one zipapp."""

import subprocess
import sys

PROBE = """
import sys
before = set(sys.modules)
import unlearning.accounting, unlearning.accounting.command
loaded = {name.partition(".")[0] for name in set(sys.modules) - before} - {"unlearning"}
print(sorted(loaded - set(sys.stdlib_module_names)))
"""


def test_the_accountant_imports_the_standard_library_and_nothing_else() -> None:
    answer = subprocess.run([sys.executable, "-c", PROBE], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
