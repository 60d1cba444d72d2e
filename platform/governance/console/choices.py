"""What can be chosen in the console's small forms, from the closed lists that the services go by."""

from django.db.models import QuerySet

from evidence.unproved_families import FAMILIES
from governance.intake.grounds import GROUNDS, METHODS, allowed_now
from governance.jobs.recipe_plans import wishes_of
from governance.lineage.models import Snapshot, TrainedModel, TrainingRun
from governance.verification.models import Policy, SentinelSet
from governance.verification.recipes import is_one_method

Options = list[tuple[str, str]]


def methods(_status: str) -> Options:
    return list(METHODS.items())


def grounds(status: str) -> Options:
    """The grounds that may be given in this state; all of them for a batch of many states."""
    return [(key, words) for key, words in GROUNDS.items() if not status or key in allowed_now(status)]


def newest_policies() -> list[Policy]:
    return list({policy.name: policy for policy in Policy.objects.order_by("name", "version")}.values())


def policies(_status: str) -> Options:
    """The newest version of every policy, by name."""
    return [(policy.ref, f"{policy.name}, version {policy.version}") for policy in newest_policies()]


def recipe_policies() -> Options:
    """Those that name a method of unlearning without a proof, with the method."""
    found = [policy for policy in newest_policies() if is_one_method(policy)]
    return [
        (policy.ref, f"{policy.name}, version {policy.version}: {wishes_of(policy)[0]['method']}") for policy in found
    ]


def trainable() -> Options:
    """Models of which a fresh one can be trained here for a trial."""
    found = TrainedModel.objects.filter(engine__in=list(FAMILIES), withdrawn_at=None).order_by("name")
    return [(model.ref, model.name) for model in found]


def snapshots_untrained() -> Options:
    """Versions of the data that no model here was trained on; whether their rows are public, a person says."""
    trained = TrainingRun.objects.exclude(snapshot=None).values("snapshot")
    return worded(Snapshot.objects.filter(destroyed_at=None).exclude(pk__in=trained))


def snapshots_with_planted() -> Options:
    return worded(Snapshot.objects.filter(destroyed_at=None, members__record__planted=True).distinct())


def worded(rows: QuerySet[Snapshot]) -> Options:
    found = rows.select_related("dataset").order_by("-id")
    return [(row.ref, f"{row.dataset.name}: {row.rows} rows, {row.created_at:%-d %b %Y, %H:%M}") for row in found]


def sentinel_kinds(_status: str) -> Options:
    return list(SentinelSet.Kind.choices)
