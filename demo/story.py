"""The story, chapter by chapter. Each sentence with a tick was checked against what the house answered."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from demo import acts, data
from demo.acts import PARQUET, approved, expect, fix, only_checkpoint, refused_proposer, train_on
from demo.cast import Cast
from demo.http import Person
from demo.screen import chapter, hold, say, watch


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
    return acts.take(operator, {"name": name, "feature_width": width, "rows_per_subject": 1}, parquet)


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


def serve(cast: Cast, told: Told, digest: str) -> None:
    acts.serve(cast.operator, told.deployment, digest)


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


def erase(cast: Cast, told: Told, subjects: list[str], regime: str, *, expected: str) -> None:
    chapter(f"{4 + 2 * len(told.plans)}. Twelve patients ask to be forgotten; certified for {regime}")
    requests = acts.ask(cast, subjects, key=f"ward-3-{len(subjects)}")
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


def papers(cast: Cast, told: Told, out: Path) -> None:
    chapter("7. The papers")
    plan = told.plans[0]
    auditor, officer = cast.auditor, cast.officer
    readers = {
        "bundle.zip": (auditor, f"/api/v1/plans/{plan['ref']}/bundle"),
        "report.pdf": (auditor, f"/api/v1/plans/{plan['ref']}/report"),
        "receipt.zip": (officer, f"/api/v1/erasure-requests/{plan['requests'][0]}/receipt"),
        "trust.json": (auditor, "/api/v1/trust"),
    }
    for paper in acts.fetch(readers, out):
        say(f"{paper.name}: {paper.stat().st_size:,} bytes")
