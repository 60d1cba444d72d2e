"""Who approved, what was released and signed, what was destroyed, and the log it all stands in."""

from typing import Any

from evidence import strict_base64
from evidence.dsse import parse_signed_model
from evidence.treehead import parse_tree_head
from governance.jobs.models import Plan
from governance.jobs.people import published_release
from governance.releases.models import DestructionItem
from governance.reports.facts.wording import moment, short

Documents = dict[str, Any]
KINDS = {
    "weights": "Weights that learned from the records",
    "candidate": "Weights that were not released",
    "reference": "Retrained reference",
    "snapshot": "Snapshot with the rows, and its salts",
    "job_folder": "Job folders of all attempts",
    "measurements": "Sealed results on erased rows",
}


def approvals(plan: Plan, documents: Documents) -> dict[str, Any]:
    body = documents["approvals.json"]
    entries = [line["entry"] for line in documents["log/entries.json"]]
    times = {entry["body"]["approver"]: entry["at"] for entry in entries if entry["event"] == "release:approved"}
    [confirmed] = [entry["at"] for entry in entries if entry["event"] == "plan:confirmed"]
    return {
        "digest": body["approval_digest"],
        "proposer": {"who": body["proposer"], "at": moment(confirmed)},
        "approvers": [{"who": who, "at": moment(times[who])} for who in body["approvers"]],
        "different": len({body["proposer"], *body["approvers"]}) == 1 + len(body["approvers"]),
    }


def release(plan: Plan, documents: Documents, signature: bytes) -> dict[str, Any]:
    row, signed = published_release(plan), parse_signed_model(signature)
    return {
        "ref": row.ref,
        "status": row.get_status_display(),
        "digest": row.checkpoint.object_digest,
        "files": documents["release/manifest.json"]["files"],
        "published_at": moment(row.published_at),
        "key": signed.hint,
        "replaces": plan.source.object_digest,
    }


def destruction(plan: Plan, documents: Documents) -> list[dict[str, Any]]:
    entries = [line["entry"] for line in documents["log/entries.json"]]
    [done] = [entry["body"] for entry in entries if entry["event"] == "destruction:completed"]
    return [line(item, done.get("kept", [])) for item in plan.destruction.order_by("position")]


def line(item: DestructionItem, kept: list[str]) -> dict[str, Any]:
    stays = item.target in kept
    return {
        "position": item.position + 1,
        "kind": KINDS.get(item.kind, item.kind),
        "target": short(item.target),
        "kept": stays,
        "at": "bytes kept" if stays else moment(item.done_at),
    }


def log(documents: Documents, note: bytes) -> dict[str, Any]:
    head, lines = parse_tree_head(note), documents["log/entries.json"]
    return {
        "origin": head.origin,
        "size": head.size,
        "root": strict_base64.encode(head.root),
        "entries": [logged(line["index"], line["entry"]) for line in lines],
    }


def logged(index: int, entry: dict[str, Any]) -> dict[str, Any]:
    return {
        "index": index,
        "seq": entry["seq"],
        "at": moment(entry["at"]),
        "event": entry["event"],
        "what": about(entry["body"]),
        "by": entry["actor_role"].replace("_", " "),
    }


def about(body: dict[str, Any]) -> str:
    """The few public facts of an entry that fit a line; the bundle has all of them."""
    parts = []
    if "to" in body and "attempt" not in body:
        # A plan's trail also holds the moves of its jobs and dispositions.
        what = {"dsp": "disposition: ", "job": "job: ", "rel": "release: "}.get(str(body.get("ref", ""))[:3], "")
        parts.append(f"{what}{body['from']} → {body['to']}")
    if "attempt" in body:
        parts.append(f"attempt {body['attempt']} of {body['job'][:12]}…")
    parts += [f"{name} {body[name]}" for name in ("cause", "rows", "items", "length") if body.get(name)]
    parts += [str(body[name]) for name in ("engine", "route", "outcome") if body.get(name)]
    parts += [short(body[name]) for name in ("proposer", "approver", "deployment") if name in body]
    return ", ".join(parts)
