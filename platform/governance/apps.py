from django.apps import AppConfig
from django.db.models.signals import post_migrate

from governance.grants import grant_to_app


class GovernanceConfig(AppConfig):
    name = "governance"

    def ready(self) -> None:
        # Fires once per migrated app; the last app's signal sees every table.
        post_migrate.connect(grant_to_app, dispatch_uid="governance.grants")
