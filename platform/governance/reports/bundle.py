"""The evidence bundle of one erasure: every member from the database, in the bytes whose digests the log holds."""

from contextlib import suppress
from typing import Any

from django.db.models import QuerySet

from evidence.approvals import approvals_document
from evidence.bundle import bundle_bytes
from evidence.canonical import Json, canonical_bytes, digest_json
from evidence.checks.all_models import ledger_path
from governance.errors import Conflict, DigestMismatch
from governance.jobs.certificates import absence_document
from governance.jobs.models import Certificate, Job, Plan
from governance.jobs.parts import parts_document
from governance.lineage.models import Checkpoint
from governance.objects.models import ObjectPart
from governance.objects.store import open_path, parts_of
from governance.releases.models import Release
from governance.reports.old_parts import old_parts, old_record, salts_of_what_stayed
from governance.reports.trail import entries_of, thread_members
from governance.verification.models import Verdict


def bundle(*, plan: Plan) -> bytes:
    """The bundle of a closed plan, without the weights themselves (their digests are in it).

    Raises:
        Conflict: the plan is not closed.
        DigestMismatch: a row no longer says what the log says; run manage.py fsck.
    """
    return bundle_bytes(kind="erasure", thread=plan.ref, members=erasure_members(plan))


def bundle_with_weights(*, plan: Plan) -> bytes:
    """As `bundle`, with the released weights in it.

    Raises: as `bundle`, and Destroyed when a later erasure has replaced and destroyed them.
    """
    members = erasure_members(plan)
    for name, digest in parts_of(released(plan).object_digest).items():
        members[f"release/weights/{name}"] = open_path(digest).read_bytes()
    members |= salts_of_what_stayed(plan)
    return bundle_bytes(kind="erasure", thread=plan.ref, members=members)


def erasure_members(plan: Plan) -> dict[str, bytes]:
    """Every member of the plan's bundle by path. Raises: as `bundle`."""
    if plan.status != Plan.Status.CLOSED:
        raise Conflict(
            f"Plan {plan.ref} is {plan.get_status_display().lower()}: the bundle can be made when the plan is closed.",
            code="plan_not_closed",
            remedy="Ask again when its destruction list is done.",
        )
    documents = {**claim_documents(plan), **run_documents(jobs_of(plan)), **old_parts(plan)}
    members = {path: canonical_bytes(document) for path, document in documents.items()}
    members["release/model.sig"] = release_of(plan).signature.encode()
    return {**members, **thread_members(plan.ref, before=old_record(plan))}


def claim_documents(plan: Plan) -> dict[str, Json]:
    certificate, verdict = certificate_of(plan), verdict_of(plan)
    documents = {
        "plan.json": plan.body,
        "policy.json": plan.policy.body,
        "certificate.json": certificate.body,
        "verdict.json": verdict.body,
        "approvals.json": approvals_of(plan),
        "release/manifest.json": manifest_of(released(plan).object_digest),
        "snapshot.json": absence_document(plan),
        "destruction.json": [{"kind": i.kind, "target": i.target} for i in plan.destruction.order_by("position")],
    }
    ledger, named = released(plan).ledger, certificate.body["ledger"]
    if ledger is not None and named is not None:
        documents["ledger.json"] = ledger_as_issued(ledger, named)
    return {**documents, **other_ledgers(certificate.body)}


def other_ledgers(body: dict[str, Any]) -> dict[str, Json]:
    """The ledgers of the other models that the certificate's headline counts, as they were when it was issued."""
    return {
        ledger_path(line["ledger"]): ledger_of_model(line["model"], line["ledger"])
        for line in body.get("other_models", [])
        if line["ledger"]
    }


def ledger_of_model(ref: str, digest: str) -> Json:
    """The beginning of one of a model's ledgers that has this digest.

    Raises:
        DigestMismatch: none has.
    """
    for checkpoint in Checkpoint.objects.filter(model__ref=ref).exclude(ledger__isnull=True).order_by("id"):
        with suppress(DigestMismatch):
            return ledger_as_issued(checkpoint.ledger or {}, digest)
    raise DigestMismatch(f"No ledger of model {ref} began with the digest {digest}.", remedy="Run manage.py fsck.")


