"""The policy fixed beforehand, the certificate under it, and the verdict."""

from typing import Any

from governance.jobs.models import BudgetCap, Certificate, Plan
from governance.jobs.people import published_release
from governance.lineage.models import TrainedModel
from governance.reports.facts.wording import at_most, guess, moment, number, plural
from governance.verification.reason_words import plain, priced
from governance.verification.showing import useful_to
from unlearning.accounting import GdpBound

Documents = dict[str, Any]
RUNGS = {
    "retrained": "Retrained without the records",
    "unlearned_certified": "Unlearned, with a certificate",
    "unlearned_approximately": "Unlearned, shown by attack only",
    "filtered": "Filtered (interim)",
}
# The rung of retraining, reached by an exact step: by the certificate's part that tells of it.
EXACT_STEPS = {
    "dropped": "As retrained: the adapters that alone had learned the records were dropped",
    "retrained_adapters": "Retrained in part: the adapters that alone had learned the records, anew without them",
}
REGIMES = {"per_record": "for each person alone", "joint": "for the whole batch at once"}


def policy(plan: Plan, documents: Documents) -> dict[str, Any]:
    body = documents["policy.json"]
    rules = body.get("verification", {})
    return {
        "name": f"{plan.policy.name}, version {plan.policy.version}",
        "digest": plan.policy.digest,
        "fixed_at": moment(plan.policy.created_at),
        "claim": [
            ["Number A must be at most", f"ε {number(body['claim']['epsilon'])} at δ {number(body['claim']['delta'])}"],
            ["Counted", REGIMES[body["claim"]["regime"]]],
            [
                "Gate on A, gate on B",
                f"ε {number(body['bounds']['a_epsilon'])}, ε {number(body['bounds']['b_epsilon'])}",
            ],
            ["Tolerated excess of the attack", f"{100 * rules['margin']:g} %"],
            ["Level of the test", f"{100 * rules['level']:g} %, halved with each attempt"],
            ["Useful at least", f"{100 * rules['utility_floor']:g} % right on {useful_to(plan.model.engine)}"],
            ["Destruction within", plural(body["destruction_deadline_days"], "day")],
        ],
    }


def certificate(plan: Plan, documents: Documents) -> dict[str, Any]:
    body, row = (
        documents["certificate.json"],
        Certificate.objects.get(plan=plan, checkpoint=published_release(plan).checkpoint),
    )
    return {
        "rung": next((words for part, words in EXACT_STEPS.items() if part in body), RUNGS[body["rung"]]),
        "attack_decides": body["rung"] == "unlearned_approximately",
        "digest": row.digest,
        "group": body["group"],
        "delta": number(body["delta"]) if body["delta"] is not None else None,
        "a": bound(body["a"]),
        "b": bound(body["b"]),
        "b_before": bound(body["b_before"]),
        **over_all_models(body),
        "cap": cap_line(plan),
        "assumptions": body["assumptions"],
        "limits": body["limits"],
        "ledger": body["ledger"],
        "events": [event_line(event) for event in documents.get("ledger.json", {"events": []})["events"]],
        "unlearned_at": moment(row.unlearned_at),
        "effective_at": moment(row.effective_at),
    }


def over_all_models(body: dict[str, Any]) -> dict[str, Any]:
    """The headline and the lines it counts; a certificate of the first format speaks of its own model only."""
    if "b_all_models" not in body:
        return {"a_all": None, "b_all": None, "others": []}
    return {
        "a_all": bound(body["a_all_models"]),
        "b_all": bound(body["b_all_models"]),
        "others": [other_line(line) for line in body["other_models"]],
    }


def other_line(line: dict[str, Any]) -> dict[str, Any]:
    model = TrainedModel.objects.filter(ref=line["model"]).first()
    state = "nothing of it is published any more" if line["ended"] else "rows still in it"
    return {
        "name": model.name if model else line["model"],
        "ledger": line["ledger"],
        "group": line["group"],
        "state": "rows deleted" if line["batch"] else state,
    }


def cap_line(plan: Plan) -> str | None:
    cap = BudgetCap.objects.filter(model=plan.model).first()
    if cap is None:
        return None
    epsilon = at_most(GdpBound(cap.mu).epsilon(cap.delta))
    return f"ε {epsilon} at δ {number(cap.delta)}, fixed {moment(cap.created_at)}, before the first release"


def bound(found: dict[str, float | None]) -> dict[str, Any]:
    mu = found["mu"]
    return {"mu": mu, "mu_words": at_most(mu), "epsilon": at_most(found["epsilon"]), "guess": guess(mu)}


def event_line(event: dict[str, Any]) -> str:
    """One event of the ledger in words. Unknown ones by their name: a reader must see that there is one."""
    words = {
        "trained": "Trained from scratch, {steps} noisy steps.",
        "released": "Published: everybody may keep a copy.",
        "deleted": "{records} rows left the training set.",
        "steps": "{steps} noisy steps on the rows that are left.",
        "retrained": "Retrained from scratch, {steps} steps on the rows that are left.",
        "draw_discarded": "Attempt {attempt} was thrown away unread ({cause}).",
    }
    name = str(event["event"])
    return words.get(name, name).format(**event)


def verdict(documents: Documents) -> dict[str, Any]:
    body = documents["verdict.json"]
    [*_, reached] = [
        line["entry"] for line in documents["log/entries.json"] if line["entry"]["event"] == "verdict:reached"
    ]
    utility = body.get("utility")
    return {
        "outcome": body["outcome"],
        "kind": body.get("kind"),
        "at": moment(reached["at"]),
        "attempts": reached["body"]["attempts"],
        "records": body.get("records", 0),
        "power": (seen := body.get("power", {}).get("words", "Nothing was tested, so nothing could have been seen.")),
        "reasons": [plain(str(reason)) for reason in body.get("reasons", []) if reason != seen],
        "utility": asked_words(utility) if utility else "not measured",
        "canaries": body.get("canaries"),
        "decides": [priced(words) for words in body.get("decides", [])],
    }


def asked_words(utility: dict[str, Any]) -> str:
    """How many answered rightly, and who was asked: nobody answers a language model's questions about strangers."""
    return f"{utility['successes']} of {utility['trials']} {utility.get('on', 'people in no model')}"
