"""Bases: language models that others taught, for models here to start from.

A base is an input of every training on it and nobody's rows here are in it, as whoever registers it declares. Whom it
knew before is not known to this house, and no certificate covers it. What was taught here is refused: somebody whose
rows are in it could ask to leave, and no training on top of it would answer.
"""

import shutil
import tempfile
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction

from evidence.canonical import digest_json
from evidence.manifest import manifest_of_folder
from governance.actors import Actor
from governance.audit.models import Event
from governance.audit.services import append
from governance.errors import Conflict, Destroyed, Invalid, NotCertifiable
from governance.ids import new_ref
from governance.jobs.models import Job
from governance.lineage.models import Base, Checkpoint, Dataset, TrainedModel
from governance.lineage.packed_file import packed_document
from governance.objects.destruction import discard_pending
from governance.objects.files import writing
from governance.objects.models import ObjectPart, StoredObject
from governance.objects.store import hold, put_folder, was_destroyed

INPUT = "base"
PACKED = "model.safetensors"
LONGEST_SOURCE = 500
LONGEST_NAME = 120
# Sizes of a model from random weights: a base has its own.
SIZES = ("preset", "width", "layers", "heads", "vocabulary")


def register_base(
    *, name: str, file: Path, source: str, actor: Actor, learned_from: list[Dataset] | None = None
) -> Base:
    """Take in a base: one packed file (`python -m unlearning pack FOLDER FILE` makes it of a Hugging Face folder).

    source: whose it is and which version, in words that a certificate can repeat. learned_from: datasets of this house
    that it is known to have learned from; there may be none.

    Raises:
        Invalid: bad_base: no packed file, or one with adapters; bad_name; source_missing.
        NotCertifiable: base_taught_here: it is a checkpoint of this house, came of one of its jobs, or learned from its
        datasets; base_retracted: it was a base, and was found to be taught here. Conflict: name_taken, base_known.
        StorageFull: no room, or (storage_unwritable) no folder that may be written to; nothing is kept.
        Destroyed: these weights were destroyed here.
    """
    document = packed_document(file)
    if not 1 <= len(name.strip()) <= LONGEST_NAME:
        raise Invalid(
            f"Expected a name of 1 to {LONGEST_NAME} characters, got {len(name.strip())}.",
            code="bad_name",
            remedy="Give the base a shorter name of its own.",
        )
    if not source.strip() or len(source) > LONGEST_SOURCE:
        raise Invalid(
            f"A base needs its source in 1 to {LONGEST_SOURCE} characters.",
            code="source_missing",
            remedy="Say whose model it is and which version, as at the place where you took it from.",
        )
    refuse_datasets(learned_from or [])
    with writing("the base"), tempfile.TemporaryDirectory(prefix="obelus-") as folder:
        shutil.copyfile(file, Path(folder) / PACKED)
        refuse_known(Path(folder))
        return store(Path(folder), name.strip(), source.strip(), str(document["config"]["model_type"]), actor)


def refuse_datasets(datasets: list[Dataset]) -> None:
    if datasets:
        raise taught_here(f"It learned from {', '.join(dataset.ref for dataset in datasets)}")


def taught_here(why: str) -> NotCertifiable:
    return NotCertifiable(
        f"{why}: people whose rows are in a base could ask to leave, and what is trained on top would keep them.",
        code="base_taught_here",
        remedy="Start from a base that learned from nobody here; or take it in as a checkpoint from elsewhere, which "
        "can be retrained.",
    )


def refuse_known(folder: Path) -> None:
    """Bytes that this house knows as something else do not come in under the name of a base."""
    manifest = manifest_of_folder(folder)
    whole, part = digest_json(manifest), manifest["files"][0]["digest"]
    if (base := Base.objects.filter(object_digest=whole).first()) is not None:
        if base.status != Base.Status.REGISTERED:
            raise retracted(base)
        raise Conflict(f"These weights are base {base.ref} already.", code="base_known", remedy="Name that one.")
    known = [whole, *ObjectPart.objects.filter(file__digest=part).values_list("folder__digest", flat=True)]
    if Checkpoint.objects.filter(object_digest__in=known).exists():
        raise taught_here("These weights are a checkpoint of this house")
    # Retrained references, and candidates that were given up, learned from people here too and are no checkpoints.
    if Job.objects.filter(weights__in=known).exists():
        raise taught_here("These weights came of a job of this house")
    if StoredObject.objects.filter(digest__in=[whole, part], status=StoredObject.Status.DESTROYED).exists():
        raise destroyed_here()


