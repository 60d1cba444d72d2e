"""Seed the house into the environment's database and say what a visitor needs: `python -m tests.console.seeding`.

With an argument it says how many people each snapshot holds (569 for the picture in the README).
"""

import json
import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "governance.settings")
    import django

    django.setup()
    from tests.console.world import build

    world = build(patients=int(sys.argv[1]) if len(sys.argv) > 1 else 24)
    rows = {
        "plan": world.gate_plan,
        "running_plan": world.running_plan,
        "job": world.running_job,
        "dead_job": world.dead_job,
        "release": world.release,
        "model": world.tumour,
        "digits": world.digits,
        "sentinels": world.sentinels,
        "tried": world.tried,
        "trying": world.trying,
        "base": world.base,
        "dataset": world.tumour.dataset if world.tumour else None,
        **world.requests,
    }
    refs = {name: row.ref for name, row in rows.items() if row is not None}
    json.dump({"passwords": world.passwords, "refs": refs}, sys.stdout)


if __name__ == "__main__":
    main()
