"""What a machine may ask for. A client can never be granted, nor mint a client with, more than its own scopes."""

from typing import Any

from oauth2_provider.oauth2_validators import OAuth2Validator
from oauth2_provider.scopes import BaseScopes

SCOPES = {
    "requests:write": "Submit erasure requests",
    "requests:read": "Read the erasure requests this client submitted",
    "lineage:write": "Register datasets, snapshots, models and checkpoints",
    "lineage:read": "Read lineage",
    "deployments:report": "Report which digest a deployment has loaded",
    "log:read": "Read signed tree heads and proofs",
}


class ClientScopes(BaseScopes):  # type: ignore[misc]
    def get_all_scopes(self) -> dict[str, str]:
        return SCOPES

    def get_available_scopes(
        self, application: Any = None, request: Any = None, *args: Any, **kwargs: Any
    ) -> list[str]:
        return [scope for scope in application.allowed_scopes if scope in SCOPES] if application else []

    def get_default_scopes(self, application: Any = None, request: Any = None, *args: Any, **kwargs: Any) -> list[str]:
        return self.get_available_scopes(application, request)


class ClientCredentialsOnly(OAuth2Validator):  # type: ignore[misc]
    """Machines only: no implicit, password, code or refresh grant exists here."""

    def validate_grant_type(
        self, client_id: str, grant_type: str, client: Any, request: Any, *args: Any, **kwargs: Any
    ) -> bool:
        own: str = client.authorization_grant_type
        return grant_type == "client_credentials" and own == client.GRANT_CLIENT_CREDENTIALS
