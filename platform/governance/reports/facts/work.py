"""The plan's choice, the runs that followed, and the verification battery."""

from typing import Any

from evidence.unproved_families import LANGUAGE
from governance.jobs.models import Attempt, Job, Plan
from governance.jobs.people import published_release
from governance.reports.facts.wording import moment, number, seconds, short
from governance.verification.measurement_words import measurement_words
from governance.verification.method_words import method_short, named
from governance.verification.scope_words import asked_beyond
from governance.verification.statistics import clopper_pearson
from governance.verification.strength_words import strength_words
from governance.verification.witnessing import ENGINE as WITNESS
from unlearning.catalog import with_defaults

Documents = dict[str, Any]
PURPOSES = {"unlearn": "Unlearning", "retrain": "Retraining", "reference": "Retrained reference", "verify": "Attack"}
ROUTES = {
    "certified.delete": "Delete by noisy steps, with a certificate",
    "approximate": "Unlearn without a proof, and let an attack decide",
    "retrain": "Retrain without the records",
}

EXACT_STEPS = {
    "drop": "Drop the adapters that alone learned the records; where the gate stays shut, go on",
    "retrain_adapter": (
        "Train anew the adapters that alone learned the records, without them; where the gate stays shut, go on"
    ),
}
PARAMETERS = {
    "adjacency": "Neighbouring data sets",
    "centres": "Centres of the features",
    "classes": "Classes",
    "contribution_cap": "Rows of a person, at most",
    "eta": "Step size η",
    "lam": "Regularisation λ",
    "n_0": "Rows at the start",
    "norm_bound": "Norm bound of a row",
    "scales": "Scales of the features",
    "sigma": "Noise σ",
    "steps": "Steps",
}
ARMS = {
    "A": "candidate",
    "B": "retrained reference",
    "C": "never-seen people, candidate",
    "D": "never-seen people, retrained reference",
    "E": "unrelated inputs",
    "P": "original",
}


def choice(documents: Documents) -> dict[str, Any]:
    """The route and what both would cost. A plan without a ledger had nothing to compare."""
    plan = documents["plan.json"]
    chosen, inputs = plan["choice"], plan["inputs"]
    unproved = "approximate_cost_s" in chosen
    delete = chosen["approximate_cost_s"] if unproved else chosen.get("delete_cost_s")
    retrain, other = chosen.get("retrain_cost_s"), "approximate" if unproved else "certified.delete"
    bars = [(other, delete, chosen.get("delete_steps")), ("retrain", retrain, inputs.get("steps_learn"))]
    return {
        "route": EXACT_STEPS.get(first_of(plan)) or ROUTES[chosen["route"]],
        "reason": " ".join([named(chosen["reason"]), *climbed(documents)]),
        "rows": inputs["batch_rows"],
        "bars": [bar(route, cost, steps, chosen["route"]) for route, cost, steps in bars],
        "prices": {name.removesuffix("_s"): seconds(price) for name, price in (inputs.get("prices") or {}).items()},
        "next_release_epsilon": number(chosen.get("next_release_epsilon")),
        "compared": delete is not None and retrain is not None,
    }


def first_of(plan: dict[str, Any]) -> str:
    """The method that a ladder begins with; none for other plans, and where retraining is all there is."""
    places = plan["choice"].get("ladder") or []
    return str(plan["inputs"]["ladder"][places[0]]["method"]) if places else ""


def climbed(documents: Documents) -> list[str]:
    """How far a ladder of methods was climbed, from the log; nothing for a plan without one."""
    plan = documents["plan.json"]
    if "ladder" not in plan["inputs"] or not plan["choice"]["ladder"]:
        return []
    bodies = [line["entry"]["body"] for line in documents["log/entries.json"]]
    planned = [method_short(plan["inputs"]["ladder"][place]["method"]) for place in plan["choice"]["ladder"]]
    tried: list[tuple[str, list[str]]] = [(planned[0], [])]
    for body in bodies:
        if "climb" in body:
            name = "retraining" if body["climb"] == "retrain" else planned[min(len(tried), len(planned) - 1)]
            tried.append((name, []))
        elif "verdict" in body and "outcome" in body:
            tried[-1][1].append(str(body["outcome"]))
    # A method that did not end has no verdict, and one that was verified again has two.
    told = [f"{name} ({', then '.join(outcomes)})" if outcomes else name for name, outcomes in tried]
    return [f"Tried, in this order: {', '.join(told)}."]


def bar(route: str, cost: float | None, steps: int | None, chosen: str) -> dict[str, Any]:
    words = "cannot reach the target" if cost is None else seconds(cost)
    return {"route": ROUTES[route], "cost_s": cost, "words": words, "steps": steps, "chosen": route == chosen}


def run(plan: Plan, documents: Documents) -> dict[str, Any]:
    """The job that made the release, with its public parameters, and every attempt at every job."""
    job = candidates_job(plan)
    spec = documents[f"specs/{job.ref}.json"]
    attempts = Attempt.objects.filter(job__plan=plan).select_related("job").order_by("id")
    return {
        "job": job.ref,
        "engine": job.engine,
        "spec": job.spec_digest,
        "params": [[PARAMETERS.get(name, name), parameter(value)] for name, value in sorted(spec["params"].items())],
        "attempts": [attempt_line(attempt) for attempt in attempts],
    }


