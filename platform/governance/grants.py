"""What the application's database role may do: everything on ordinary tables, INSERT and SELECT on append-only ones.

Runs after every migration, as the owner. No role is ever granted TRUNCATE (docs/decisions/0003).
"""

from typing import Any

from django.apps import apps
from django.db import connections

APP_ROLE = "obelus_app"


def grant_to_app(using: str = "owner", **kwargs: Any) -> None:
    if using != "owner":
        return
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT current_user, to_regrole(%s)", [APP_ROLE])
        owner, role = cursor.fetchone()
        if role is None or owner == APP_ROLE:
            return
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {APP_ROLE}")
        cursor.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {APP_ROLE}")
        cursor.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {APP_ROLE}")
        cursor.execute(f"REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {APP_ROLE}")
        for table in append_only_tables():
            cursor.execute(f'REVOKE UPDATE, DELETE ON "{table}" FROM {APP_ROLE}')


def append_only_tables() -> list[str]:
    return sorted(m._meta.db_table for m in apps.get_models() if getattr(m, "append_only", False))
