"""What rows refer to, and what is held although no row does: nothing would ever destroy it."""

from django.apps import apps

from governance.objects.models import ObjectPart, StoredObject

# By name, because these apps stand on the store and not the store on them.
REFERRING = (
    ("lineage.Snapshot", "object_digest"),
    ("lineage.Checkpoint", "object_digest"),
    ("lineage.Base", "object_digest"),
    ("jobs.Job", "weights"),
)


def referred_to() -> set[str]:
    """The digest of every object that a snapshot, a checkpoint or a job names, and of the files in its folders."""
    found: set[str] = set()
    for model, field in REFERRING:
        found.update(apps.get_model(model)._default_manager.values_list(field, flat=True))
    for spec in apps.get_model("jobs.Job")._default_manager.values_list("spec", flat=True).iterator():
        found.update(entry["digest"] for entry in spec["inputs"].values())
    for public in apps.get_model("lineage.TrainedModel")._default_manager.values_list("public_inputs", flat=True):
        found.update(public.values())
    parts = ObjectPart.objects.values_list("folder__digest", "file__digest")
    return found | {file for folder, file in parts if folder in found}


def is_a_base(digest: str) -> bool:
    """Whether these are the bytes of a public base: a model that lost every adapter is one, and its base stays.

    A retracted one stays as long as anything stands on it (releases.retraction ends it).
    """
    bases = apps.get_model("lineage.Base")._default_manager.filter(object_digest=digest)
    return bool(bases.exclude(status="destroyed").exists())


def held_for_nothing() -> list[str]:
    """Held objects that no row refers to: a second draw, or what a caller held and then lost. None may exist.

    The held ones are read first: whoever records a reference holds the object in the same transaction.
    """
    held = set(StoredObject.objects.filter(status=StoredObject.Status.HELD).values_list("digest", flat=True))
    return sorted(held - referred_to())
