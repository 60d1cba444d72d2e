"""One author erased through the house: the ladder is climbed as far as it must be, and what passes goes out.

Nothing here expects an outcome. What must hold is the house's own law: a shut gate lets nothing out, the top of the
ladder is open, and the papers can be verified.
"""

import time
from pathlib import Path
from typing import Any

from demo import acts
from demo.cast import Cast
from demo.language import show
from demo.language.beside import Bench
from demo.language.charts import Chart
from demo.language.curves import run_charts
from demo.language.ladder import read_areas, read_room
from demo.language.people import People, subject, upload
from demo.language.rules import LADDER, policy, problem
from demo.language.told import Rung, Told, Untried
from demo.language.words import method_words
from demo.screen import StoryBroken, chapter, hold, say, watch

WHO_ASKS = 0  # the first author; any other would do
OF_THE_ROOM = (
    "an auditor looks at the sealed numbers in the reading room, and the log says so; these people are made up: "
    "of real ones nothing would leave that room"
)
PATIENCE_S = 1200.0  # on a busy machine a rung takes many times its minute


def tell(cast: Cast, people: People, told: Told, out: Path, bench: Bench) -> None:
    model, fixed = learn(cast, people, told)
    deployment = release(cast, model, fixed)
    requests, where = asked(cast, model, fixed)
    seen = climb(cast, told, where, bench)
    not_needed(bench, told)
    switch(cast, seen, where, deployment)
    told.rungs[-1].released = True
    statuses = {cast.machine.get(f"/api/v1/erasure-requests/{ref}")["status"] for ref in requests}
    hold(statuses == {"fulfilled"}, "switched, the old model and the author's texts destroyed, the request fulfilled")
    papers(cast, told, where, requests[0], out)


def learn(cast: Cast, people: People, told: Told) -> tuple[str, str]:
    chapter("1. A small Llama learns authors by heart")
    operator = cast.operator
    each = max(map(len, people.learned))
    asked = {"kind": "texts", "rows_per_subject": each}
    learned = acts.take(operator, {"name": "letters", **asked}, upload(people.learned, who="author"))
    unseen = acts.take(
        operator,
        {"name": "letters, consenting to tests", **asked},
        upload(people.tested_on, who="stranger"),
    )
    told.people, told.texts, told.never_seen = len(people.learned), learned["rows"], unseen["rows"]
    told.source = people.source
    say(f"{told.texts} texts of {told.people} authors ({people.source}); {told.never_seen} never seen, by others")
    reader = {"name": "letter writer", "dataset": learned["dataset"], "engine": "language.train"}
    model = operator.post("/api/v1/models", {**reader, "problem": problem(), "holdout": unseen["ref"]})["ref"]
    fixed = acts.fix(cast.officer, "texts", policy(people.rows, never_seen=told.never_seen))
    say(f"the policy is fixed before anything is trained; its ladder: {', then '.join(map(method_words, LADDER))}")
    acts.train_on(operator, model, learned["ref"], patience_s=PATIENCE_S)
    hold(True, "it was trained; its vocabulary comes from public words, never from the authors")
    return str(model), fixed


def release(cast: Cast, model: str, policy_ref: str) -> str:
    chapter("2. Two people release it")
    checkpoint = acts.only_checkpoint(cast.operator, model)
    out = cast.operator.post("/api/v1/releases", {"checkpoint": checkpoint["ref"], "policy": policy_ref})
    acts.approved(cast, out["ref"])
    place = str(cast.operator.post("/api/v1/deployments", {"name": "reading desk", "model": model})["ref"])
    acts.serve(cast.operator, place, checkpoint["object_digest"])
    hold(True, "signed, published, and served at a reading desk")
    return place


def asked(cast: Cast, model: str, policy_ref: str) -> tuple[list[str], str]:
    chapter("3. One author asks to be forgotten")
    requests = acts.ask(cast, [subject(WHO_ASKS)], key="letters")
    plan = cast.officer.post("/api/v1/plans", {"model": model, "policy": policy_ref})
    where = f"/api/v1/plans/{plan['ref']}"
    say("asked by a machine client; identity proved, scope confirmed by a person; a plan follows from public facts")
    begun = cast.officer.post(f"{where}/confirm")
    say(f"the plan, {begun['route']}: {begun['body']['choice']['reason']}")
    return requests, where


