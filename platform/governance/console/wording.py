"""Numbers, names and durations in words that a tired reader understands."""

import math
from datetime import datetime

from django.utils import timezone

from governance.people.models import User

ROLES = {
    "privacy_officer": "a privacy officer",
    "operator": "an operator",
    "approver": "an approver",
    "auditor": "an auditor",
    "machine_client": "a machine client",
    "worker": "a worker",
    "tick": "Obelus",
    "system": "Obelus",
}
RUNGS = {
    "retrained": "Retrained without the records",
    "unlearned_certified": "Unlearned, with a certificate",
    "unlearned_approximately": "Unlearned, shown by attack only",
    "filtered": "Filtered (interim)",
}
EXACT_STEPS = {
    "drop": "Drop the adapters that alone learned the records",
    "retrain_adapter": "Train anew the adapters that alone learned the records, without them",
}
ROUTES = {
    "certified.delete": "Delete by noisy steps, with a certificate",
    "approximate": "Unlearn without a proof, and let an attack decide",
    "retrain": "Retrain without the records",
    "withdraw": "Withdraw the model",
}


def name_of(user: User | None, role: str = "") -> str:
    if user is None:
        return ROLES.get(role, role.replace("_", " ") or "nobody")
    return user.get_full_name() or user.get_username()


def listed(names: list[str], last: str = "and") -> str:
    """'Ann', 'Ann and Ben', 'Ann, Ben and Cleo'."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {last} {names[-1]}"


def short(ref: str) -> str:
    """A reference or digest short enough for a line; the whole of it stays in the title and the address."""
    if ref.startswith("sha256:"):
        return f"sha256:{ref[7:15]}…"
    prefix, _, rest = ref.partition("_")
    return f"{prefix}_{rest[:8]}" if len(rest) > 8 else ref


PURPOSES = {
    "none": "itself",
    "train": "training",
    "unlearn": "unlearning",
    "retrain": "retraining",
    "reference": "a retrained reference",
    "verify": "verification",
    "qualify": "a qualification",
}


def regime_words(law: str, version: int) -> str:
    return f"{law.replace('_', ' ').upper()}, version {version}"


def duration(seconds: float) -> str:
    if seconds < 1:
        return "under a second"
    if seconds < 90:
        return f"{round(seconds)} s"
    if seconds < 90 * 60:
        return f"{round(seconds / 60)} min"
    if seconds < 36 * 3600:
        return f"{seconds / 3600:.1f} h"
    return f"{round(seconds / 86400)} days"


def ago(at: datetime | None) -> str:
    if at is None:
        return "never"
    return f"{duration(max(0.0, (timezone.now() - at).total_seconds()))} ago"


def plain_number(value: float) -> str:
    """Three digits, without an exponent where none is needed."""
    if value == 0 or 0.001 <= abs(value) < 100_000:
        return f"{value:,.2f}" if abs(value) < 100 else f"{value:,.0f}"
    return f"{value:.1e}".replace("e-0", "e-").replace("e+0", "e")


def delta_words(delta: float) -> str:
    return f"{delta:g}".replace("e-0", "e-")


# Above this the odds may differ more than a millionfold; a number that reads like a promise would mislead.
NOTHING_PROMISED = 14.0


def epsilon_words(epsilon: float | None, delta: float | None) -> str:
    """'epsilon 0.50 at delta 1e-5: ...', or what it means that there is no number."""
    if epsilon is None:
        return "no bound: nothing is promised here."
    if epsilon == 0 and not delta:
        return "epsilon 0: the model never held the records."
    if epsilon > NOTHING_PROMISED:
        return f"epsilon {plain_number(epsilon)} at delta {delta_words(delta or 0)}: so large that it promises nothing."
    odds = math.exp(epsilon)
    chance = f"{round(1 / delta):,}" if delta else "infinity"
    factor = f"{odds:.2f}" if odds < 100 else f"{odds:,.0f}"
    return (
        f"epsilon {plain_number(epsilon)} at delta {delta_words(delta or 0)}: whatever is concluded from the model, "
        f"the odds with and without this person's data differ by a factor of at most {factor}, "
        f"save with a chance of 1 in {chance}."
    )
