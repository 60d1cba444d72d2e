"""What the cast does in every telling: upload, train, ask, approve, serve, and read the papers."""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from demo.cast import Cast
from demo.http import Caller, Person, Refusal
from demo.screen import PATIENCE_S, console, hold, watch

PARQUET = "application/vnd.apache.parquet"


def take(operator: Person, dataset: dict[str, Any], parquet: bytes) -> dict[str, Any]:
    """Register a dataset and upload its first rows; the snapshot."""
    ref = operator.post("/api/v1/datasets", dataset)["ref"]
    snapshot: dict[str, Any] = operator.post_bytes(f"/api/v1/datasets/{ref}/snapshots", parquet, PARQUET)
    return snapshot


def fix(officer: Person, name: str, body: dict[str, Any]) -> str:
    return str(officer.post("/api/v1/policies", {"name": name, "body": body})["ref"])


def train_on(operator: Person, model: str, snapshot: str, *, patience_s: float = PATIENCE_S) -> None:
    """Train the model on the snapshot and wait for it, showing how far it is."""
    run = operator.post(f"/api/v1/models/{model}/training-runs", {"snapshot": snapshot})
    where = f"/api/v1/jobs/{run['jobs'][0]}"
    watch(lambda: operator.get(where), until=lambda seen: seen["status"] == "succeeded", patience_s=patience_s)


def only_checkpoint(caller: Person, model: str) -> dict[str, Any]:
    found = [c for c in caller.get("/api/v1/checkpoints")["items"] if c["model"] == model]
    return dict(found[0])


def approved(cast: Cast, release: str) -> None:
    for approver in cast.approvers:
        approver.post(f"/api/v1/releases/{release}/approve")
    watch(lambda: cast.operator.get(f"/api/v1/releases/{release}"), until=lambda seen: seen["status"] == "published")


def serve(operator: Person, deployment: str, digest: str) -> None:
    operator.post(f"/api/v1/deployments/{deployment}/report", {"digest": digest})


def ask(cast: Cast, subjects: Sequence[str], *, key: str) -> list[str]:
    """The machine client submits, each request twice; the officer proves identity and confirms the scope."""
    refs = []
    for number, subject in enumerate(subjects):
        body = {"subject": subject, "law": "gdpr"}
        header = {"Idempotency_Key": f"{key}-{number}"}
        first = cast.machine.post("/api/v1/erasure-requests", body, **header)
        again = cast.machine.post("/api/v1/erasure-requests", body, **header)
        if first["ref"] != again["ref"]:
            hold(False, "asking twice under one key makes one case")
        refs.append(first["ref"])
    for ref in refs:
        cast.officer.post(f"/api/v1/erasure-requests/{ref}/identity", {"method": "in_person"})
        cast.officer.post(f"/api/v1/erasure-requests/{ref}/scope")
    return refs


def refused_proposer(cast: Cast, release: str) -> None:
    """Whoever confirmed the plan is its proposer, and cannot approve the release."""
    try:
        cast.officer.post(f"/api/v1/releases/{release}/approve")
    except Refusal as refusal:
        hold(refusal.status == 403, "the proposer's own approval was refused")
    else:
        hold(False, "the proposer's own approval was refused")


def expect(act: Any, status: int, claim: str) -> None:
    try:
        act()
    except Refusal as refusal:
        hold(refusal.status == status, f"{claim} ({refusal.problem.get('code')})")
    else:
        hold(False, claim)


def fetch(readers: Mapping[str, tuple[Caller, str]], out: Path) -> list[Path]:
    """Download each paper as its reader, under its name; where they lie."""
    kept = []
    for name, (reader, path) in readers.items():
        (out / name).write_bytes(reader.get_bytes(path))
        kept.append(out / name)
    return kept


def verify(out: Path, name: str) -> None:
    """The offline verifier, as an auditor runs it: with the keys beside it and no house."""
    command = [sys.executable, "-m", "evidence", "verify", str(out / name), "--trust", str(out / "trust.json")]
    answer = subprocess.run(command, capture_output=True, text=True)
    if answer.returncode:
        console.print(answer.stdout + answer.stderr)
    hold(answer.returncode == 0, f"{name}: verified against the keys in trust.json")
