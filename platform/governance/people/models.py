"""Who acts here: people with roles, and machine clients with scopes. No account exists by default."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.crypto import salted_hmac
from oauth2_provider.models import AbstractApplication

from governance.ids import ref_maker


class Role(models.TextChoices):
    PRIVACY_OFFICER = "privacy_officer", "Privacy officer"
    OPERATOR = "operator", "Operator"
    APPROVER = "approver", "Approver"
    AUDITOR = "auditor", "Auditor"


class User(AbstractUser):  # type: ignore[django-manager-missing]
    """A person. People, not roles, make four eyes."""

    ref = models.CharField(max_length=64, unique=True, default=ref_maker("usr"), editable=False)
    roles = models.JSONField(default=list, help_text="Any of privacy_officer, operator, approver, auditor")

    def has_role(self, *roles: str) -> bool:
        return self.is_active and any(role in self.roles for role in roles)

    def _get_session_auth_hash(self, secret: str | bytes | None = None) -> str:
        """Django's own hash covers the password; with the roles in it a session also ends when they change."""
        password_part: str = super()._get_session_auth_hash(secret=secret)  # type: ignore[misc]
        value = f"{password_part} {sorted(self.roles)}"
        return salted_hmac("governance.people.session", value, secret=secret, algorithm="sha256").hexdigest()


class MachineClient(AbstractApplication):  # type: ignore[misc]
    """A machine that submits requests; it can never be granted more than its own scopes."""

    allowed_scopes = models.JSONField(default=list)
