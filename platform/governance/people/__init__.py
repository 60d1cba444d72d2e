"""People with roles and machine clients with scopes."""
