"""Who acts here: people with roles, and machine clients with scopes. No account exists by default."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from oauth2_provider.models import AbstractApplication

from governance.ids import ref_maker


class Role(models.TextChoices):
    PRIVACY_OFFICER = "privacy_officer", "Privacy officer"
    OPERATOR = "operator", "Operator"
    APPROVER = "approver", "Approver"
    AUDITOR = "auditor", "Auditor"


class User(AbstractUser):
    """A person. People, not roles, make four eyes."""

    ref = models.CharField(max_length=64, unique=True, default=ref_maker("usr"), editable=False)
    roles = models.JSONField(default=list, help_text="Any of privacy_officer, operator, approver, auditor")

    def has_role(self, *roles: str) -> bool:
        return self.is_active and any(role in self.roles for role in roles)


class MachineClient(AbstractApplication):
    """A machine that submits requests; it can never be granted more than its own scopes."""

    allowed_scopes = models.JSONField(default=list)
