"""Django's door. The path is set by the editable install alone (docs/decisions/0001)."""

import os
import sys
from pathlib import Path

from django.core.management import execute_from_command_line

from governance.env import require_house

if __name__ == "__main__":
    require_house(sys.argv, root=Path(__file__).resolve().parent)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "governance.settings")
    execute_from_command_line(sys.argv)
