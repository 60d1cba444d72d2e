"""The packs known when this was written; `manage.py install_packs` brings later ones."""

import json
from typing import Any

from django.db import migrations

from governance.intake.packs import FILE, install


def forward(apps: Any, schema_editor: Any) -> None:
    packs = [pack for pack in json.loads(FILE.read_text())["packs"] if pack["version"] == 1]
    install(packs, apps.get_model("intake", "RegimePack"), using=schema_editor.connection.alias)


class Migration(migrations.Migration):
    dependencies = [("intake", "0002_initial")]
    operations = [migrations.RunPython(forward, migrations.RunPython.noop)]
