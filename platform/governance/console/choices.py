"""What can be chosen in the console's small forms, from the closed lists that the services go by."""

from governance.intake.grounds import GROUNDS, METHODS, allowed_now
from governance.verification.models import Policy, SentinelSet

Options = list[tuple[str, str]]


def methods(_status: str) -> Options:
    return list(METHODS.items())


def grounds(status: str) -> Options:
    """The grounds that may be given in this state; all of them for a batch of many states."""
    return [(key, words) for key, words in GROUNDS.items() if not status or key in allowed_now(status)]


def policies(_status: str) -> Options:
    """The newest version of every policy, by name."""
    newest = {policy.name: policy for policy in Policy.objects.order_by("name", "version")}
    return [(policy.ref, f"{policy.name}, version {policy.version}") for policy in newest.values()]


def sentinel_kinds(_status: str) -> Options:
    return list(SentinelSet.Kind.choices)
