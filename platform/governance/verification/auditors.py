"""Who may know what would help those who decide: an auditor, and nobody who decides anything too."""

from governance.actors import Actor
from governance.errors import Forbidden
from governance.people.models import Role, User


def require_auditor(actor: Actor) -> User:
    """The person behind the actor, who must be an auditor and hold no other role.

    An officer who knew the sentinels would not meet them as people; an approver who had seen what was measured on
    erased rows could choose among releases by it.

    Raises:
        Forbidden: not_an_auditor.
    """
    user = actor.user
    if user is None or not user.has_role(Role.AUDITOR) or set(user.roles) != {Role.AUDITOR.value}:
        raise Forbidden(
            "This is for an auditor who holds no other role.",
            code="not_an_auditor",
            remedy="Ask a person whose only role is that of auditor.",
        )
    return user