def destroyed_here() -> Destroyed:
    return Destroyed("These very weights were destroyed here.", remedy="Start from another base.")


def store(folder: Path, name: str, source: str, architecture: str, actor: Actor) -> Base:
    """Object, row and entry; on any failure the half-stored object goes too."""
    ref = new_ref("base")
    try:
        digest = put_folder(folder, owner=ref)
        if was_destroyed(digest):  # while this waited for the same bytes to be shredded
            raise destroyed_here()
        with transaction.atomic():
            base = written(ref=ref, name=name, object_digest=digest, source=source, architecture=architecture)
            hold(digest)
            # Somebody's own words do not go into a log that is never erased.
            body = {"base": ref, "weights": digest, "source": digest_json(source)}
            append(Event.BASE_REGISTERED, thread=ref, actor=actor, body=body)
    except BaseException:
        discard_pending(ref, 0)
        raise
    return base


def written(*, name: str, **fields: Any) -> Base:
    try:
        with transaction.atomic():
            return Base.objects.create(name=name, **fields)
    except IntegrityError as error:
        raise Conflict("There is already a base of that name.", code="name_taken") from error


def base_input(base: Base | None, *, engine: str, problem: dict[str, Any], tokenizer: object) -> dict[str, str]:
    """{"base": digest} for a model that starts from it; empty where it starts from random weights.

    Raises:
        Invalid: bad_base: an engine that takes none, sizes or a tokenizer beside it; base_missing: an adapter on none.
        NotCertifiable: base_retracted.
    """
    if base is None:
        if "adapter" in problem and engine.startswith("language."):
            raise Invalid(
                "An adapter stands on a base, and this model has none.",
                code="base_missing",
                remedy="Name a base that was registered (POST /api/v1/bases), or leave the adapter out.",
            )
        return {}
    require_standing({INPUT: base.object_digest})
    if not engine.startswith("language."):
        raise Invalid(f"Engine {engine!r} starts from no base.", code="bad_base", remedy="Leave it out.")
    if beside := [*sorted(set(SIZES) & set(problem)), *(["tokenizer"] if tokenizer else [])]:
        raise Invalid(
            f"Expected a base alone, got {', '.join(beside)} beside it.",
            code="bad_base",
            remedy="Leave them out: a base has its own sizes and tokenizer.",
        )
    return {INPUT: base.object_digest}


def base_of(public_inputs: dict[str, str]) -> Base | None:
    """The base that a model's trainings start from."""
    return Base.objects.filter(object_digest=public_inputs[INPUT]).first() if INPUT in public_inputs else None


def require_standing(public_inputs: dict[str, str]) -> None:
    """Before anything is queued that starts from a base, or is planned for a release that stands on one.

    Raises:
        NotCertifiable: base_retracted.
    """
    base = locked_base(public_inputs)
    if base is not None and base.status != Base.Status.REGISTERED:
        raise retracted(base)


def locked_base(public_inputs: dict[str, str]) -> Base | None:
    """The row, until commit: what was begun before a retraction is seen by it, what comes later sees it."""
    return Base.objects.select_for_update().filter(object_digest=public_inputs.get(INPUT, "")).first()


def retracted_base_of(model: TrainedModel) -> Base | None:
    """The base that a model stands on, where it was retracted."""
    base = base_of(model.public_inputs)
    return base if base is not None and base.status != Base.Status.REGISTERED else None


def retracted(base: Base) -> NotCertifiable:
    return NotCertifiable(
        f"Base {base.ref} was retracted: people of this house are in it, and no erasure would reach them there.",
        code="base_retracted",
        remedy="Withdraw the models that stand on it, and start new ones from another base.",
    )
