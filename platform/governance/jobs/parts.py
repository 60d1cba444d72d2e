"""What a language model's weights are made of, recorded part by part when they are made (evidence.parts).

So that a later drop of some parts can show offline that the others stayed: the old file is gone by then. The salts lie
beside the stored weights and die with them; parts that stay keep theirs.
"""

import secrets
from typing import Any

from evidence.canonical import digest_json
from evidence.commitments import KEY_SIZE
from evidence.parts import BASE, contents, document, named
from evidence.unproved_families import EXACT, LANGUAGE
from governance.jobs.models import Job
from governance.lineage.adapters import made_by
from governance.objects.models import PartSalt, StoredObject
from governance.objects.store import open_path, parts_of

PARTED = (LANGUAGE.trains, *EXACT.values())
PACKED = "model.safetensors"


def contents_of(weights: str) -> dict[str, str]:
    """By part a digest, of stored weights; none where there is but one part. It reads the whole file: hold no lock.

    Raises: as `evidence.parts.contents`.
    """
    name = parts_of(weights).get(PACKED)
    if name is None:
        return {}
    with open_path(name).open("rb") as file:
        found = contents(file)
    return found if set(found) - {BASE} else {}


def record_parts(job: Job, found: dict[str, str], weights: str) -> dict[str, Any]:
    """obelus/parts/1 of what a job brought back; a part that stays has the salt, so the commitment, it had before."""
    kept = salts_that_stay(job)
    salts = {part: kept.get(part) or secrets.token_bytes(KEY_SIZE) for part in found}
    stored = StoredObject.objects.get(digest=weights)
    PartSalt.objects.bulk_create(
        PartSalt(stored=stored, owner=job.ref, part=part, salt=salt) for part, salt in sorted(salts.items())
    )
    told: dict[str, Any] = document(found, salts=salts)
    return told


def salts_that_stay(job: Job) -> dict[str, bytes]:
    """Not those of parts that are trained anew under their old name: who learned the old one must be forgotten."""
    changed = {named(name) for name in job.spec["params"].get("adapters", ())}
    return {part: salt for part, salt in salts_of(before(job)).items() if part not in changed}


def before(job: Job) -> Job | None:
    """The job that made the weights of which this one left parts as they were, if they were recorded."""
    if job.engine not in EXACT.values() or job.plan is None:
        return None
    earlier = made_by(job.plan.source)
    return earlier if earlier is not None and parts_document(earlier) is not None else None


def parts_document(job: Job) -> dict[str, Any] | None:
    """The document that a job's entry in the log names; none for jobs from before there was one."""
    told: dict[str, Any] | None = (job.result or {}).get("parts")
    return told


def named_record(job: Job) -> dict[str, Any]:
    """What a certificate says of the record of the old weights' parts; nothing where there is none to compare."""
    earlier = before(job)
    if earlier is None or parts_document(job) is None:
        return {}
    named = {"job": earlier.ref, "digest": digest_json(parts_document(earlier))}
    return {"parts": named | ({"spec": earlier.spec_digest} if is_told_apart(earlier) else {})}


def is_told_apart(job: Job) -> bool:
    """Whether it is a training, a case of its own, that was told which rows each adapter learns.

    Specifications of other cases stay with these: they number the rows that others asked to forget.
    """
    return job.engine == LANGUAGE.trains and job.thread == job.ref and "parts" in job.spec["params"]


def salts_of(job: Job | None) -> dict[str, bytes]:
    """Part -> salt of a job's weights, while these are in the store."""
    rows = PartSalt.objects.filter(owner=job.ref) if job is not None else PartSalt.objects.none()
    return {row.part: bytes(row.salt) for row in rows}