def candidates_job(plan: Plan) -> Job:
    """The last to draw these weights: an owner's command may give the same bytes again, also for a reference."""
    drawing = (Job.Purpose.UNLEARN, Job.Purpose.RETRAIN)
    made: Job = Job.objects.filter(
        plan=plan, purpose__in=drawing, weights=published_release(plan).checkpoint.object_digest
    ).latest("id")
    return made


def parameter(value: Any) -> str:
    if isinstance(value, dict) and any(isinstance(part, dict | list) for part in value.values()):
        return f"{len(value)} parts, as its specification names them"
    if isinstance(value, list):
        return f"{len(value)} public constants" if len(value) > 4 else ", ".join(map(str, value))
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return f"{value:,}" if isinstance(value, int) else number(value)


def attempt_line(attempt: Attempt) -> dict[str, Any]:
    return {
        "job": short(attempt.job.ref),
        "purpose": PURPOSES.get(attempt.job.purpose, attempt.job.purpose),
        "engine": attempt.job.engine,
        "number": attempt.number,
        "started": moment(attempt.started_at),
        "ended": moment(attempt.ended_at),
        "outcome": outcome(attempt),
    }


def outcome(attempt: Attempt) -> str:
    if attempt.outcome == "succeeded":
        return "recorded"
    ends = {"queued": "ended without a result, tried again", "dead": "given up", "refused": "refused"}
    return f"{ends.get(attempt.outcome, attempt.outcome)} ({attempt.cause})"


def attacks_of(plan: Plan) -> list[Job]:
    """What attacked the candidate; the witness of noise and steps attacks nobody, and stands with the verdict."""
    done = Job.objects.filter(plan=plan, purpose=Job.Purpose.VERIFY, status=Job.Status.SUCCEEDED)
    return list(done.exclude(engine=WITNESS).order_by("id"))


def open_lines(plan: Plan, documents: Documents) -> list[dict[str, Any]]:
    """Every open measurement of the attack on what was released; those on other candidates are in the bundle."""
    return [
        line
        for job in attacks_of(plan)[-1:]
        for line in documents.get(f"measurements/{job.ref}.json", {"measurements": []})["measurements"]
    ]


def battery(plan: Plan, documents: Documents) -> dict[str, Any]:
    """What attacked the candidate and what may be shown of it: the open tier only."""
    attacks = attacks_of(plan)
    # Of the last attack: a plan that climbed has made others, and one job may train them all.
    references = attacks[-1].result["result"]["outputs"].get("references", 0) if attacks and attacks[-1].result else 0
    bodies = [line["entry"]["body"] for line in documents["log/entries.json"]]
    return {
        "engines": sorted({job.engine for job in attacks}),
        "params": documents[f"specs/{attacks[-1].ref}.json"]["params"] if attacks else {},
        "references": references,
        "others": len(attacks[:-1]),
        "asked": asked_of_texts(documents[f"specs/{attacks[-1].ref}.json"]) if attacks else [],
        "sealed": sum(1 for body in bodies if body.get("sealed")),
        "open": [measured(line) for line in open_lines(plan, documents) if not is_drawn(line)],
    }


def asked_of_texts(spec: dict[str, Any]) -> list[str]:
    """What a language model was asked, in words; other attacks name their budgets."""
    if spec["engine"] != LANGUAGE.attacks:
        return []
    params = with_defaults(LANGUAGE.attacks, spec["params"])
    tests = [f"membership.{kind}" for kind in params["membership"]]
    beyond = [words[:1].upper() + words[1:] for words in asked_beyond({"language": params})]
    return [*(measurement_words(name) for name in (*params["text"], *tests, *params["attacks"])), *beyond]


def is_drawn(line: dict[str, Any]) -> bool:
    """Curves and the ends of intervals are no lines of a table."""
    return bool(line["name"].endswith((".roc", ".interval")))


def measured(line: dict[str, Any]) -> dict[str, str]:
    counted = line["trials"] is not None and line["successes"] is not None
    share = ""
    if counted and line["trials"]:
        exact = clopper_pearson(line["successes"], line["trials"], level=0.05)
        rate = 100 * line["successes"] / line["trials"]
        share = f" ({rate:.0f} %, {100 * exact.low:.0f} to {100 * exact.high:.0f})"
    return {
        "name": measurement_words(line["name"]),
        "arm": arm(line["arm"]),
        "budget": "—" if line["budget"] is None else strength_words(line["name"], [line["budget"]]),
        "result": f"{line['successes']} of {line['trials']}{share}" if counted else number(line["value"]),
    }


def arm(name: str | None) -> str:
    letter, _, seed = (name or "—").partition(":")
    words = ARMS.get(letter, letter)
    return f"{words} {int(seed) + 1}" if seed.isdigit() else words