def run_documents(jobs: QuerySet[Job]) -> dict[str, Json]:
    """specs/, results/ and the open tier of measurements/ of jobs that a worker took up."""
    documents: dict[str, Any] = {}
    for job in jobs:
        documents[f"specs/{job.ref}.json"] = job.spec
        if job.result is not None:
            documents[f"results/{job.ref}.json"] = job.result["result"]
            if job.result["open"] is not None:
                documents[f"measurements/{job.ref}.json"] = job.result["open"]
            if (parts := parts_document(job)) is not None:
                documents[f"parts/{job.ref}.json"] = parts
    return documents


def jobs_of(plan: Plan) -> QuerySet[Job]:
    return Job.objects.filter(plan=plan, attempts__isnull=False).distinct().order_by("id")


def ledger_as_issued(ledger: dict[str, Any], digest: str) -> dict[str, Any]:
    """The ledger when the certificate was issued; publishing has added events to it since.

    Raises:
        DigestMismatch: no beginning of the ledger has the digest that the certificate names.
    """
    events = ledger["events"]
    for length in range(len(events), 0, -1):
        if digest_json(found := {**ledger, "events": events[:length]}) == digest:
            return found
    raise DigestMismatch(f"No beginning of the ledger has the digest {digest}.", remedy="Run manage.py fsck.")


def manifest_of(digest: str) -> Json:
    """The manifest of a stored folder, from its rows: they outlive the bytes, so that old bundles can be made again.

    Raises:
        DigestMismatch: the rows give another manifest than the one recorded.
    """
    parts = ObjectPart.objects.filter(folder__digest=digest).select_related("file")
    lines = [{"path": part.path, "size": part.file.size_bytes, "digest": part.file.digest} for part in parts]
    manifest = {"format": "obelus/manifest/1", "files": sorted(lines, key=lambda line: str(line["path"]))}
    if digest_json(manifest) != digest:
        raise DigestMismatch(f"The parts of {digest} give another manifest.", remedy="Run manage.py fsck.")
    return manifest


def approvals_of(plan: Plan) -> Json:
    """Who proposed and who approved, by commitment, as the log has it."""
    entries, release = entries_of(plan.ref), release_of(plan)
    [confirmed] = [entry["body"] for entry in entries if entry["event"] == "plan:confirmed"]
    certificate = certificate_of(plan).digest
    # An earlier candidate may have had these very bytes; who approved that one had another certificate before them.
    issued = max(
        entry["seq"]
        for entry in entries
        if entry["event"] == "certificate:issued" and entry["body"]["certificate"] == certificate
    )
    approved = [entry["body"] for entry in entries if entry["event"] == "release:approved" and entry["seq"] > issued]
    return approvals_document(
        candidate=release.checkpoint.object_digest,
        certificate=certificate,
        policy=plan.policy.digest,
        verdict=verdict_of(plan).digest,
        proposer=confirmed["proposer"],
        approvers=[body["approver"] for body in approved if body["release"] == release.checkpoint.object_digest],
    )


def released(plan: Plan) -> Checkpoint:
    """The checkpoint that the plan released."""
    return release_of(plan).checkpoint


def release_of(plan: Plan) -> Release:
    """A plan that climbed has a release for each candidate; the last candidate is the one that was published."""
    return Release.objects.select_related("checkpoint").get(plan=plan, checkpoint=plan.candidate)


def certificate_of(plan: Plan) -> Certificate:
    return Certificate.objects.get(plan=plan, checkpoint=released(plan))


def verdict_of(plan: Plan) -> Verdict:
    verdict: Verdict = Verdict.objects.filter(plan=plan, checkpoint=released(plan)).latest("id")
    return verdict
