"""Fixing policies, and writing verdicts down."""

from typing import Any

from django.db import transaction

from evidence.canonical import as_hashed, digest_json
from governance.actors import Actor
from governance.audit.models import Event
from governance.audit.services import append
from governance.errors import Invalid
from governance.verification.models import Policy
from governance.verification.policies import faults
from governance.verification.policy_sense import nonsense


@transaction.atomic
def fix_policy(*, name: str, body: dict[str, Any], actor: Actor) -> Policy:
    """Fix the next version of a policy. It is logged before anything can run under it.

    Raises:
        Invalid: the body does not fit the policy's schema, or its parts each other; every fault is listed.
    """
    if found := faults(body) or nonsense(body):
        raise Invalid("The policy does not fit: " + "; ".join(found), code="bad_policy")
    body = as_hashed(body)
    digest = digest_json(body)
    same: Policy | None = Policy.objects.filter(digest=digest).first()
    if same is not None:
        return same
    version = Policy.objects.filter(name=name).count() + 1
    policy = Policy.make(name=name, version=version, body=body, digest=digest)
    append(Event.POLICY_FIXED, thread=policy.ref, actor=actor, body={"policy": digest, "version": version})
    return policy
