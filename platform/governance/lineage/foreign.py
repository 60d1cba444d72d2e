"""Models trained elsewhere: what is not known of them is listed, and refuses certification."""

import re
import tempfile
from pathlib import Path

from django.db import transaction

from evidence.canonical import digest_json
from evidence.manifest import manifest_of_files
from governance.actors import Actor
from governance.audit.models import Event
from governance.audit.services import append
from governance.errors import Conflict, Destroyed, Invalid
from governance.ids import new_ref
from governance.lineage.model_files import is_safe, looks_like
from governance.lineage.models import Base, Checkpoint, Dataset, TrainingRun
from governance.lineage.training import named
from governance.objects.destruction import discard_pending
from governance.objects.models import ObjectPart, StoredObject
from governance.objects.store import hold, put_folder, was_destroyed

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", re.ASCII)
LONGEST_GAP = 200


def register_foreign_checkpoint(
    *, name: str, dataset: Dataset | None, files: dict[str, bytes], gaps: list[str], actor: Actor
) -> Checkpoint:
    """Take in a model whose training was not seen here: safetensors, ONNX or XGBoost JSON, judged by content.

    Its model's engine is `recipe`: the way to erase anyone from it is to retrain.

    Raises:
        Invalid: no_files, bad_file_name, unsafe_model_file, gaps_missing. Conflict: name_taken, is_a_base. StorageFull.
        Destroyed: these weights were destroyed here; they do not come back by another door.
    """
    check_files(files)
    if not gaps or any(not gap.strip() or len(gap) > LONGEST_GAP for gap in gaps):
        raise Invalid(
            f"A model trained elsewhere has gaps in its lineage: name each in 1 to {LONGEST_GAP} characters.",
            code="gaps_missing",
            remedy='For example: "the version of the data it was trained on".',
        )
    refuse_destroyed(files)
    refuse_bases(files)
    with transaction.atomic(), tempfile.TemporaryDirectory(prefix="obelus-") as folder:
        for file_name, data in files.items():
            (Path(folder) / file_name).write_bytes(data)
        return store(Path(folder), name, dataset, gaps, actor)


def refuse_destroyed(files: dict[str, bytes]) -> None:
    """By the folder's digest and by each file's own: under another name, or beside others, they are the same weights.

    Every file taken in is a model (`check_files`), so none is a description that two models share.
    """
    manifest = manifest_of_files(files)
    digests = [digest_json(manifest), *(entry["digest"] for entry in manifest["files"])]
    if StoredObject.objects.filter(digest__in=digests, status=StoredObject.Status.DESTROYED).exists():
        raise destroyed_here()


def destroyed_here() -> Destroyed:
    return Destroyed("These very weights were destroyed here.", remedy="Retrain without the people who were erased.")


def refuse_bases(files: dict[str, bytes]) -> None:
    """A base is never destroyed: an erasure of a checkpoint with its bytes would be certified, and they would stay."""
    parts = [entry["digest"] for entry in manifest_of_files(files)["files"]]
    folders = ObjectPart.objects.filter(file__digest__in=parts).values("folder__digest")
    if (base := Base.objects.filter(object_digest__in=folders).first()) is not None:
        raise Conflict(
            f"These weights are base {base.ref}, which learned from nobody here, as was declared.",
            code="is_a_base",
            remedy="Register a model that starts from the base. If people of this house are in it after all, retract "
            f"it (POST /api/v1/bases/{base.ref}/retract).",
        )


def store(folder: Path, name: str, dataset: Dataset | None, gaps: list[str], actor: Actor) -> Checkpoint:
    """Object, rows and entries; on any failure the half-stored object goes too."""
    ref = new_ref("ckpt")
    try:
        digest = put_folder(folder, owner=ref)
        if was_destroyed(digest):  # while this waited for the same bytes to be shredded
            raise destroyed_here()
        with transaction.atomic():
            return write_down(ref, digest, name, dataset, gaps, actor)
    except BaseException:
        discard_pending(ref, 0)
        raise


def check_files(files: dict[str, bytes]) -> None:
    if not files:
        raise Invalid("The checkpoint has no files.", code="no_files", remedy="Send at least one model file.")
    for name, data in sorted(files.items()):
        if not NAME.fullmatch(name):
            raise Invalid(
                "A file name may hold letters, digits, dots, dashes and underscores only, and no folder.",
                code="bad_file_name",
                remedy="Rename the file.",
            )
        if not is_safe(data):
            raise Invalid(
                f"{name} is {looks_like(data)}; files that could run code when loaded are not taken in.",
                code="unsafe_model_file",
                remedy="Convert the model to safetensors, ONNX or XGBoost JSON where it was trained.",
            )


def write_down(ref: str, digest: str, name: str, dataset: Dataset | None, gaps: list[str], actor: Actor) -> Checkpoint:
    model = named(name, dataset=dataset, engine="recipe", gaps=gaps)
    run = TrainingRun.objects.create(model=model, snapshot=None, declared=True)
    checkpoint = Checkpoint.objects.create(ref=ref, model=model, run=run, object_digest=digest)
    hold(digest)
    about = {"model": model.ref, "dataset": dataset.ref if dataset else None, "gaps": len(gaps)}
    append(Event.MODEL_REGISTERED, thread=model.ref, actor=actor, body=about)
    body = {"checkpoint": ref, "model": model.ref, "weights": digest, "declared": True}
    append(Event.CHECKPOINT_REGISTERED, thread=ref, actor=actor, body=body)
    return checkpoint
