"""Planting sentinels, naming those who shall ask to be erased, and showing the list in the end.

The holder of the list is an auditor; officers, operators and approvers meet sentinels as people (decision 0026).
"""

import re
import secrets
from typing import Any

from django.db import transaction
from django.utils import timezone

from evidence.canonical import digest_json
from governance.actors import Actor
from governance.audit.models import Event
from governance.audit.sealing import commit
from governance.audit.services import append
from governance.errors import Conflict, Invalid
from governance.ids import new_ref
from governance.lineage.identifiers import record_id, subject_index
from governance.lineage.models import Dataset, Record, Subject
from governance.verification.auditors import require_auditor
from governance.verification.sentinel_kinds import SentinelKind, kind_of
from governance.verification.sentinel_list import TWINS_EACH, Sentinel, make_list, seal_list, unseal_list
from governance.verification.sentinel_models import SentinelSet

FORMAT = "obelus/sentinels/1"
FEWEST, MOST = 8, 200
LEVEL = 0.05
# So many possible identifiers for each that is drawn: a guess should not hit a sentinel, nor a sentinel a person.
ROOM = 20


@transaction.atomic
def plant(
    *,
    dataset: Dataset,
    count: int,
    kind: str,
    like: str,
    actor: Actor,
    constants: dict[str, Any] | None = None,
    level: float = LEVEL,
) -> SentinelSet:
    """Draw `count` sentinels, seal the list, and commit to it in the trail; they join the dataset's next upload.

    `like` shows how identifiers here look, with # for each digit to be drawn: "patient-#####@clinic.example".
    `constants` are centres, scales and classes of features; those of the dataset's first model where they are left out.

    Raises:
        Forbidden: not_an_auditor. Invalid: bad_count, bad_likeness, bad_level, kind_not_drawn, bad_constants.
    """
    user, drawing = require_auditor(actor), kind_of(dataset)
    if kind not in SentinelSet.Kind.values or not 0 < level < 0.5:
        raise Invalid("A kind that is known and a level between 0 and 0.5 are needed.", code="bad_level")
    rows_each = require_drawable(drawing, kind, dataset, count=count)
    rules = drawing.rules(dataset, constants)
    names, seed = names_like(like, count), secrets.randbits(128)
    pool = drawing.drawn(kind, rules, count=(1 + TWINS_EACH) * count, rows_each=rows_each, seed=seed)
    ref, found = new_ref("sen"), make_list(pool, identifiers=names)
    body = {
        "format": FORMAT,
        "set": ref,
        "dataset": dataset.ref,
        "kind": kind,
        "count": count,
        "rows_each": rows_each,
        "level": level,
        **rules,
        **found.commitment(),
    }
    row = SentinelSet.objects.create(
        ref=ref, dataset=dataset, kind=kind, count=count, planter=user, body=body, digest=digest_json(body)
    )
    logged = {name: body[name] for name in ("set", "dataset", "kind", "count", "to_be_erased", "leaves", "twins")}
    logged |= {"sealed": seal_list(ref, found), "digest": row.digest, "auditor": commit(ref, user.ref)}
    append(Event.SENTINELS_PLANTED, thread=ref, actor=actor, body=logged)
    return row


def require_drawable(drawing: SentinelKind, kind: str, dataset: Dataset, *, count: int) -> int:
    """How many rows each will have, if so many of that kind can be drawn for this dataset."""
    if not FEWEST <= count <= MOST or count % 2:
        raise Invalid(f"An even number from {FEWEST} to {MOST} can be planted, not {count}.", code="bad_count")
    if kind not in drawing.kinds:
        raise Invalid(
            f"In a dataset of {dataset.kind} sentinels of kind {kind!r} cannot be drawn.",
            code="kind_not_drawn",
            remedy=f"Choose {' or '.join(drawing.kinds)}.",
        )
    rows_each = drawing.rows_each(kind, dataset)
    if count * rows_each < drawing.fewest_rows:
        raise Invalid(
            f"{count} with {rows_each} rows each are too few for a test that needs {drawing.fewest_rows} rows.",
            code="bad_count",
            remedy="Plant more of them.",
        )
    return rows_each


def names_like(like: str, count: int) -> list[str]:
    """Fresh identifiers of that look which no data here knows."""
    digits = like.count("#")
    if 10**digits < ROOM * count or len(like) > 200 or like != like.strip():
        raise Invalid(
            f"For {count} sentinels the likeness needs more digits than {digits}: write # for each.",
            code="bad_likeness",
            remedy='For example "patient-#####@clinic.example".',
        )
    found: dict[str, None] = {}
    for _ in range(ROOM * count):
        name = re.sub("#", lambda _: str(secrets.randbelow(10)), like)
        if not Subject.objects.filter(index=subject_index(name)).exists():
            found[name] = None
        if len(found) == count:
            return list(found)
    raise Invalid("Too many identifiers of that look belong to people already.", code="bad_likeness")


@transaction.atomic
def errand(*, sentinels: SentinelSet, actor: Actor) -> list[str]:
    """The identifiers that shall be erased, for the auditor to ask as people ask. Each look is in the trail.

    Left out are those who never joined the data or were erased by now, and any whose identifier has come to be
    somebody else's too: a request under it would erase a person.

    Raises:
        Forbidden: not_an_auditor. Conflict: sentinels_revealed.
    """
    user = require_auditor(actor)
    row = SentinelSet.objects.select_related("dataset").get(pk=sentinels.pk)
    require_secret(row)
    asking = [each for each in unseal_list(row).sentinels if each.will_ask and is_alone(row.dataset, each)]
    body = {"set": row.ref, "named": len(asking), "auditor": commit(row.ref, user.ref)}
    append(Event.SENTINELS_NAMED, thread=row.ref, actor=actor, body=body)
    return [each.identifier for each in asking]


def is_alone(dataset: Dataset, sentinel: Sentinel) -> bool:
    """Whether the sentinel is still in the data, and nobody else under its identifier."""
    mine = {record_id(dataset, name) for name in sentinel.record_ids}
    records = Record.objects.filter(subject__index=subject_index(sentinel.identifier))
    held = {(record.dataset_id, record.rid) for record in records if record.erased_at is None}
    return held == {(dataset.pk, rid) for rid in mine}


def require_secret(row: SentinelSet) -> None:
    if row.revealed_at is not None:
        raise Conflict(
            f"The list of {row.ref} has been shown; its sentinels are known and test nothing any more.",
            code="sentinels_revealed",
            remedy="Plant new ones.",
        )


@transaction.atomic
def reveal(*, sentinels: SentinelSet, actor: Actor) -> SentinelSet:
    """Open every leaf for everybody: whoever has the trail sees what was planted and which half was to go.

    Raises:
        Forbidden: not_an_auditor. Conflict: sentinels_revealed.
    """
    user = require_auditor(actor)
    row = SentinelSet.objects.select_for_update().get(pk=sentinels.pk)
    require_secret(row)
    found = unseal_list(row)
    opened = found.as_json()
    # The trail keeps a keyed commitment to who did it and a digest of what was shown, which nobody's data is in.
    body = {"set": row.ref, "openings": digest_json(opened), "auditor": commit(row.ref, user.ref)}
    append(Event.SENTINELS_REVEALED, thread=row.ref, actor=actor, body=body)
    row.opened, row.revealed_at = opened, timezone.now()
    row.save(update_fields=["opened", "revealed_at"])
    return row
