"""Django's door. The path is set by the editable install alone (docs/decisions/0001)."""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "governance.settings")
    execute_from_command_line(sys.argv)
