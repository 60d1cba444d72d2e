"""The first people of an empty house: one for each role, with random passwords in a file only the owner can read."""

import os
import secrets
from pathlib import Path

from django.db import transaction

from governance.people.models import Role, User
from governance.people.services import create_person

# Two approvers, because two different people approve a release and whoever confirmed its plan may not.
FIRST = {
    "officer": Role.PRIVACY_OFFICER,
    "operator": Role.OPERATOR,
    "approver-one": Role.APPROVER,
    "approver-two": Role.APPROVER,
    "auditor": Role.AUDITOR,
}
HEAD = """# Made when this house was first started. Give everybody their line, then delete this file.
# name password role
"""


@transaction.atomic
def make_first_people(path: Path) -> bool:
    """Create them if nobody exists yet, and write their passwords; says whether it did.

    The file is written before the commit: people whose passwords were lost would lock everybody out.
    """
    if User.objects.exists():
        return False
    lines = []
    for name, role in FIRST.items():
        _, password = create_person(username=name, roles=[role])
        lines.append(f"{name} {password} {role}\n")
    write_private(path, HEAD + "".join(lines))
    return True


def write_private(path: Path, text: str) -> None:
    """Put a file in place that nobody but its owner could ever read, not even while it was being written."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
        handle.write(text)
    draft.replace(path)