def climb(cast: Cast, told: Told, where: str, bench: Bench) -> dict[str, Any]:
    """Rung by rung until the gate is open; the plan as it is then."""
    while True:
        started = time.monotonic()
        seen = judged(cast, where, after=len(told.rungs))
        rung = rung_of(seen, time.monotonic() - started)
        told.rungs.append(rung)
        chapter(f"{3 + len(told.rungs)}. {method_words(rung.method)}")
        watched(bench, rung)
        look(cast, where, rung)
        if len(told.rungs) == 1:
            say(OF_THE_ROOM)
        show.rung(rung, told.rungs[:-1])
        if seen["status"] == "gate":
            return dict(seen)
        if rung.route == "retrain":
            raise StoryBroken(f"even retraining did not open the gate: {rung.verdict}")
        cast.officer.post(f"{where}/climb")


def judged(cast: Cast, where: str, *, after: int) -> dict[str, Any]:
    """The plan when the next candidate has its verdict."""
    seen = watch(
        lambda: cast.officer.get(where),
        until=lambda plan: plan["status"] in {"gate", "stopped"} and len(plan["verdicts"]) > after,
        jobs="jobs",
        patience_s=PATIENCE_S,
    )
    return dict(seen)


def rung_of(seen: dict[str, Any], seconds: float) -> Rung:
    certificate = seen["certificates"][-1]["body"]
    return Rung(
        method=str(certificate.get("method", "retrain")),
        route=str(seen["route"]) if "method" in certificate else "retrain",
        status=str(seen["status"]),
        verdict=seen["verdicts"][-1]["body"],
        certificate=certificate,
        seconds=seconds,
    )


def watched(bench: Bench, rung: Rung) -> None:
    """The same method as it ran on the engine, step by step; retraining has no such steps."""
    if rung.route != "retrain":
        rung.charts, because = run_beside(bench, rung.method)
        say(f"on the engine, beside the house: it stopped because {because}")


def run_beside(bench: Bench, method: str) -> tuple[list[Chart], str]:
    """Charts of the bench's run of this method, and why it stopped; waits until it is there."""
    bench.until(lambda: bench.watched(method) is not None)
    line = bench.watched(method)
    if line is None:
        raise StoryBroken(f"the bench ended without a run of {method}")
    return run_charts(line["points"], method=method_words(method), ended_at=line["ended_at"]), str(line["because"])


def not_needed(bench: Bench, told: Told) -> None:
    """What the ladder did not come to is shown as it ran beside the house; nothing judged it."""
    tried = {rung.method for rung in told.rungs}
    for method in LADDER:
        if method not in tried and method != "retrain":
            charts, because = run_beside(bench, method)
            told.untried.append(Untried(method, because, charts))
            show.untried(told.untried[-1])


def switch(cast: Cast, seen: dict[str, Any], where: str, deployment: str) -> None:
    """Two people approve, the desk serves the new model, and the destruction list runs."""
    acts.refused_proposer(cast, seen["release"])
    acts.approved(cast, seen["release"])
    candidate = next(c for c in cast.operator.get("/api/v1/checkpoints")["items"] if c["ref"] == seen["candidate"])
    acts.serve(cast.operator, deployment, candidate["object_digest"])
    watch(
        lambda: cast.officer.get(where),
        until=lambda plan: plan["status"] == "closed",
        jobs="jobs",
        patience_s=PATIENCE_S,
    )


def look(cast: Cast, where: str, rung: Rung) -> None:
    """The auditor reads the sealed numbers in the reading room; that they looked is in the log."""
    ref = where.rsplit("/", 1)[1]
    page = cast.auditor.post_page(f"/console/plans/{ref}/reading-room/look/")
    rung.batteries = read_room(page)
    rung.areas = read_areas(page)


def papers(cast: Cast, told: Told, where: str, request: str, out: Path) -> None:
    chapter(f"{4 + len(told.rungs)}. The papers")
    readers = {
        "bundle.zip": (cast.auditor, f"{where}/bundle"),
        "report.pdf": (cast.auditor, f"{where}/report"),
        "receipt.zip": (cast.officer, f"/api/v1/erasure-requests/{request}/receipt"),
        "trust.json": (cast.auditor, "/api/v1/trust"),
    }
    for paper in acts.fetch(readers, out):
        told.papers.append(f"{paper.name}: {paper.stat().st_size:,} bytes")
        say(told.papers[-1])
