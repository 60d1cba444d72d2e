"""Certificates: the numbers of a ledger with the words that belong to them, and nothing more than the rung carries."""

from typing import Any

from django.utils import timezone

from evidence.canonical import Json, digest_json
from evidence.pricing import numbers_of
from evidence.snapshot_form import snapshot_document
from evidence.unproved_families import DROPS, RETRAINS_ADAPTER
from governance.actors import WORKER
from governance.audit.models import Event
from governance.audit.services import append
from governance.jobs.adapter_certificates import dropped_body, retrained_adapters_body
from governance.jobs.all_models import joint_part
from governance.jobs.models import Certificate, Job, Plan
from governance.jobs.never_seen import as_named
from governance.jobs.people import records_of
from governance.jobs.plain_certificates import FORMAT, LIMITS, attacked_body, plain_body
from governance.lineage.models import Checkpoint
from governance.lineage.snapshots import absences, head_of, tree_of
from unlearning.accounting import Ledger, price

ASSUMPTIONS = {
    "strongly_convex": "The loss is strongly convex and smooth; every row is scaled to the public norm bound.",
    "convex": "The loss is convex and smooth; every row is scaled to the public norm bound.",
    "none": "Nothing is assumed of the loss; deletion steps lower nothing.",
}


def issue(plan: Plan, candidate: Checkpoint, job: Job, *, rung: str) -> Certificate:
    """Price the candidate's ledger and log the claim. Runs in the transaction that records the job."""
    body = {**body_of(plan, candidate, job, rung), **as_named(plan)}
    row = Certificate.objects.create(
        checkpoint=candidate, plan=plan, rung=rung, body=body, digest=digest_json(body), unlearned_at=timezone.now()
    )
    facts = {"certificate": row.digest, "rung": rung, "snapshot": digest_json(absence_document(plan))}
    if candidate.ledger:
        facts["ledger"] = digest_json(candidate.ledger)
    append(Event.CERTIFICATE_ISSUED, thread=plan.ref, actor=WORKER, body=facts)
    return row


def body_of(plan: Plan, candidate: Checkpoint, job: Job, rung: str) -> dict[str, Any]:
    if candidate.ledger:
        return certified_body(plan, candidate, job, rung)
    if job.engine == DROPS:
        return dropped_body(plan, candidate, job, rung)
    if job.engine == RETRAINS_ADAPTER:
        return retrained_adapters_body(plan, candidate, job, rung)
    write = attacked_body if rung == "unlearned_approximately" else plain_body
    return write(plan, candidate, job, rung)


def certified_body(plan: Plan, candidate: Checkpoint, job: Job, rung: str) -> dict[str, Any]:
    ledger = Ledger.from_dict(candidate.ledger)
    claim = plan.policy.body["claim"]
    joint = claim["regime"] == "joint"
    group = plan.body["inputs"]["batch_rows"] if joint else ledger.problem.contribution_cap
    cost = price(ledger, delta=claim["delta"], group=group)
    return {
        "format": FORMAT,
        "rung": rung,
        "adjacency": cost.adjacency,
        "assumption": cost.assumption,
        "delta": cost.delta,
        "a": numbers_of(cost.a, delta=cost.delta),
        "b": numbers_of(cost.b, delta=cost.delta),
        "b_before": numbers_of(cost.b_before, delta=cost.delta),
        "group": cost.group,
        "assumptions": [ASSUMPTIONS[cost.assumption], f"The numbers tell apart {cost.compares}."],
        **joint_part(plan, candidate, a=cost.a, b=cost.b, delta=cost.delta),
        "limits": LIMITS,
        "ledger": digest_json(candidate.ledger),
        "spec": job.spec_digest,
    }


def absence_document(plan: Plan) -> Json:
    """obelus/snapshot/1: proofs that the new snapshot lacks the erased records; the same whenever it is made."""
    new = plan.new_snapshot
    if new is None:
        raise ValueError(f"plan {plan.ref} has no snapshot without the records")
    old = plan.source.run.snapshot or new.parent or new
    records = records_of(plan)
    if plan.source.run.snapshot is not None:
        records = records.filter(places__snapshot=old)
    rids = [record.rid for record in records]
    found, before = absences(new, rids), tree_of(old)
    known = plan.source.run.snapshot is not None
    were_there = [before.prove_presence(bytes.fromhex(rid)) for rid in rids] if known else []
    return snapshot_document(old=head_of(old), new=head_of(new), absences=found, presences=were_there)
