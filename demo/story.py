"""The story, chapter by chapter. Each sentence with a tick was checked against what the house answered."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from demo import data
from demo.http import Machine, Person, Refusal
from demo.screen import chapter, hold, say, watch

PARQUET = "application/vnd.apache.parquet"


@dataclass
class Cast:
    """Everybody who acts."""

    officer: Person
    operator: Person
    approvers: tuple[Person, Person]
    auditor: Person
    machine: Machine


@dataclass
class Told:
    """What later chapters need to know."""

    model: str = ""
    digits: str = ""
    deployment: str = ""
    first_digest: str = ""
    policies: dict[str, str] = field(default_factory=dict)
    plans: list[dict[str, Any]] = field(default_factory=list)


def tell(cast: Cast, out: Path) -> Told:
    told = Told()
    learn(cast, told)
    first_release(cast, told)
    watch_a_long_job(cast)
    erase(cast, told, data.first_to_ask(), "each person alone", expected="certified.delete")
    gone_for_good(cast, told)
    erase(cast, told, data.next_to_ask(), "all twelve together", expected="retrain")
    papers(cast, told, out)
    return told


def learn(cast: Cast, told: Told) -> None:
    chapter("1. Two models learn")
    operator, officer = cast.operator, cast.officer
    train, never_seen = data.patients()
    learned_from = take(operator, "breast cancer, Wisconsin", 30, train)
    consenting = take(operator, "breast cancer, consenting to tests", 30, never_seen)
    writers = take(operator, "handwritten digits", 64, data.digits())
    people = learned_from["rows"] - data.CANARIES
    say(f"{people} patients to learn from and {data.CANARIES} planted canaries; {consenting['rows']} never seen")
    say(f"{writers['rows']} handwritten digits, which no patient's request may touch")
    risk = {"name": "recurrence risk", "dataset": learned_from["dataset"], "engine": "certified.train"}
    told.model = operator.post(
        "/api/v1/models", {**risk, "problem": data.patients_problem(), "holdout": consenting["ref"]}
    )["ref"]
    reader = {"name": "digit reader", "dataset": writers["dataset"], "engine": "certified.train"}
    told.digits = operator.post("/api/v1/models", {**reader, "problem": data.digits_problem()})["ref"]
    told.policies = {
        "each person alone": fix(officer, "per person", data.policy(regime="per_record", epsilon=0.5)),
        "all twelve together": fix(officer, "jointly", data.policy(regime="joint", epsilon=1.0)),
    }
    train_on(operator, told.model, learned_from["ref"])
    train_on(operator, told.digits, writers["ref"])
    hold(True, "both models were trained by noisy gradient descent, with a ledger")


def take(operator: Person, name: str, width: int, parquet: bytes) -> dict[str, Any]:
    dataset = operator.post("/api/v1/datasets", {"name": name, "feature_width": width, "rows_per_subject": 1})
    snapshot: dict[str, Any] = operator.post_bytes(f"/api/v1/datasets/{dataset['ref']}/snapshots", parquet, PARQUET)
    return snapshot


def fix(officer: Person, name: str, body: dict[str, Any]) -> str:
    return str(officer.post("/api/v1/policies", {"name": name, "body": body})["ref"])


def train_on(operator: Person, model: str, snapshot: str) -> None:
    run = operator.post(f"/api/v1/models/{model}/training-runs", {"snapshot": snapshot})
    done(operator, run["jobs"][0])


def done(caller: Person, job: str) -> dict[str, Any]:
    ended = watch(lambda: caller.get(f"/api/v1/jobs/{job}"), until=lambda seen: seen["status"] == "succeeded")
    return dict(ended)


def only_checkpoint(caller: Person, model: str) -> dict[str, Any]:
    found = [c for c in caller.get("/api/v1/checkpoints")["items"] if c["model"] == model]
    return dict(found[0])


def first_release(cast: Cast, told: Told) -> None:
    chapter("2. Two people release the first model")
    checkpoint = only_checkpoint(cast.operator, told.model)
    policy = told.policies["each person alone"]
    release = cast.operator.post("/api/v1/releases", {"checkpoint": checkpoint["ref"], "policy": policy})
    approved(cast, release["ref"])
    told.first_digest = checkpoint["object_digest"]
    place = cast.operator.post("/api/v1/deployments", {"name": "ward 3", "model": told.model})
    told.deployment = place["ref"]
    serve(cast, told, told.first_digest)
    hold(True, "signed, published, and served on ward 3")


def approved(cast: Cast, release: str) -> None:
    for approver in cast.approvers:
        approver.post(f"/api/v1/releases/{release}/approve")
    watch(lambda: cast.operator.get(f"/api/v1/releases/{release}"), until=lambda seen: seen["status"] == "published")


def serve(cast: Cast, told: Told, digest: str) -> None:
    cast.operator.post(f"/api/v1/deployments/{told.deployment}/report", {"digest": digest})


def watch_a_long_job(cast: Cast) -> None:
    chapter("3. A job long enough to watch")
    job = cast.operator.post("/api/v1/jobs", {"engine": "noop", "params": {"steps": 50, "pause_s": 0.1}})["ref"]
    steps = set()

    def look() -> dict[str, Any]:
        seen: dict[str, Any] = cast.operator.get(f"/api/v1/jobs/{job}")
        steps.add(seen["step"])
        return seen

    watch(look, until=lambda seen: seen["status"] == "succeeded")
    hold(len(steps) > 2, f"its page showed {len(steps)} different step counts, as the runner reported them")


def ask(cast: Cast, subjects: list[str]) -> list[str]:
    """The machine client submits; the officer proves identity and confirms the scope."""
    refs = []
    for number, subject in enumerate(subjects):
        body = {"subject": subject, "law": "gdpr"}
        key = {"Idempotency_Key": f"ward-3-{len(subjects)}-{number}"}
        first = cast.machine.post("/api/v1/erasure-requests", body, **key)
        again = cast.machine.post("/api/v1/erasure-requests", body, **key)
        if first["ref"] != again["ref"]:
            hold(False, "asking twice under one key makes one case")
        refs.append(first["ref"])
    for ref in refs:
        cast.officer.post(f"/api/v1/erasure-requests/{ref}/identity", {"method": "in_person"})
        cast.officer.post(f"/api/v1/erasure-requests/{ref}/scope")
    return refs


def erase(cast: Cast, told: Told, subjects: list[str], regime: str, *, expected: str) -> None:
    chapter(f"{4 + 2 * len(told.plans)}. Twelve patients ask to be forgotten; certified for {regime}")
    requests = ask(cast, subjects)
    token = f"a machine with a {cast.machine.expires_in_s // 60}-minute token"
    say(f"{counted(subjects)} by {token}; identity proved, scope confirmed by a person")
    order = {"model": told.model, "policy": told.policies[regime]}
    plan = cast.officer.post("/api/v1/plans", order)
    cast.officer.post(f"/api/v1/plans/{plan['ref']}/confirm")
    where = f"/api/v1/plans/{plan['ref']}"
    seen = watch(lambda: cast.officer.get(where), until=lambda p: p["status"] in {"gate", "stopped"}, jobs="jobs")
    hold(seen["route"] == expected, f"the plan chose {expected}: {seen['body']['choice']['reason']}")
    verdict = seen["verdicts"][-1]["body"]
    hold(seen["status"] == "gate", f"the gate is open; the verdict is {verdict['outcome']}")
    say(f"its power: {verdict['power']['words']}")
    if "canaries" in verdict:
        say(f"{verdict['canaries']['records']} planted canaries: {verdict['canaries']['outcome']}")
    refused_proposer(cast, seen["release"])
    approved(cast, seen["release"])
    candidate = next(c for c in cast.operator.get("/api/v1/checkpoints")["items"] if c["ref"] == seen["candidate"])
    serve(cast, told, candidate["object_digest"])
    closed = watch(lambda: cast.officer.get(where), until=lambda p: p["status"] == "closed", jobs="jobs")
    statuses = {cast.machine.get(f"/api/v1/erasure-requests/{ref}")["status"] for ref in requests}
    hold(statuses == {"fulfilled"}, "switched, the old model and rows destroyed, every request fulfilled")
    told.plans.append({**closed, "requests": requests})


def counted(subjects: list[str]) -> str:
    planted = sum(subject.startswith("canary") for subject in subjects)
    among = f", {planted} of them for planted canaries," if planted else ""
    return f"{len(subjects)} requests{among}"


def refused_proposer(cast: Cast, release: str) -> None:
    """Whoever confirmed the plan is its proposer, and cannot approve the release."""
    try:
        cast.officer.post(f"/api/v1/releases/{release}/approve")
    except Refusal as refusal:
        hold(refusal.status == 403, "the proposer's own approval was refused")
    else:
        hold(False, "the proposer's own approval was refused")


def gone_for_good(cast: Cast, told: Told) -> None:
    chapter("5. What is gone stays gone")
    expect(lambda: cast.operator.get(f"/api/v1/objects/{told.first_digest}"), 410, "the old weights answer 410 Gone")
    model = cast.operator.get(f"/api/v1/models/{told.model}")
    where = f"/api/v1/datasets/{model['dataset']}/snapshots"
    again, _ = data.patients()
    expect(
        lambda: cast.operator.post_bytes(where, again, PARQUET), 409, "a snapshot that would bring them back is refused"
    )
    digits = only_checkpoint(cast.operator, told.digits)
    hold(digits["status"] == "candidate", "the digit reader, which none of them is in, was not touched")


def expect(act: Any, status: int, claim: str) -> None:
    try:
        act()
    except Refusal as refusal:
        hold(refusal.status == status, f"{claim} ({refusal.problem.get('code')})")
    else:
        hold(False, claim)


def papers(cast: Cast, told: Told, out: Path) -> None:
    chapter("7. The papers")
    plan = told.plans[0]
    for name, path in {
        "bundle.zip": f"/api/v1/plans/{plan['ref']}/bundle",
        "report.pdf": f"/api/v1/plans/{plan['ref']}/report",
        "receipt.zip": f"/api/v1/erasure-requests/{plan['requests'][0]}/receipt",
        "trust.json": "/api/v1/trust",
    }.items():
        reader = cast.officer if name == "receipt.zip" else cast.auditor
        (out / name).write_bytes(reader.get_bytes(path))
        say(f"{name}: {(out / name).stat().st_size:,} bytes")
